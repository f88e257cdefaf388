import { type Kysely, sql } from 'kysely';

/** Text keys sort bytewise everywhere: the same order on every server, whatever its locale. */
const STATEMENTS = [
  `create table messages (
    tenant text collate "C" not null,
    id text collate "C" not null,
    seq bigint generated always as identity,
    state text not null,
    version integer not null default 1,
    lane text not null,
    order_key text collate "C" not null,
    channel text not null,
    sender text not null,
    recipient text not null,
    subject text,
    body text not null,
    claim text,
    metadata text,
    accepted_at_ms bigint not null,
    send_at_ms bigint,
    expires_at_ms bigint,
    due_at_ms bigint,
    lease_until_ms bigint,
    attempts integer not null default 0,
    verdict text,
    reason text,
    sent_at_ms bigint,
    updated_at_ms bigint not null,
    primary key (tenant, id)
  ) with (fillfactor = 80)`,
  `create index messages_in_line on messages (tenant, order_key, seq)
    where state in ('accepted', 'queued', 'waiting', 'sending', 'retrying')`,
  `create index messages_waiting on messages (tenant, order_key) where state = 'waiting'`,
  `create index messages_open on messages (updated_at_ms)
    where state in ('accepted', 'queued', 'waiting', 'sending')`,
  `create index messages_due on messages (due_at_ms)
    where state in ('scheduled', 'deferred', 'retrying')`,
  `create index messages_sent_to on messages (tenant, recipient, sent_at_ms) where sent_at_ms is not null`,
  `create table idempotency_keys (
    tenant text collate "C" not null,
    key text collate "C" not null,
    body_hash text not null,
    message_id text not null,
    created_at_ms bigint not null,
    primary key (tenant, key)
  )`,
  `create table attempts (
    tenant text collate "C" not null,
    message_id text collate "C" not null,
    attempt integer not null,
    provider text not null,
    provider_key text not null,
    started_at_ms bigint not null,
    ended_at_ms bigint,
    outcome text,
    provider_ref text,
    error_code text,
    error_detail text,
    primary key (tenant, message_id, attempt)
  ) with (fillfactor = 80)`,
  `create index attempts_by_ref on attempts (provider, provider_ref) where provider_ref is not null`,
  `create table receipts (
    tenant text collate "C" not null,
    provider text not null,
    provider_ref text not null,
    status text not null,
    message_id text,
    at_ms bigint not null,
    received_at_ms bigint not null,
    detail text,
    primary key (tenant, provider, provider_ref, status)
  )`,
  `create table decisions (
    tenant text collate "C" not null,
    message_id text collate "C" not null,
    seq integer not null,
    outcome text not null,
    hash text not null,
    record text not null,
    created_at_ms bigint not null,
    primary key (tenant, message_id, seq)
  )`,
  `create table events (
    tenant text collate "C" not null,
    seq bigint generated always as identity primary key,
    message_id text collate "C" not null,
    type text not null,
    at_ms bigint not null,
    data text
  )`,
  `create index events_of_message on events (tenant, message_id, seq)`,
  `create table dead_letters (
    tenant text collate "C" not null,
    message_id text collate "C" not null,
    death integer not null,
    code text not null,
    detail text not null,
    lane text not null,
    attempts integer not null,
    at_ms bigint not null,
    redriven_at_ms bigint,
    discarded_at_ms bigint,
    discard_reason text,
    primary key (tenant, message_id, death)
  )`,
  `create table consent_events (
    tenant text collate "C" not null,
    seq bigint generated always as identity primary key,
    recipient text collate "C" not null,
    event_id text collate "C" not null,
    at_ms bigint not null,
    event text not null,
    unique (tenant, recipient, event_id)
  )`,
  `create table suppressions (
    tenant text collate "C" not null,
    seq bigint generated always as identity primary key,
    recipient text collate "C" not null,
    entry_key text collate "C" not null,
    since_ms bigint not null,
    entry text not null,
    unique (tenant, recipient, entry_key)
  )`,
  `create table cap_reservations (
    tenant text collate "C" not null,
    key text collate "C" not null,
    message_id text collate "C" not null,
    at_ms bigint not null,
    primary key (tenant, key, message_id)
  )`,
  `create index cap_reservations_of_message on cap_reservations (tenant, message_id)`,
  `create table registry_snapshots (
    tenant text collate "C" not null,
    registry text not null,
    as_of_ms bigint not null,
    entries integer not null,
    primary key (tenant, registry)
  )`,
  `create table registry_entries (
    tenant text collate "C" not null,
    registry text not null,
    recipient text collate "C" not null,
    listed_since_ms bigint,
    primary key (tenant, registry, recipient)
  )`,
  `create table meta (
    tenant text collate "C" not null,
    key text not null,
    value text not null,
    primary key (tenant, key)
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
