import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // Who is there: a process writes its beat every second, by the server's clock, so that none of ours has to be right.
  `create table processes (
    tenant text collate "C" not null default '',
    id text collate "C" not null,
    role text not null,
    host text not null,
    pid integer not null,
    started_at timestamptz not null default now(),
    beat_at timestamptz not null default now(),
    primary key (tenant, id)
  )`,
  // What only one process at a time should do. Two that do it are harmless, only wasteful.
  `create table leases (
    tenant text collate "C" not null default '',
    name text collate "C" not null,
    holder text collate "C" not null,
    until_at timestamptz not null,
    primary key (tenant, name)
  )`,
  // The process that made an attempt, as its connections name it: when it is gone, its attempts are taken over at once.
  `alter table attempts add column opened_by text`,
  `alter table attempts alter column opened_by set default current_setting('application_name')`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
