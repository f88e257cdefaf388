import { type Selectable, sql } from 'kysely';
import type { Db, DeadLettersTable } from './schema.ts';

export type DeadLetter = Selectable<DeadLettersTable>;

/** Dead letters that are neither redriven nor discarded, newest first. */
export async function listDeadLetters(
  db: Db,
  tenant: string,
  options: { readonly limit?: number; readonly code?: string } = {},
): Promise<DeadLetter[]> {
  let query = db
    .selectFrom('dead_letters')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('redriven_at_ms', 'is', null)
    .where('discarded_at_ms', 'is', null);
  if (options.code !== undefined) query = query.where('code', '=', options.code);
  return query
    .orderBy('at_ms', 'desc')
    .orderBy('message_id')
    .limit(options.limit ?? 100)
    .execute();
}

/**
 * Sends failed messages through the pipeline once more, from classification on, with fresh attempts.
 *
 * @returns ids of those that were dead and are accepted again
 */
export async function redrive(
  db: Db,
  tenant: string,
  ids: readonly string[],
  nowMs: number,
): Promise<string[]> {
  if (ids.length === 0) return [];
  const list = JSON.stringify(ids);
  const revived = await sql<{ id: string }>`
    with x as (select value as id from json_array_elements_text(${list}::json)),
    risen as (
      update messages m set state = 'accepted', version = m.version + 1, reason = null, updated_at_ms = ${nowMs}::bigint
      from x where m.tenant = ${tenant} and m.id = x.id and m.state = 'failed'
      returning m.id
    ),
    marked as (
      update dead_letters d set redriven_at_ms = ${nowMs}::bigint from risen
      where d.tenant = ${tenant} and d.message_id = risen.id and d.redriven_at_ms is null
    ),
    told as (
      insert into events (tenant, message_id, type, at_ms, data)
      select ${tenant}, id, 'redriven', ${nowMs}::bigint, null from risen
    )
    select id from risen`.execute(db);
  return revived.rows.map((row) => row.id);
}

/** Takes dead letters off the list for good; the message stays `failed`. */
export async function discard(
  db: Db,
  tenant: string,
  ids: readonly string[],
  reason: string,
  nowMs: number,
): Promise<number> {
  if (ids.length === 0) return 0;
  const done = await db
    .updateTable('dead_letters')
    .set({ discarded_at_ms: nowMs, discard_reason: reason })
    .where('tenant', '=', tenant)
    .where('message_id', 'in', [...ids])
    .where('redriven_at_ms', 'is', null)
    .where('discarded_at_ms', 'is', null)
    .executeTakeFirst();
  return Number(done.numUpdatedRows);
}
