import { type RawBuilder, sql } from 'kysely';
import { recordset } from '../store/recordset.ts';
import type { Db } from '../store/schema.ts';
import {
  HALF_LIFE_MS,
  INCIDENT_WEIGHTS,
  type IncidentKind,
  LEAST_REACHED,
  type Standing,
} from './standing.ts';

export interface Incident {
  readonly tenant: string;
  readonly sender: string;
  readonly kind: IncidentKind;
  readonly atMs: number;
}

const before = (column: string): RawBuilder<unknown> =>
  sql`s.${sql.ref(column)} * power(0.5, greatest(0, excluded.at_ms - s.at_ms)::double precision / ${HALF_LIFE_MS}::double precision)`;

/**
 * An upsert of news (`tenant, sender, reached, incidents, at_ms`, one row a sender) into the counts: `withNews` in SQL,
 * so that processes may tell at once.
 */
export const countNews = (news: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  insert into sender_standing as s (tenant, sender, reached, incidents, penalty, at_ms)
  select tenant, sender, reached, incidents, incidents / ${LEAST_REACHED}::double precision, at_ms
  from ${news} n order by tenant, sender
  on conflict (tenant, sender) do update set
    reached = ${before('reached')} + excluded.reached,
    incidents = ${before('incidents')} + excluded.incidents,
    penalty = ${before('penalty')} + excluded.incidents / greatest(${before('reached')}, ${LEAST_REACHED}::double precision),
    at_ms = greatest(s.at_ms, excluded.at_ms)`;

/** Counts incidents of senders, all in one statement. */
export async function addIncidents(db: Db, incidents: readonly Incident[]): Promise<void> {
  if (incidents.length === 0) return;
  const rows = incidents.map(({ tenant, sender, kind, atMs }) => ({
    tenant,
    sender,
    weight: String(INCIDENT_WEIGHTS[kind]),
    at_ms: atMs,
  }));
  const news = sql`(
    select tenant, sender, 0::double precision as reached, sum(weight::double precision) as incidents,
      max(at_ms) as at_ms
    from ${recordset({ tenant: 'text', sender: 'text', weight: 'text', at_ms: 'bigint' }, rows)}
    group by tenant, sender)`;
  await countNews(news).execute(db);
}

/** Counts of senders, by tenant and sender; those of whom nothing was ever heard are absent. */
export async function loadStandings(
  db: Db,
  senders: readonly { readonly tenant: string; readonly sender: string }[],
): Promise<ReadonlyMap<string, Standing>> {
  if (senders.length === 0) return new Map();
  const found = await sql<Standing & { tenant: string; sender: string; at_ms: number }>`
    select s.tenant, s.sender, s.reached, s.incidents, s.penalty, s.at_ms
    from (select distinct tenant, sender from ${recordset({ tenant: 'text', sender: 'text' }, senders)}) x
    join sender_standing s on s.tenant = x.tenant and s.sender = x.sender`.execute(db);
  return new Map(
    found.rows.map(({ tenant, sender, reached, incidents, penalty, at_ms }) => [
      standingKey(tenant, sender),
      { reached, incidents, penalty, atMs: at_ms },
    ]),
  );
}

export const standingKey = (tenant: string, sender: string): string => JSON.stringify([tenant, sender]);
