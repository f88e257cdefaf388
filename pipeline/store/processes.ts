import { sql } from 'kysely';
import type { Db } from './schema.ts';

/** A process of the fleet, as the others see it. */
export interface ProcessRow {
  readonly id: string;
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  /** Age of its last sign of life, ms, by the server's clock. */
  readonly silentMs: number;
}

/** A process without a sign of life for this long counts as gone. */
export const GONE_AFTER_MS = 6_000;

/** Writes a sign of life. */
export async function beat(db: Db, process: Omit<ProcessRow, 'silentMs'>): Promise<void> {
  await sql`
    insert into processes (id, role, host, pid) values (${process.id}, ${process.role}, ${process.host}, ${process.pid})
    on conflict (tenant, id) do update set beat_at = now()`.execute(db);
}

/** Says goodbye. */
export async function leave(db: Db, id: string): Promise<void> {
  await sql`delete from processes where id = ${id}`.execute(db);
}

/** All that are there, the silent ones too, by id. */
export async function listProcesses(db: Db): Promise<ProcessRow[]> {
  const found = await sql<ProcessRow>`
    select id, role, host, pid, (extract(epoch from now() - beat_at) * 1000)::integer as "silentMs"
    from processes order by id`.execute(db);
  return found.rows;
}

/**
 * Strikes off the processes that are gone and ends the leases of the messages that they were sending, so that
 * others take them over. Attempts made by nobody who is listed count as a gone process's too.
 *
 * @returns ids of the gone processes, and how many messages they left behind
 */
export async function buryGone(db: Db): Promise<{ readonly gone: string[]; readonly orphans: number }> {
  const gone = await sql<{ id: string }>`
    delete from processes where beat_at < now() - ${`${GONE_AFTER_MS} milliseconds`}::interval returning id`.execute(
    db,
  );
  const orphans = await sql`
    update messages m set lease_until_ms = 0
    from attempts a
    where m.state = 'sending' and m.lease_until_ms > 0
      and a.tenant = m.tenant and a.message_id = m.id and a.attempt = m.attempts and a.ended_at_ms is null
      and a.opened_by like 'laneway %'
      and not exists (select 1 from processes p where 'laneway ' || p.id = a.opened_by)`.execute(db);
  return { gone: gone.rows.map((row) => row.id), orphans: Number(orphans.numAffectedRows ?? 0) };
}

/**
 * Takes or renews a lease.
 *
 * @param holder who asks
 * @param ttlMs how long it holds from now on, by the server's clock
 * @returns whether `holder` has it now
 */
export async function holdLease(db: Db, name: string, holder: string, ttlMs: number): Promise<boolean> {
  const until = sql`now() + ${`${ttlMs} milliseconds`}::interval`;
  const held = await sql`
    insert into leases as l (name, holder, until_at) values (${name}, ${holder}, ${until})
    on conflict (tenant, name) do update set holder = excluded.holder, until_at = excluded.until_at
      where l.holder = excluded.holder or l.until_at < now()
    returning holder`.execute(db);
  return held.rows.length > 0;
}

/** Gives a lease back, so that the next one need not wait for its end. */
export async function dropLease(db: Db, name: string, holder: string): Promise<void> {
  await sql`delete from leases where name = ${name} and holder = ${holder}`.execute(db);
}
