import { type Kysely, type Migration, Migrator, sql } from 'kysely';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import * as first from './migrations/0001-first.ts';
import * as feedback from './migrations/0002-feedback.ts';
import * as caps from './migrations/0003-caps.ts';
import * as facts from './migrations/0010-facts.ts';
import * as contacts from './migrations/0015-contacts.ts';
import * as audit from './migrations/0020-audit.ts';
import * as rules from './migrations/0021-rules.ts';
import * as leanIndexes from './migrations/0030-lean-indexes.ts';
import * as lanesDeadLetters from './migrations/0031-lanes-dead-letters.ts';
import * as keyExpiry from './migrations/0032-key-expiry.ts';
import * as processes from './migrations/0050-processes.ts';
import * as volumes from './migrations/0051-volumes.ts';
import * as heldNews from './migrations/0300-held-news.ts';
import * as auditView from './migrations/0301-audit-view.ts';
import * as sealDictionaries from './migrations/0320-seal-dictionaries.ts';
import * as leanEvents from './migrations/0321-lean-events.ts';
import * as largeBodies from './migrations/0340-large-bodies.ts';
import type { Database } from './schema.ts';

/** In order, forward only: a released migration is never edited, the next one corrects it. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first': first,
  '0002-feedback': feedback,
  '0003-caps': caps,
  '0010-facts': facts,
  '0015-contacts': contacts,
  '0020-audit': audit,
  '0021-rules': rules,
  '0030-lean-indexes': leanIndexes,
  '0031-lanes-dead-letters': lanesDeadLetters,
  '0032-key-expiry': keyExpiry,
  '0050-processes': processes,
  '0051-volumes': volumes,
  '0300-held-news': heldNews,
  '0301-audit-view': auditView,
  '0320-seal-dictionaries': sealDictionaries,
  '0321-lean-events': leanEvents,
  '0340-large-bodies': largeBodies,
};

const TABLE = 'laneway_migrations';

async function applied(db: Kysely<Database>): Promise<string[]> {
  const there = await sql<{ name: string | null }>`select to_regclass(${TABLE})::text as name`.execute(db);
  if (!there.rows[0]?.name) return [];
  const rows = await sql<{ name: string }>`select name from ${sql.table(TABLE)} order by name`.execute(db);
  return rows.rows.map((row) => row.name);
}

/**
 * Brings the schema up to date, each migration in its own place exactly once, whoever else starts at the
 * same moment.
 *
 * @throws LanewayError `STORE_SCHEMA_NEWER` when the store was written by a newer Laneway;
 *   `STORE_MIGRATION_FAILED` when a migration fails (nothing of it remains)
 */
export async function migrate(
  db: Kysely<Database>,
  migrations: Readonly<Record<string, Migration>> = MIGRATIONS,
): Promise<void> {
  const unknown = (await applied(db)).filter((name) => !(name in migrations));
  if (unknown.length > 0) {
    throw new LanewayError(
      'STORE_SCHEMA_NEWER',
      `the store has schema changes that this version does not know: ${unknown.join(', ')}`,
      { fix: 'Start the newer Laneway that wrote this store, or restore a backup from before the upgrade.' },
    );
  }
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: TABLE,
    migrationLockTableName: `${TABLE}_lock`,
    // Numbers are given out in ranges: one that comes later may stand before one that is applied.
    allowUnorderedMigrations: true,
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  throw new LanewayError('STORE_MIGRATION_FAILED', `the store could not be migrated: ${messageOf(error)}`, {
    cause: error,
    fix: 'Nothing was changed. Free disk space or check the rights of the database user, then start again.',
  });
}
