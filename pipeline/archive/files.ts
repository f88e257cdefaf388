import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * What is kept of messages after their time in the store: how each was treated and what came of it. No body, no
 * address, no metadata: an archive is nobody's mailbox.
 */
export const ARCHIVES = {
  messages: {
    tenant: 'VARCHAR',
    id: 'VARCHAR',
    seq: 'BIGINT',
    state: 'VARCHAR',
    lane: 'VARCHAR',
    channel: 'VARCHAR',
    sender: 'VARCHAR',
    claim: 'VARCHAR',
    reason: 'VARCHAR',
    attempts: 'INTEGER',
    accepted_at_ms: 'BIGINT',
    send_at_ms: 'BIGINT',
    expires_at_ms: 'BIGINT',
    sent_at_ms: 'BIGINT',
    updated_at_ms: 'BIGINT',
  },
  events: {
    tenant: 'VARCHAR',
    seq: 'BIGINT',
    message_id: 'VARCHAR',
    type: 'VARCHAR',
    at_ms: 'BIGINT',
    data: 'VARCHAR',
  },
  attempts: {
    tenant: 'VARCHAR',
    message_id: 'VARCHAR',
    attempt: 'INTEGER',
    provider: 'VARCHAR',
    provider_key: 'VARCHAR',
    started_at_ms: 'BIGINT',
    ended_at_ms: 'BIGINT',
    outcome: 'VARCHAR',
    provider_ref: 'VARCHAR',
    error_code: 'VARCHAR',
  },
} as const satisfies Record<string, Record<string, string>>;

export type ArchiveName = keyof typeof ARCHIVES;
export const ARCHIVE_NAMES = Object.keys(ARCHIVES) as ArchiveName[];

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Connects to a DuckDB of its own, in memory. */
export async function openDuckDb(): Promise<DuckDBConnection> {
  // Loaded when an archive is written or asked, hours after a start.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  return (await DuckDBInstance.create(':memory:')).connect();
}

/**
 * Writes rows to `<dir>/<name>/<tenant>/<label>.parquet`, one file a tenant; each appears whole or not at all. The same
 * label replaces it.
 */
export async function writeArchive(
  connection: DuckDBConnection,
  dir: string,
  name: ArchiveName,
  label: string,
  rows: readonly { readonly tenant: string }[],
): Promise<void> {
  for (const tenant of new Set(rows.map((row) => row.tenant))) {
    const mine = rows.filter((row) => row.tenant === tenant);
    await writeFile(connection, join(dir, name, tenant), name, label, mine);
  }
}

async function writeFile(
  connection: DuckDBConnection,
  folder: string,
  name: ArchiveName,
  label: string,
  rows: readonly object[],
): Promise<void> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [lines, draft, file] = ['jsonl', 'part', 'parquet'].map((ext) => join(folder, `${label}.${ext}`));
  try {
    writeFileSync(lines!, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`, { mode: 0o600 });
    await connection.run(
      `copy (${readLines(lines!, ARCHIVES[name])}) to ${quoted(draft!)} (format parquet, compression zstd)`,
    );
    renameSync(draft!, file!);
  } finally {
    rmSync(lines!, { force: true });
    rmSync(draft!, { force: true });
  }
}

/** A select of JSON lines in a file, by column and type. */
export function readLines(file: string, columns: Readonly<Record<string, string>>): string {
  const named = Object.entries(columns).map(([column, type]) => [`"${column}"`, type] as const);
  const shape = named.map(([column, type]) => `${column}: '${type}'`).join(', ');
  return `select ${named.map(([column]) => column).join(', ')}
    from read_json(${quoted(file)}, format = 'newline_delimited', columns = {${shape}})`;
}

/**
 * Gives a DuckDB connection the views `archived_messages`, `archived_events` and `archived_attempts` over everything
 * archived in `dir`, with a `timestamp` beside each `*_ms` column. Without archives the views are empty.
 *
 * @param tenant only this one's; default: everybody's
 */
export async function attachArchives(
  connection: DuckDBConnection,
  dir: string,
  tenant?: string,
): Promise<void> {
  for (const name of ARCHIVE_NAMES) {
    const folder = join(dir, name);
    const columns = Object.entries(ARCHIVES[name]);
    const from = hasFiles(folder, tenant)
      ? `read_parquet(${quoted(join(folder, tenant ?? '*', '*.parquet'))}, union_by_name = true)`
      : `(select ${columns.map(([column, type]) => `null::${type} as ${column}`).join(', ')} where false)`;
    const times = columns
      .filter(([column]) => column.endsWith('_ms'))
      .map(([column]) => `, make_timestamp(${column} * 1000) as ${column.slice(0, -'_ms'.length)}`);
    await connection.run(`create or replace view archived_${name} as select *${times.join('')} from ${from}`);
  }
}

function hasFiles(folder: string, tenant: string | undefined): boolean {
  try {
    const tenants = tenant === undefined ? readdirSync(folder) : [tenant];
    return tenants.some((one) => readdirSync(join(folder, one)).some((file) => file.endsWith('.parquet')));
  } catch {
    return false;
  }
}

/** From here on the connection's SQL may read the archives, of one tenant or of all, and nothing else of the machine. */
export async function confine(connection: DuckDBConnection, dir: string, tenant?: string): Promise<void> {
  const folders =
    tenant === undefined ? [`${dir}/`] : ARCHIVE_NAMES.map((name) => `${join(dir, name, tenant)}/`);
  await connection.run(
    `set allowed_directories = [${folders.map(quoted).join(', ')}]; set enable_external_access = false; set lock_configuration = true`,
  );
}

/** Rows of an answer as plain objects; 64-bit integers as numbers. */
export async function rowsOf(connection: DuckDBConnection, sql: string): Promise<Record<string, unknown>[]> {
  const result = await connection.runAndReadAll(sql);
  const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
  return result
    .getRowObjectsJS()
    .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])));
}

/**
 * Answers one question over the archives in `dir`. Its SQL may read those files and nothing else of the machine.
 *
 * @returns rows as objects; 64-bit integers as numbers
 */
export async function queryArchives(dir: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await openDuckDb();
  try {
    await attachArchives(connection, dir);
    await confine(connection, dir);
    return await rowsOf(connection, sql);
  } finally {
    connection.closeSync();
  }
}
