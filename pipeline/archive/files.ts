import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

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
  return (await DuckDBInstance.create(':memory:')).connect();
}

/**
 * Writes rows to `<dir>/<name>/<label>.parquet`; the file appears whole or not at all. The same label replaces it.
 */
export async function writeArchive(
  connection: DuckDBConnection,
  dir: string,
  name: ArchiveName,
  label: string,
  rows: readonly object[],
): Promise<void> {
  if (rows.length === 0) return;
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [lines, draft, file] = ['jsonl', 'part', 'parquet'].map((ext) => join(folder, `${label}.${ext}`));
  const columns = Object.entries(ARCHIVES[name]);
  try {
    writeFileSync(lines!, `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`, { mode: 0o600 });
    const shape = columns.map(([column, type]) => `${column}: '${type}'`).join(', ');
    await connection.run(
      `copy (select ${columns.map(([column]) => column).join(', ')}
        from read_json(${quoted(lines!)}, format = 'newline_delimited', columns = {${shape}}))
      to ${quoted(draft!)} (format parquet, compression zstd)`,
    );
    renameSync(draft!, file!);
  } finally {
    rmSync(lines!, { force: true });
    rmSync(draft!, { force: true });
  }
}

/**
 * Gives a DuckDB connection the views `archived_messages`, `archived_events` and `archived_attempts` over everything
 * archived in `dir`, with a `timestamp` beside each `*_ms` column. Without archives the views are empty.
 */
export async function attachArchives(connection: DuckDBConnection, dir: string): Promise<void> {
  for (const name of ARCHIVE_NAMES) {
    const folder = join(dir, name);
    const columns = Object.entries(ARCHIVES[name]);
    const from = hasFiles(folder)
      ? `read_parquet(${quoted(join(folder, '*.parquet'))}, union_by_name = true)`
      : `(select ${columns.map(([column, type]) => `null::${type} as ${column}`).join(', ')} where false)`;
    const times = columns
      .filter(([column]) => column.endsWith('_ms'))
      .map(([column]) => `, make_timestamp(${column} * 1000) as ${column.slice(0, -'_ms'.length)}`);
    await connection.run(`create or replace view archived_${name} as select *${times.join('')} from ${from}`);
  }
}

function hasFiles(folder: string): boolean {
  try {
    return readdirSync(folder).some((file) => file.endsWith('.parquet'));
  } catch {
    return false;
  }
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
    await connection.run(
      `set allowed_directories = [${quoted(`${dir}/`)}]; set enable_external_access = false; set lock_configuration = true`,
    );
    const result = await connection.runAndReadAll(sql);
    return result
      .getRowObjectsJS()
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [
            name,
            typeof value === 'bigint' ? Number(value) : value,
          ]),
        ),
      );
  } finally {
    connection.closeSync();
  }
}
