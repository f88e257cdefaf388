import { sql } from 'kysely';
import type { MessageRef } from './messages.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

/** Notes that work on these messages ended without an end. @returns how often that has happened to each, by `tenant/id` */
export async function countStall(
  db: Db,
  refs: readonly MessageRef[],
  nowMs: number,
): Promise<ReadonlyMap<string, number>> {
  if (refs.length === 0) return new Map();
  const rows = refs.map(({ tenant, id }) => ({ tenant, id }));
  const counted = await sql<{ tenant: string; message_id: string; stalls: number }>`
    insert into suspects as s (tenant, message_id, stalls, at_ms)
    select distinct m.tenant, m.id, 1, ${nowMs}::bigint
    from ${recordset({ tenant: 'text', id: 'text' }, rows)}
    join messages m on m.tenant = x.tenant and m.id = x.id
      and m.state in ('accepted', 'queued', 'waiting', 'sending')
    on conflict (tenant, message_id) do update set stalls = s.stalls + 1, at_ms = excluded.at_ms
    returning tenant, message_id, stalls`.execute(db);
  return new Map(counted.rows.map((row) => [`${row.tenant}/${row.message_id}`, row.stalls]));
}

/** Forgets stalls that are long past. */
export async function forgetStalls(db: Db, beforeMs: number): Promise<void> {
  await db.deleteFrom('suspects').where('at_ms', '<', beforeMs).execute();
}
