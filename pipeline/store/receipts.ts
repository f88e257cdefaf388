import { sql } from 'kysely';
import type { Receipt } from '../deliver/provider.ts';
import { INCIDENT_WEIGHTS } from '../reputation/standing.ts';
import { countNews } from '../reputation/store.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

const COLUMNS = { provider_ref: 'text', status: 'text', at_ms: 'bigint', detail: 'text' } as const;

/**
 * Records receipts of one provider in one statement: each once, with its event; a `sent` message takes the
 * receipt's state, one that has its final word keeps it. Senders' standings hear of each receipt, once.
 *
 * @returns receipts whose message is not known (yet): the attempt's end may not be recorded, or they are not ours
 */
export async function storeReceipts(
  db: Db,
  provider: string,
  receipts: readonly Receipt[],
  nowMs: number,
): Promise<Receipt[]> {
  if (receipts.length === 0) return [];
  const rows = receipts.map((receipt) => ({
    provider_ref: receipt.providerRef,
    status: receipt.status,
    at_ms: receipt.atMs,
    detail: receipt.detail,
  }));
  const matched = await sql<{ provider_ref: string }>`
    with x as materialized (select * from ${recordset(COLUMNS, rows)}),
    matched as (
      select distinct on (a.tenant, x.provider_ref, x.status) x.*, a.tenant, a.message_id
      from x join attempts a on a.provider = ${provider} and a.provider_ref = x.provider_ref
    ),
    fresh as (
      insert into receipts (tenant, provider, provider_ref, status, message_id, at_ms, received_at_ms, detail)
      select tenant, ${provider}, provider_ref, status, message_id, at_ms, ${nowMs}::bigint, detail from matched
      on conflict do nothing
      returning tenant, message_id, status, at_ms
    ),
    moved as (
      update messages m set state = fresh.status, version = m.version + 1, updated_at_ms = ${nowMs}::bigint
      from fresh where m.tenant = fresh.tenant and m.id = fresh.message_id and m.state = 'sent'
    ),
    news as (
      select fresh.tenant, m.sender,
        count(*) filter (where fresh.status = 'delivered')::double precision as reached,
        (count(*) filter (where fresh.status = 'undelivered') * ${INCIDENT_WEIGHTS.undelivered}::double precision) as incidents,
        ${nowMs}::bigint as at_ms
      from fresh join messages m on m.tenant = fresh.tenant and m.id = fresh.message_id
      group by fresh.tenant, m.sender
    ),
    counted as (${countNews(sql`news`)}),
    told as (
      insert into events (tenant, message_id, type, at_ms, data)
      select tenant, message_id, status, at_ms, '{"by":"receipt"}' from fresh
    )
    select distinct provider_ref from matched`.execute(db);
  const known = new Set(matched.rows.map((row) => row.provider_ref));
  return receipts.filter((receipt) => !known.has(receipt.providerRef));
}
