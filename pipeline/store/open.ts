import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { type Clock, systemClock } from '../../models/base/clock.ts';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { lockFolder } from '../services/folder-lock.ts';
import { createPriorityGate } from './gate.ts';
import { migrate } from './migrate.ts';
import { pgliteDialect } from './pglite-dialect.ts';
import { createPreparedStatements } from './prepared.ts';
import type { Database } from './schema.ts';

/**
 * The system of record. Both handles see the same data; what goes through `urgent` is served before what
 * waits on `bulk`.
 *
 * Durability: what is committed survives `kill -9` of the process on both kinds. On `pglite` a power cut or a
 * kernel crash may lose or damage what the kernel had not yet written (PGlite's file layer has no fsync); a
 * PostgreSQL server with its default settings loses nothing.
 */
export interface Store {
  readonly kind: 'pglite' | 'postgres';
  /** True when no other process can be writing: leases of a dead predecessor may be voided at once. */
  readonly exclusive: boolean;
  readonly urgent: Kysely<Database>;
  readonly bulk: Kysely<Database>;
  /** Answers, or throws what is wrong. */
  ping(): Promise<void>;
  /** Reclaims space of old row versions where no autovacuum does it. */
  vacuum(): Promise<void>;
  close(): Promise<void>;
}

export type StoreConfig =
  | {
      readonly kind: 'pglite';
      /** Folder of the embedded database; made when missing. */
      readonly dir: string;
    }
  | {
      readonly kind: 'postgres';
      /** `postgres://user:password@host:port/database` */
      readonly url: string;
      /** Connections for bulk work; urgent work has as many of its own. 1 to 100, default 4. */
      readonly poolSize?: number;
    };

/**
 * Opens the store, alone in its folder if embedded, and brings its schema up to date.
 *
 * @throws LanewayError `FOLDER_IN_USE`, `STORE_OPEN_FAILED`, `STORE_SCHEMA_NEWER`, `STORE_MIGRATION_FAILED`
 */
export async function openStore(config: StoreConfig, clock: Clock = systemClock): Promise<Store> {
  const store = config.kind === 'pglite' ? await openPglite(config.dir, clock) : openServer(config);
  try {
    await store.ping();
    await migrate(store.urgent);
    return store;
  } catch (error) {
    await store.close().catch(() => undefined);
    if (error instanceof LanewayError) throw error;
    throw openFailed(config.kind === 'pglite' ? config.dir : 'DATABASE_URL', error);
  }
}

function openFailed(where: string, error: unknown): LanewayError {
  return new LanewayError('STORE_OPEN_FAILED', `the store cannot be opened: ${messageOf(error)}`, {
    where,
    cause: error,
    fix:
      where === 'DATABASE_URL'
        ? 'Check that the server runs, and the user, password and database name in DATABASE_URL.'
        : 'Check free disk space and rights of the folder; a copy of it may be opened for inspection.',
  });
}

async function openPglite(dir: string, clock: Clock): Promise<Store> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dir, clock);
  const dataDir = join(dir, 'data');
  let client: PGlite;
  try {
    client = await PGlite.create({ dataDir });
  } catch (error) {
    lock.release();
    throw openFailed(existsSync(dataDir) ? dataDir : dir, error);
  }
  const gate = createPriorityGate();
  const statements = createPreparedStatements(client, clock);
  const urgent = new Kysely<Database>({ dialect: pgliteDialect(statements, gate, 'urgent') });
  const bulk = new Kysely<Database>({ dialect: pgliteDialect(statements, gate, 'bulk') });
  return {
    kind: 'pglite',
    exclusive: true,
    urgent,
    bulk,
    async ping() {
      await sql`select 1`.execute(urgent);
    },
    async vacuum() {
      for (const table of ['messages', 'attempts', 'idempotency_keys', 'dead_letters']) {
        await sql`vacuum (analyze) ${sql.table(table)}`.execute(bulk);
      }
    },
    async close() {
      await gate.acquire('bulk');
      try {
        if (!client.closed) await client.close();
      } finally {
        gate.release();
        lock.release();
      }
    },
  };
}

/** 64-bit integers as numbers: ours are counts and milliseconds, far below 2^53. */
const INT8_OID = 20;

function openServer(config: Extract<StoreConfig, { kind: 'postgres' }>): Store {
  const pool = (max: number): pg.Pool => {
    const made = new pg.Pool({
      connectionString: config.url,
      max,
      connectionTimeoutMillis: 10_000,
      application_name: 'laneway',
      types: {
        getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
          oid === INT8_OID
            ? (text: string) => Number(text)
            : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
      },
    });
    // An idle connection that the server drops is replaced at the next query; unheard, it would end the process.
    made.on('error', () => undefined);
    return made;
  };
  let closing: Promise<unknown> | undefined;
  const size = config.poolSize ?? 4;
  const urgent = new Kysely<Database>({ dialect: new PostgresDialect({ pool: pool(size) }) });
  const bulk = new Kysely<Database>({ dialect: new PostgresDialect({ pool: pool(size) }) });
  return {
    kind: 'postgres',
    exclusive: false,
    urgent,
    bulk,
    async ping() {
      await sql`select 1`.execute(urgent);
    },
    // A server has its own autovacuum.
    async vacuum() {},
    async close() {
      closing ??= Promise.all([urgent.destroy(), bulk.destroy()]);
      await closing;
    },
  };
}
