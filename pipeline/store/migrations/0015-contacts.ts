import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // What people wrote to us: once each, with what it meant and what was done about it.
  `create table inbound_messages (
    tenant text collate "C" not null,
    id text collate "C" not null,
    recipient text collate "C" not null,
    sender text collate "C" not null,
    channel text not null,
    wish text not null,
    text_hash text not null,
    at_ms bigint not null,
    received_at_ms bigint not null,
    answer text not null,
    primary key (tenant, id)
  )`,
  `create index inbound_of_recipient on inbound_messages (tenant, recipient, at_ms)`,
  `create table consent_imports (
    tenant text collate "C" not null,
    id text collate "C" not null,
    file_name text not null,
    file_hash text not null,
    imported_by text not null,
    started_at_ms bigint not null,
    finished_at_ms bigint,
    recorded integer not null default 0,
    repeated integer not null default 0,
    bad integer not null default 0,
    primary key (tenant, id)
  )`,
  `alter table registry_snapshots add column kind text not null default 'store'`,
  `alter table registry_snapshots add column source text`,
  `alter table registry_snapshots add column file text`,
  `alter table registry_snapshots add column loaded_at_ms bigint`,
  `alter table registry_snapshots add column settings text`,
  `create table registry_answers (
    tenant text collate "C" not null,
    registry text not null,
    recipient text collate "C" not null,
    answer text not null,
    checked_at_ms bigint not null,
    primary key (tenant, registry, recipient)
  )`,
  `create table denylist_entries (
    tenant text collate "C" not null,
    seq bigint generated always as identity,
    id text collate "C" not null,
    kind text not null,
    pattern text not null,
    reason text not null,
    source text not null,
    created_at_ms bigint not null,
    until_ms bigint,
    ended_at_ms bigint,
    primary key (tenant, id)
  )`,
  `create table denylist_versions (
    tenant text collate "C" not null primary key,
    version bigint not null
  )`,
  // Counts of what happened to a sender's messages, halved every so often; see reputation/standing.ts.
  `create table sender_standing (
    tenant text collate "C" not null,
    sender text collate "C" not null,
    reached double precision not null,
    incidents double precision not null,
    penalty double precision not null,
    at_ms bigint not null,
    primary key (tenant, sender)
  )`,
  // When a recipient last answered, opted in and opted out, whatever order the news came in.
  `create table recipient_history (
    tenant text collate "C" not null,
    recipient text collate "C" not null,
    replied_at_ms bigint,
    opted_in_at_ms bigint,
    opted_out_at_ms bigint,
    primary key (tenant, recipient)
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
