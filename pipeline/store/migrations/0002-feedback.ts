import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // Append-only: whoever changes their mind says so in a new row, and the latest of each author counts.
  `create table feedback (
    tenant text collate "C" not null,
    seq bigint generated always as identity primary key,
    id text collate "C" not null,
    content_hash text not null,
    fingerprint text collate "C" not null,
    message_id text collate "C",
    body text,
    label text,
    risk boolean,
    note text,
    source text not null,
    author text collate "C" not null,
    at_ms bigint not null,
    unique (tenant, id)
  )`,
  `create index feedback_of_text on feedback (tenant, fingerprint, author, seq)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
