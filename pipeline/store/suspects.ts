import { sql } from 'kysely';
import type { MessageRef } from './messages.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

const REF = { tenant: 'text', id: 'text' } as const;
const plain = (refs: readonly MessageRef[]): object[] => refs.map(({ tenant, id }) => ({ tenant, id }));

/** Notes that work on suspects begins. @returns how often it has begun without an end, by `tenant/id` */
export async function beginSuspects(
  db: Db,
  refs: readonly MessageRef[],
  nowMs: number,
): Promise<ReadonlyMap<string, number>> {
  const counted = await sql<{ tenant: string; message_id: string; stalls: number }>`
    insert into suspects as s (tenant, message_id, stalls, at_ms)
    select distinct m.tenant, m.id, 1, ${nowMs}::bigint
    from ${recordset(REF, plain(refs))}
    join messages m on m.tenant = x.tenant and m.id = x.id
      and m.state in ('accepted', 'queued', 'waiting', 'sending')
    on conflict (tenant, message_id) do update set stalls = s.stalls + 1, at_ms = excluded.at_ms
    returning tenant, message_id, stalls`.execute(db);
  return new Map(counted.rows.map((row) => [`${row.tenant}/${row.message_id}`, row.stalls]));
}

/** Work on them came to an end: they are suspected no longer. */
export async function endSuspects(db: Db, refs: readonly MessageRef[]): Promise<void> {
  await sql`delete from suspects s using ${recordset(REF, plain(refs))}
    where s.tenant = x.tenant and s.message_id = x.id`.execute(db);
}
