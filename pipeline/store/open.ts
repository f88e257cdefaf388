import { existsSync, mkdirSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient, sql } from 'kysely';
import pg from 'pg';
import { type Clock, systemClock } from '../../models/base/clock.ts';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { lockFolder } from '../services/folder-lock.ts';
import { createPriorityGate, type Priority } from './gate.ts';
import { migrate } from './migrate.ts';
import { createStatementNames } from './named.ts';
import { PgliteStream } from './pglite-stream.ts';
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
      /** Names this process to the server and to the others, at most 55 characters; default: unnamed. */
      readonly processId?: string;
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

/**
 * A plan is made for the sizes of that moment, and the tables of the embedded database grow from nothing to millions
 * without an autovacuum that would say so.
 */
const REPLAN_AFTER_MS = 3_000;
/** Statements of several parts take its WebAssembly 3 to 5 ms to plan, 0.3 to run: they are planned once. */
const PGLITE_SESSION =
  "set plan_cache_mode = force_generic_plan; set random_page_cost = 1; set work_mem = '32MB'";

async function openPglite(dir: string, clock: Clock): Promise<Store> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const lock = lockFolder(dir, clock);
  const dataDir = join(dir, 'data');
  let stream: PgliteStream;
  try {
    stream = await PgliteStream.open(dataDir);
  } catch (error) {
    lock.release();
    throw openFailed(existsSync(dataDir) ? dataDir : dir, error);
  }
  const client = new pg.Client({
    ...DRIVER,
    stream: () => stream as unknown as Socket,
    user: 'postgres',
    database: 'postgres',
  });
  // A thread that is gone shows in every statement; unheard, the event would end the process.
  client.on('error', () => undefined);
  await client.connect();
  await client.query(PGLITE_SESSION);
  const gate = createPriorityGate();
  const nameOf = createStatementNames();
  let plannedAtMs = clock();

  /** One connection for both handles: the statements of one transaction stay together, urgent work goes first. */
  const pool = (priority: Priority): PostgresPool => ({
    async connect() {
      await gate.acquire(priority);
      if (clock() - plannedAtMs >= REPLAN_AFTER_MS) {
        plannedAtMs = clock();
        await client.query('discard plans');
      }
      return { query: queryNamed(client, nameOf), release: () => gate.release() };
    },
    // The client belongs to the store: both handles share it.
    async end() {},
  });
  const urgent = new Kysely<Database>({ dialect: new PostgresDialect({ pool: pool('urgent') }) });
  const bulk = new Kysely<Database>({ dialect: new PostgresDialect({ pool: pool('bulk') }) });
  let closing: Promise<void> | undefined;
  async function close(): Promise<void> {
    await gate.acquire('bulk');
    try {
      await stream.close();
    } finally {
      gate.release();
      lock.release();
    }
  }
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
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** 64-bit integers as numbers: ours are counts and milliseconds, far below 2^53. */
const INT8_OID = 20;
const DRIVER = {
  types: {
    getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
      oid === INT8_OID
        ? (text: string) => Number(text)
        : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
  },
} as const;

interface Queryable {
  query(config: { name?: string; text: string; values?: unknown[] }): Promise<pg.QueryResult>;
}

/** Runs statements by name, so that the server parses and plans each once a connection. */
function queryNamed(client: Queryable, nameOf: (text: string) => string | undefined) {
  return (async (text: string, values: readonly unknown[] = []) => {
    const name = values.length === 0 ? undefined : nameOf(text);
    return client.query({ ...(name === undefined ? {} : { name }), text, values: [...values] });
  }) as unknown as PostgresPoolClient['query'];
}

function openServer(config: Extract<StoreConfig, { kind: 'postgres' }>): Store {
  const nameOf = createStatementNames();
  const pool = (max: number): PostgresPool => {
    const made = new pg.Pool({
      ...DRIVER,
      connectionString: config.url,
      max,
      connectionTimeoutMillis: 10_000,
      application_name: config.processId === undefined ? 'laneway' : `laneway ${config.processId}`,
    });
    // An idle connection that the server drops is replaced at the next query; unheard, it would end the process.
    made.on('error', () => undefined);
    // So would one that breaks while it is lent out: its query fails, and that is heard.
    made.on('connect', (client) => client.on('error', () => undefined));
    return {
      async connect() {
        const client = await made.connect();
        return { query: queryNamed(client, nameOf), release: () => client.release() };
      },
      end: () => made.end(),
    };
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
