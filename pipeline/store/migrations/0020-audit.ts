import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // A recipient's data key, wrapped. `tag` is the keyed hash that finds it by address; erasure leaves the bare id.
  `create table recipient_keys (
    rid text collate "C" primary key,
    tenant text collate "C" not null,
    tag text collate "C",
    wrapped text,
    created_at_ms bigint not null,
    erased_at_ms bigint
  )`,
  `create unique index recipient_keys_by_tag on recipient_keys (tenant, tag) where tag is not null`,
  `create index recipient_keys_erased on recipient_keys (erased_at_ms) where erased_at_ms is not null`,
  // One link of a writer's chain; it commits to the entries that were appended with it.
  `create table audit_blocks (
    writer text collate "C" not null,
    block bigint not null,
    at_ms bigint not null,
    entries integer not null,
    prev_hash text collate "C" not null,
    hash text collate "C" not null,
    primary key (writer, block)
  )`,
  `create table audit_entries (
    writer text collate "C" not null,
    block bigint not null,
    ord integer not null,
    tenant text collate "C" not null,
    kind text collate "C" not null,
    at_ms bigint not null,
    subject text collate "C" not null,
    seq integer not null,
    recipient text collate "C",
    outcome text collate "C",
    channel text collate "C",
    lane text collate "C",
    class text collate "C",
    place text collate "C",
    ruleset text collate "C",
    rules text collate "C",
    keep_until_ms bigint,
    content_hash text collate "C" not null,
    body text,
    entry_hash text collate "C" not null,
    primary key (writer, block, ord)
  )`,
  `create index audit_entries_of on audit_entries (tenant, subject)`,
  `create index audit_entries_rare on audit_entries (tenant, at_ms) where kind <> 'decision'`,
  // What all chains stood at, signed: joins them.
  `create table audit_checkpoints (
    seq bigint primary key,
    at_ms bigint not null,
    heads text not null,
    prev_hash text not null,
    hash text not null,
    key_id text not null,
    signature text not null
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
