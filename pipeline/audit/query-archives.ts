import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { attachArchives, confine, openDuckDb, readLines, rowsOf } from '../archive/files.ts';
import type { Store } from '../store/open.ts';
import { answerOf, asksTrail, checkQuery, MOST_MS, MOST_ROWS, type QueryAnswer, readTrail } from './query.ts';

/** Entries of the trail that one question may hold against the archives. */
const MOST_JOINED = 200_000;

/** Columns of the view `audit`, as DuckDB knows them. */
const TRAIL = {
  at: 'TIMESTAMPTZ',
  kind: 'VARCHAR',
  subject: 'VARCHAR',
  seq: 'INTEGER',
  recipient: 'VARCHAR',
  outcome: 'VARCHAR',
  channel: 'VARCHAR',
  lane: 'VARCHAR',
  class: 'VARCHAR',
  country: 'VARCHAR',
  place: 'VARCHAR',
  ruleset: 'VARCHAR',
  rules: 'VARCHAR',
} as const;

/**
 * Answers a question that names `archived_messages`, `archived_events` or `archived_attempts`, alone or beside `audit`:
 * what retention took out of the store is asked as if it were still there. It sees one tenant's files and no others.
 *
 * @throws LanewayError `AUDIT_QUERY_REFUSED`, `AUDIT_QUERY_FAILED`
 */
export async function queryWithArchives(
  store: Pick<Store, 'bulk'>,
  dir: string,
  tenant: string,
  text: string,
): Promise<QueryAnswer> {
  const query = checkQuery(text);
  const connection = await openDuckDb();
  let late: NodeJS.Timeout | undefined;
  try {
    await connection.run(`set threads = 1; set memory_limit = '512MB'; set timezone = 'UTC'`);
    await attachArchives(connection, dir, tenant);
    if (asksTrail(query)) await attachTrail(connection, store, tenant);
    await confine(connection, dir, tenant);
    // From here: the trail has a limit of its own, and what is interrupted between two statements goes on for ever.
    late = setTimeout(() => connection.interrupt(), MOST_MS);
    const whole = `select * from (${forDuckDb(query)}\n) as answer limit ${MOST_ROWS + 1}`;
    return answerOf(await rowsOf(connection, whole));
  } catch (error) {
    if (error instanceof LanewayError) throw error;
    throw new LanewayError('AUDIT_QUERY_FAILED', `the archives could not answer: ${messageOf(error)}`, {
      fix: 'Columns of archived_messages: id, state, lane, channel, sender, claim, reason, attempts, accepted_at, updated_at; see docs/pipeline.md.',
    });
  } finally {
    clearTimeout(late);
    connection.closeSync();
  }
}

/** The trail's column `at` is a word of DuckDB's own. What stands in quotes stays as it is. */
const forDuckDb = (query: string): string =>
  query.replace(/'(?:[^']|'')*'|\bat\b(?!\s+time\b)/gi, (part) => (part.startsWith("'") ? part : '"at"'));

/** The tenant's trail as a table `audit` of the connection. */
async function attachTrail(
  connection: DuckDBConnection,
  store: Pick<Store, 'bulk'>,
  tenant: string,
): Promise<void> {
  const columns = Object.keys(TRAIL).join(', ');
  const entries = await readTrail(store, tenant, `select ${columns} from audit`, MOST_JOINED + 1);
  if (entries.length > MOST_JOINED) {
    throw new LanewayError(
      'AUDIT_QUERY_REFUSED',
      `the query is refused: the trail has more than ${MOST_JOINED} entries, too many to hold against the archives`,
      { fix: 'Ask the archives alone, then the trail by subject.' },
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'laneway-query-'));
  try {
    const file = join(folder, 'trail.jsonl');
    const lines = entries.map((entry) => JSON.stringify(entry));
    writeFileSync(file, lines.join('\n'), { mode: 0o600 });
    await connection.run(`create table audit as ${readLines(file, TRAIL)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
