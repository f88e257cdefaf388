import { type RawBuilder, type Selectable, sql } from 'kysely';
import type { Db, DeadLettersTable, Lane } from './schema.ts';

export type DeadLetter = Selectable<DeadLettersTable>;

/** Which dead letters; what is left out does not matter. */
export interface DeadLetterFilter {
  readonly ids?: readonly string[];
  readonly code?: string;
  readonly lane?: Lane;
  /** Who was called last. */
  readonly provider?: string;
  /** Attempts used up (true), or refused for good (false). */
  readonly transient?: boolean;
  /** Died at or after, epoch ms. */
  readonly sinceMs?: number;
  /** Died before, epoch ms. */
  readonly beforeMs?: number;
}

/** An inspector that takes letters and never decides on them does not take them for ever. */
export const MAX_RECEIVES = 1_000;
export const MAX_VISIBILITY_MS = 12 * 3_600_000;

/** Condition on `dead_letters d`: neither redriven nor discarded, and as the filter says. */
function standing(tenant: string, filter: DeadLetterFilter): RawBuilder<unknown> {
  const parts = [
    sql`d.tenant = ${tenant} and d.redriven_at_ms is null and d.discarded_at_ms is null`,
    ...(filter.ids === undefined
      ? []
      : [sql`d.message_id in (select json_array_elements_text(${JSON.stringify(filter.ids)}::json))`]),
    ...(filter.code === undefined ? [] : [sql`d.code = ${filter.code}`]),
    ...(filter.lane === undefined ? [] : [sql`d.lane = ${filter.lane}`]),
    ...(filter.provider === undefined ? [] : [sql`d.provider = ${filter.provider}`]),
    ...(filter.transient === undefined ? [] : [sql`d.transient = ${filter.transient}`]),
    ...(filter.sinceMs === undefined ? [] : [sql`d.at_ms >= ${filter.sinceMs}`]),
    ...(filter.beforeMs === undefined ? [] : [sql`d.at_ms < ${filter.beforeMs}`]),
  ];
  return sql.join(parts, sql` and `);
}

/** Dead letters that are neither redriven nor discarded, newest first. */
export async function listDeadLetters(
  db: Db,
  tenant: string,
  options: DeadLetterFilter & { readonly limit?: number } = {},
): Promise<DeadLetter[]> {
  const found = await sql<DeadLetter>`
    select d.* from dead_letters d where ${standing(tenant, options)}
    order by d.at_ms desc, d.message_id limit ${options.limit ?? 100}`.execute(db);
  return found.rows;
}

/** Every death of one message, oldest first. */
export async function deathsOf(db: Db, tenant: string, id: string): Promise<DeadLetter[]> {
  return db
    .selectFrom('dead_letters')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('message_id', '=', id)
    .orderBy('death')
    .execute();
}

/**
 * Hands out dead letters for inspection, oldest first, and hides them from other inspectors for a while. One that was
 * handed out {@link MAX_RECEIVES} times is handed out no more.
 */
export async function receiveDeadLetters(
  db: Db,
  tenant: string,
  options: DeadLetterFilter & { readonly limit: number; readonly visibilityMs: number },
  nowMs: number,
): Promise<DeadLetter[]> {
  const taken = await sql<DeadLetter>`
    with x as (
      select d.tenant, d.message_id, d.death from dead_letters d
      where ${standing(tenant, options)} and d.receives < ${MAX_RECEIVES}
        and (d.hidden_until_ms is null or d.hidden_until_ms <= ${nowMs})
      order by d.at_ms, d.message_id limit ${options.limit} for update skip locked
    )
    update dead_letters d
    set receives = d.receives + 1, hidden_until_ms = ${nowMs + options.visibilityMs}::bigint
    from x where d.tenant = x.tenant and d.message_id = x.message_id and d.death = x.death
    returning d.*`.execute(db);
  return taken.rows.sort((a, b) => a.at_ms - b.at_ms || (a.message_id < b.message_id ? -1 : 1));
}

/**
 * Sends failed messages through the pipeline once more, from classification on, with fresh attempts: oldest first, one
 * after the other at `perSecond`. Their times are stored, so the rate holds across a restart.
 *
 * @returns ids of those that were dead and go once more
 */
export async function redrive(
  db: Db,
  tenant: string,
  filter: DeadLetterFilter,
  options: { readonly nowMs: number; readonly perSecond: number; readonly limit: number },
): Promise<string[]> {
  const { nowMs, perSecond, limit } = options;
  const revived = await sql<{ id: string }>`
    with x as (
      select t.message_id as id, row_number() over (order by t.at_ms, t.message_id) - 1 as place
      from (
        select d.message_id, d.at_ms from dead_letters d
        join messages m on m.tenant = d.tenant and m.id = d.message_id and m.state = 'failed'
        where ${standing(tenant, filter)} order by d.at_ms, d.message_id limit ${limit}
      ) t
    ),
    risen as (
      update messages m set state = 'scheduled', version = m.version + 1, reason = 'redriven',
        due_at_ms = ${nowMs}::bigint + (x.place * 1000 / ${perSecond}::integer)::bigint,
        updated_at_ms = ${nowMs}::bigint
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

/** Takes dead letters off the list for good; the message stays `failed`. @returns their message ids */
export async function discard(
  db: Db,
  tenant: string,
  filter: DeadLetterFilter,
  reason: string,
  nowMs: number,
): Promise<string[]> {
  const done = await sql<{ message_id: string }>`
    update dead_letters d set discarded_at_ms = ${nowMs}::bigint, discard_reason = ${reason}
    where ${standing(tenant, filter)} returning d.message_id`.execute(db);
  return done.rows.map((row) => row.message_id);
}

/** Tenants with dead letters that stand. */
export async function tenantsWithDeadLetters(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('dead_letters')
    .select('tenant')
    .distinct()
    .where('redriven_at_ms', 'is', null)
    .where('discarded_at_ms', 'is', null)
    .execute();
  return rows.map((row) => row.tenant);
}
