import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // What an operator said of a lane; a lane without a row runs. Tenant '*': lanes are the installation's.
  `create table lane_states (
    tenant text collate "C" not null,
    lane text not null,
    state text not null,
    reason text,
    actor text not null,
    since_ms bigint not null,
    primary key (tenant, lane)
  )`,
  // Messages in whose envelope a process died or stalled.
  `create table suspects (
    tenant text collate "C" not null,
    message_id text collate "C" not null,
    stalls integer not null,
    at_ms bigint not null,
    primary key (tenant, message_id)
  )`,
  `alter table dead_letters add column provider text`,
  `alter table dead_letters add column transient boolean not null default false`,
  `alter table dead_letters add column receives integer not null default 0`,
  `alter table dead_letters add column hidden_until_ms bigint`,
  `create index dead_letters_open on dead_letters (tenant, at_ms)
    where redriven_at_ms is null and discarded_at_ms is null`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
