import { type RawBuilder, sql } from 'kysely';
import { ENTRY_COLUMNS, GENESIS } from './entry.ts';

/**
 * Chains of this process. Whoever appends takes one for the length of a transaction, so each chain is a line though
 * many append at once; there are as many as ever appended at one time, and nobody waits for another.
 */
export interface Writers {
  /** Runs work with a chain that nobody else has; a chain whose work failed is not used again. */
  with<T>(work: (writer: string) => Promise<T>): Promise<T>;
}

/** @param newId makes names of chains that no other process has */
export function createWriters(newId: () => string): Writers {
  const free: string[] = [];
  return {
    async with(work) {
      const writer = free.pop() ?? newId();
      const result = await work(writer);
      free.push(writer);
      return result;
    },
  };
}

/** Columns that {@link appendFrom} reads: those of an entry, its content, its hash and its order. */
export const APPEND_COLUMNS = { ord: 'integer', ...ENTRY_COLUMNS, body: 'text', entry_hash: 'text' } as const;

const NAMES = sql.raw(Object.keys(ENTRY_COLUMNS).join(', '));

/**
 * Common table expressions that append the rows of `source` (see {@link APPEND_COLUMNS}) to a writer's chain as one
 * block, in the statement that they are part of; without rows there is no block. The hash is `blockHash`.
 *
 * @param source a query or the name of an expression before
 */
export function appendFrom(writer: string, source: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
  logged as materialized (select row_number() over (order by s.ord)::integer as place_in, s.* from ${source} s),
  head as (select block, hash from audit_blocks where writer = ${writer}::text order by block desc limit 1),
  link as materialized (
    select coalesce((select block from head), 0) + 1 as block, coalesce((select hash from head), ${GENESIS}::text) as prev,
      max(at_ms) as at_ms, count(*)::integer as entries, string_agg(entry_hash, '|' order by place_in) as hashes
    from logged having count(*) > 0
  ),
  linked as (
    insert into audit_blocks (writer, block, at_ms, entries, prev_hash, hash)
    select ${writer}::text, block, at_ms, entries, prev,
      encode(sha256(convert_to(concat_ws('|', ${writer}::text, block, at_ms, entries, prev, hashes), 'UTF8')), 'hex')
    from link
  ),
  entered as (
    insert into audit_entries (writer, block, ord, ${NAMES}, body, entry_hash)
    select ${writer}::text, link.block, place_in, ${sql.raw(
      Object.keys(ENTRY_COLUMNS)
        .map((name) => `logged.${name}`)
        .join(', '),
    )}, body, entry_hash
    from logged, link order by place_in
  )`;
}
