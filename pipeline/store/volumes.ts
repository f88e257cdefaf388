import { sql } from 'kysely';
import type { Db } from './schema.ts';

/** Four months and more: what returns with the days of the month is believed at the third time. */
const KEPT_MINUTES = 130 * 1_440;
/** Counting goes no further: a backlog is a backlog. */
const MOST_COUNTED = 20_000;

/** Messages ever accepted, from the counter that numbers them: no row is read. Gaps of failed commits count too. */
export async function acceptedEver(db: Db): Promise<number> {
  const found = await sql<{ n: number | null }>`
    select pg_sequence_last_value(pg_get_serial_sequence('messages', 'seq')::regclass)::bigint as n`.execute(
    db,
  );
  return Number(found.rows[0]?.n ?? 0);
}

/** Open messages that a worker could take now, at most 20,000 counted, and when the one left alone longest last moved. */
export async function backlog(
  db: Db,
): Promise<{ readonly waiting: number; readonly sinceMs: number | undefined }> {
  const found = await sql<{ n: number; since: number | null }>`
    select count(*)::integer as n, min(updated_at_ms)::bigint as since from (
      select updated_at_ms from messages where state in ('accepted', 'queued') order by updated_at_ms limit ${MOST_COUNTED}
    ) as open`.execute(db);
  const { n = 0, since = null } = found.rows[0] ?? {};
  return { waiting: n, sinceMs: since === null ? undefined : Number(since) };
}

/** Messages that fall due in each of the next minutes: what the store knows of the coming hour. */
export async function dueByMinute(db: Db, fromMs: number, minutes: number): Promise<Map<number, number>> {
  const found = await sql<{ minute: number; n: number }>`
    select (due_at_ms / 60000)::bigint as minute, count(*)::integer as n from messages
    where state in ('scheduled', 'deferred') and due_at_ms >= ${fromMs} and due_at_ms < ${fromMs + minutes * 60_000}
    group by 1`.execute(db);
  return new Map(found.rows.map(({ minute, n }) => [Number(minute), n]));
}

/** Writes one minute's volume down and forgets those of long ago. */
export async function saveVolume(db: Db, minute: number, accepted: number): Promise<void> {
  await sql`
    insert into traffic_volumes (minute, accepted) values (${minute}, ${accepted})
    on conflict (tenant, minute) do nothing`.execute(db);
  if (minute % 1_440 === 0)
    await sql`delete from traffic_volumes where minute < ${minute - KEPT_MINUTES}`.execute(db);
}

/** Minutes with their volumes, oldest first. */
export async function loadVolumes(
  db: Db,
): Promise<Array<{ readonly minute: number; readonly accepted: number }>> {
  const found = await sql<{ minute: number; accepted: number }>`
    select minute, accepted from traffic_volumes order by minute`.execute(db);
  return found.rows.map((row) => ({ minute: Number(row.minute), accepted: Number(row.accepted) }));
}
