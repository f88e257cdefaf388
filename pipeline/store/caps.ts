import { sql } from 'kysely';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

export interface CapQuestion {
  readonly tenant: string;
  readonly key: string;
  /** Epoch ms; `-Infinity`: from the first on. */
  readonly sinceMs: number;
}

/** One message under one counter. */
export interface Counted {
  readonly messageId: string;
  readonly atMs: number;
  /** 1, or its segments. */
  readonly weight: number;
  /** The property whose different values are counted, where a rule does. */
  readonly value: string | null;
}

/** What stands under a counter, oldest first, reservations in flight included. */
export interface CapCount {
  /** Changes with every reservation; 0: there never was one. */
  readonly version: number;
  readonly counted: readonly Counted[];
}

/** A place under a counter, to be taken only if the counter has not changed since it was read. */
export interface Reservation {
  readonly key: string;
  readonly version: number;
  readonly weight?: number;
  readonly value?: string;
}

const keyOf = (tenant: string, key: string): string => JSON.stringify([tenant, key]);
const EMPTY: CapCount = { version: 0, counted: [] };

interface Row {
  readonly tenant: string;
  readonly key: string;
  readonly version: number;
  readonly message_id: string | null;
  readonly at_ms: number | null;
  readonly weight: number | null;
  readonly value: string | null;
}

/** What stands under many counters, with their versions: one statement, so one moment. */
export async function capCounts(
  db: Db,
  questions: readonly CapQuestion[],
): Promise<(tenant: string, key: string) => CapCount> {
  if (questions.length === 0) return () => EMPTY;
  const rows = questions.map(({ tenant, key, sinceMs }) => ({
    tenant,
    key,
    since: Math.max(0, Math.floor(sinceMs)),
  }));
  const found = await sql<Row>`
    with x as materialized (
      select tenant, key, min(since) as since
      from ${recordset({ tenant: 'text', key: 'text', since: 'bigint' }, rows)} group by tenant, key
    )
    select k.tenant, k.key, k.version, c.message_id, c.at_ms, c.weight, c.value from x
    join cap_keys k on k.tenant = x.tenant and k.key = x.key
    left join cap_reservations c on c.tenant = x.tenant and c.key = x.key and c.at_ms >= x.since
    order by c.at_ms, c.message_id`.execute(db);
  const counts = new Map<string, { version: number; counted: Counted[] }>();
  for (const row of found.rows) {
    const key = keyOf(row.tenant, row.key);
    const there = counts.get(key) ?? { version: row.version, counted: [] };
    counts.set(key, there);
    if (row.message_id === null || row.at_ms === null) continue;
    there.counted.push({
      messageId: row.message_id,
      atMs: row.at_ms,
      weight: row.weight ?? 1,
      value: row.value,
    });
  }
  return (tenant, key) => counts.get(keyOf(tenant, key)) ?? EMPTY;
}

const COLUMNS = {
  tenant: 'text',
  message_id: 'text',
  key: 'text',
  version: 'bigint',
  weight: 'integer',
  value: 'text',
  at_ms: 'bigint',
} as const;

/**
 * Takes the places of one message under all its counters, or none: it fails when any counter has changed since it was
 * read, and the rules must be asked again. Repeating it for one message moves its place to the later time.
 *
 * @returns whether the places are taken
 */
export async function reserveCaps(
  db: Db,
  tenant: string,
  messageId: string,
  reservations: readonly Reservation[],
  atMs: number,
): Promise<boolean> {
  if (reservations.length === 0) return true;
  const rows = reservations.map((one) => ({ ...one, tenant, message_id: messageId, at_ms: atMs }));
  const done = await sql<{ fits: boolean }>`
    with x as materialized (select * from ${recordset(COLUMNS, rows)}),
    bumped as (${BUMP}),
    fits as (select (select count(distinct key) from x) = (select count(*) from bumped) as fits),
    reserved as (
      insert into cap_reservations (tenant, key, message_id, at_ms, weight, value)
      select distinct on (x.tenant, x.key) x.tenant, x.key, x.message_id, x.at_ms, coalesce(x.weight, 1), x.value
      from x, fits where fits.fits order by x.tenant, x.key
      ${AGAIN}
    )
    select fits from fits`.execute(db);
  return done.rows[0]?.fits === true;
}

/**
 * Raises the version of every counter that still has the one that was read (compare and swap). Rows of `x` name
 * tenant, key and version. Counters are taken in one order by everybody, so nobody waits in a circle; whoever waited
 * for another's commit compares with what that one left.
 */
export const BUMP = sql`
  insert into cap_keys as c (tenant, key, version)
  select distinct on (tenant, key) tenant, key, version + 1 from x where key is not null
  order by tenant, key, version
  on conflict (tenant, key) do update set version = c.version + 1 where c.version = excluded.version - 1
  returning c.tenant, c.key`;

/** A message that goes out once more counts from then on. */
export const AGAIN = sql`
  on conflict (tenant, key, message_id) do update set at_ms = greatest(cap_reservations.at_ms, excluded.at_ms)`;

/** Gives back every place of a message that did not go out. */
export async function releaseCaps(db: Db, tenant: string, messageId: string): Promise<void> {
  await db
    .deleteFrom('cap_reservations')
    .where('tenant', '=', tenant)
    .where('message_id', '=', messageId)
    .execute();
}
