import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // What rules ask and nobody here can find out, as people and registers state it. Appended to, never changed.
  `create table facts (
    tenant text collate "C" not null,
    seq bigint generated always as identity,
    scope text not null,
    subject text collate "C" not null,
    path text collate "C" not null,
    value text not null,
    source text not null,
    as_of_ms bigint not null,
    until_ms bigint,
    recorded_at_ms bigint not null,
    primary key (tenant, seq)
  )`,
  `create index facts_of_subject on facts (tenant, scope, subject, path, as_of_ms desc, seq desc)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
