import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // What held messages may be waiting for: news, each noticed once and dropped a little later.
  `create table held_news (
    seq bigint generated always as identity primary key,
    tenant text collate "C",
    recipient text collate "C",
    sender text collate "C",
    consent_from bigint,
    consent_to bigint,
    seen_at_ms bigint
  )`,
  `create index messages_held on messages (tenant, recipient) where state = 'held'`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
