import { sql } from 'kysely';
import { canonicalJson } from '../../models/base/json.ts';
import type { ConsentEvent } from '../comply/consent/consent.ts';
import type { ConsentEntry, ConsentLedger, ConsentRecord } from '../comply/ports.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

const COLUMNS = {
  ord: 'integer',
  recipient: 'text',
  event_id: 'text',
  at_ms: 'bigint',
  event: 'text',
  opted_in: 'bigint',
  opted_out: 'bigint',
} as const;

/** Does it say something about advertising? */
const concernsMarketing = ({ purpose }: ConsentEvent): boolean =>
  purpose === 'marketing' || purpose === 'any';

function rowOf({ recipient, event }: ConsentEntry, ord: number) {
  const counts = concernsMarketing(event);
  const isGrant = event.kind === 'granted' || event.kind === 'confirmed';
  return {
    ord,
    recipient,
    event_id: event.id,
    at_ms: event.atMs,
    event: canonicalJson(event),
    opted_in: counts && isGrant ? event.atMs : undefined,
    opted_out: counts && !isGrant ? event.atMs : undefined,
  };
}

/**
 * Appends events of any recipients in one statement, so in one transaction, and keeps `recipient_history` in step.
 * The one place where consent is written.
 * @returns places in `entries` of those that are new; the others were there before, or twice in the list
 */
export async function storeConsent(
  db: Db,
  tenant: string,
  entries: readonly ConsentEntry[],
): Promise<Set<number>> {
  if (entries.length === 0) return new Set();
  const stored = await sql<{ ord: number }>`
    with x as materialized (
      select distinct on (recipient, event_id) * from ${recordset(COLUMNS, entries.map(rowOf))}
      order by recipient, event_id, ord
    ),
    fresh as (
      insert into consent_events (tenant, recipient, event_id, at_ms, event)
      select ${tenant}, recipient, event_id, at_ms, event from x order by ord
      on conflict (tenant, recipient, event_id) do nothing
      returning recipient, event_id, seq
    ),
    told as (
      insert into held_news (tenant, consent_from, consent_to)
      select ${tenant}, min(seq), max(seq) from fresh having count(*) > 0
    ),
    heard as (
      insert into recipient_history (tenant, recipient, opted_in_at_ms, opted_out_at_ms)
      select ${tenant}, x.recipient, max(x.opted_in), max(x.opted_out)
      from x join fresh using (recipient, event_id)
      where x.opted_in is not null or x.opted_out is not null group by x.recipient
      on conflict (tenant, recipient) do update set
        opted_in_at_ms = greatest(recipient_history.opted_in_at_ms, excluded.opted_in_at_ms),
        opted_out_at_ms = greatest(recipient_history.opted_out_at_ms, excluded.opted_out_at_ms)
    )
    select x.ord from x join fresh using (recipient, event_id)`.execute(db);
  return new Set(stored.rows.map(({ ord }) => ord));
}

export function createConsentLedger(db: Db): ConsentLedger {
  return {
    async append(tenant, recipient, events) {
      await storeConsent(
        db,
        tenant,
        events.map((event) => ({ recipient, event })),
      );
    },
    appendMany: (tenant, entries) => storeConsent(db, tenant, entries),
    async events(tenant, recipient) {
      const rows = await db
        .selectFrom('consent_events')
        .select('event')
        .where('tenant', '=', tenant)
        .where('recipient', '=', recipient)
        .orderBy('seq')
        .execute();
      return rows.map((row) => JSON.parse(row.event) as ConsentEvent);
    },
    async list(tenant, { afterSeq = 0, limit }) {
      const rows = await db
        .selectFrom('consent_events')
        .select(['seq', 'recipient', 'event'])
        .where('tenant', '=', tenant)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(({ seq, recipient, event }): ConsentRecord => {
        return { seq, recipient, event: JSON.parse(event) as ConsentEvent };
      });
    },
  };
}
