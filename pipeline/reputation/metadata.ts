import { sql } from 'kysely';
import type { Metadata } from '../../models/verdict.ts';
import { recordset } from '../store/recordset.ts';
import type { Db } from '../store/schema.ts';
import { reputationOf, type Standing } from './standing.ts';

const COLUMNS = { ord: 'integer', tenant: 'text', sender: 'text', recipient: 'text' } as const;
const DAY_MS = 86_400_000;

interface Known {
  readonly ord: number;
  readonly reached: number | null;
  readonly incidents: number | null;
  readonly penalty: number | null;
  readonly at_ms: number | null;
  readonly replied_at_ms: number | null;
}

/**
 * What the classifier is told of senders and recipients, for many messages in one statement, in their order; undefined:
 * nothing is known, as of every sender and recipient at first.
 *
 * Only what people and carriers said of a tenant's sender, and when the recipient last wrote to the tenant. Left out:
 * whether the recipient opted in, because a stop that is meant for marketing must never make a receipt or a code
 * unsure (rules ask the consent ledger); how many alike went out, because a bank's codes at noon look like a campaign
 * by it (measured: above a thousand an hour every message turns unsure); and the hour, which splits the cache and was
 * measured to change the treatment of one message in a thousand.
 */
export async function loadMetadata(
  db: Db,
  messages: readonly { readonly tenant: string; readonly sender: string; readonly recipient: string }[],
  nowMs: number,
): Promise<(Metadata | undefined)[]> {
  const known = new Array<Metadata | undefined>(messages.length).fill(undefined);
  if (messages.length === 0) return known;
  const rows = messages.map(({ tenant, sender, recipient }, ord) => ({ ord, tenant, sender, recipient }));
  const found = await sql<Known>`
    select x.ord, s.reached, s.incidents, s.penalty, s.at_ms, h.replied_at_ms from ${recordset(COLUMNS, rows)}
    left join sender_standing s on s.tenant = x.tenant and s.sender = x.sender
    left join recipient_history h on h.tenant = x.tenant and h.recipient = x.recipient
    where s.sender is not null or h.replied_at_ms is not null`.execute(db);
  for (const row of found.rows) known[row.ord] = metadataOf(row, nowMs);
  return known;
}

function metadataOf(row: Known, nowMs: number): Metadata | undefined {
  const { reached, incidents, penalty, at_ms: atMs, replied_at_ms: repliedAtMs } = row;
  const standing = atMs === null ? undefined : ({ reached, incidents, penalty, atMs } as Standing);
  const reputation = standing && reputationOf(standing, nowMs);
  if (reputation === undefined && repliedAtMs === null) return undefined;
  return {
    // As much as a record needs; bins are far coarser.
    ...(reputation === undefined ? {} : { senderReputation: Math.round(reputation * 1_000) / 1_000 }),
    ...(repliedAtMs === null
      ? {}
      : { daysSinceEngaged: Math.max(0, Math.floor((nowMs - repliedAtMs) / DAY_MS)) }),
  };
}
