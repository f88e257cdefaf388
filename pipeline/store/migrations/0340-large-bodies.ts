import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // Texts too large for a row of messages, once a tenant; found by the keyed hash of what they say, closed under a key
  // of their own that the master key wraps. Gone with the last message that refers to them.
  `create table large_bodies (
    tenant text collate "C" not null,
    ref text collate "C" not null,
    characters integer not null,
    wrapped text not null,
    sealed text not null,
    uses bigint not null default 1,
    primary key (tenant, ref)
  )`,
  `alter table messages add column body_ref text`,
  `create index messages_by_body on messages (tenant, body_ref) where body_ref is not null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
