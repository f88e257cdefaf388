import { sql } from 'kysely';
import { recordset, sparseRecordset } from './recordset.ts';
import type { Db, Lane, MessageState, MessagesTable } from './schema.ts';

/** A validated message on its way into the store. */
export interface NewMessage {
  readonly tenant: string;
  readonly id: string;
  readonly state: Extract<MessageState, 'accepted' | 'scheduled'>;
  readonly lane: Lane;
  readonly order_key: string;
  readonly channel: MessagesTable['channel'];
  readonly sender: string;
  readonly recipient: string;
  readonly subject: string | null;
  readonly body: string;
  /** Where a large text is kept; `body` is empty then. */
  readonly body_ref?: string | null;
  readonly claim: string | null;
  readonly metadata: string | null;
  readonly accepted_at_ms: number;
  readonly send_at_ms: number | null;
  readonly expires_at_ms: number | null;
  readonly idempotency_key: string | null;
  /** From then on the key may be used for another message, epoch ms; default never. */
  readonly key_expires_at_ms?: number | null;
  /** SHA-256 of the canonical request; what a repeated key is compared with. */
  readonly body_hash: string;
}

/** What became of one message: stored now, or its key was used before. */
export type AcceptOutcome =
  | { readonly kind: 'stored' }
  | {
      readonly kind: 'repeated';
      readonly messageId: string;
      readonly bodyHash: string;
      readonly acceptedAs: 'accepted' | 'scheduled';
    };

const COLUMNS = {
  ord: 'integer',
  tenant: 'text',
  id: 'text',
  state: 'text',
  lane: 'text',
  order_key: 'text',
  channel: 'text',
  sender: 'text',
  recipient: 'text',
  subject: 'text',
  body: 'text',
  body_ref: 'text',
  claim: 'text',
  metadata: 'text',
  accepted_at_ms: 'bigint',
  send_at_ms: 'bigint',
  expires_at_ms: 'bigint',
  idempotency_key: 'text',
  body_hash: 'text',
  key_expires_at_ms: 'bigint',
} as const;

/**
 * Stores many messages in one statement, so in one transaction: all of them are committed when it resolves, or
 * none. A message whose idempotency key is taken (in the store or earlier in the list) is left out.
 */
export async function storeAccepted(db: Db, messages: readonly NewMessage[]): Promise<AcceptOutcome[]> {
  const rows = messages.map((message, ord) => ({ ...message, ord }));
  const stored = await sql<{ id: string }>`
    with x as materialized (${sparseRecordset(COLUMNS, rows)}),
    keys as (
      insert into idempotency_keys as k (tenant, key, body_hash, message_id, created_at_ms, expires_at_ms)
      select distinct on (tenant, idempotency_key)
        tenant, idempotency_key, body_hash, id, accepted_at_ms, key_expires_at_ms
      from x where idempotency_key is not null order by tenant, idempotency_key, ord
      on conflict (tenant, key) do update set body_hash = excluded.body_hash, message_id = excluded.message_id,
        created_at_ms = excluded.created_at_ms, expires_at_ms = excluded.expires_at_ms
        where k.expires_at_ms <= excluded.created_at_ms
      returning tenant, message_id
    ),
    fresh as (
      select x.* from x where x.idempotency_key is null
      union all
      select x.* from x join keys on keys.tenant = x.tenant and keys.message_id = x.id
    ),
    inserted as (
      insert into messages (tenant, id, state, lane, order_key, channel, sender, recipient, subject, body, body_ref,
        claim, metadata, accepted_at_ms, send_at_ms, expires_at_ms, due_at_ms, updated_at_ms)
      select tenant, id, state, lane, order_key, channel, sender, recipient, subject, body, body_ref, claim,
        metadata, accepted_at_ms, send_at_ms, expires_at_ms,
        case when state = 'scheduled' then send_at_ms end, accepted_at_ms
      from fresh order by ord
    ),
    told as (
      insert into events (tenant, message_id, type, at_ms, data)
      select tenant, id, state, accepted_at_ms, null from fresh order by ord
    )
    select id from fresh`.execute(db);
  const storedIds = new Set(stored.rows.map((row) => row.id));
  if (storedIds.size === messages.length) return messages.map(() => ({ kind: 'stored' }));
  return withEarlier(db, messages, storedIds);
}

async function withEarlier(
  db: Db,
  messages: readonly NewMessage[],
  storedIds: ReadonlySet<string>,
): Promise<AcceptOutcome[]> {
  const repeated = messages.filter((message) => !storedIds.has(message.id));
  const earlier = await sql<{
    tenant: string;
    key: string;
    body_hash: string;
    message_id: string;
    sch: boolean;
  }>`
    select k.tenant, k.key, k.body_hash, k.message_id, m.send_at_ms is not null as sch
    from ${recordset({ tenant: 'text', idempotency_key: 'text' }, repeated)}
    join idempotency_keys k on k.tenant = x.tenant and k.key = x.idempotency_key
    left join messages m on m.tenant = k.tenant and m.id = k.message_id`.execute(db);
  const byKey = new Map(earlier.rows.map((row) => [JSON.stringify([row.tenant, row.key]), row]));
  return messages.map((message): AcceptOutcome => {
    if (storedIds.has(message.id)) return { kind: 'stored' };
    const found = byKey.get(JSON.stringify([message.tenant, message.idempotency_key]))!;
    return {
      kind: 'repeated',
      messageId: found.message_id,
      bodyHash: found.body_hash,
      acceptedAs: found.sch ? 'scheduled' : 'accepted',
    };
  });
}
