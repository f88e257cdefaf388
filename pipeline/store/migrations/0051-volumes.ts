import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // What the forecast learns from: messages accepted in each minute since the epoch, kept for ten weeks.
  `create table traffic_volumes (
    tenant text collate "C" not null default '',
    minute bigint not null,
    accepted bigint not null,
    primary key (tenant, minute)
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
