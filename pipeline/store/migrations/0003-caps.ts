import { type Kysely, sql } from 'kysely';

const STATEMENTS = [
  // One row for each thing that is counted: its version changes with every reservation, so that two who read the
  // same count cannot both add to it.
  `create table cap_keys (
    tenant text collate "C" not null,
    key text collate "C" not null,
    version bigint not null,
    primary key (tenant, key)
  )`,
  `alter table cap_reservations add column weight integer not null default 1`,
  `alter table cap_reservations add column value text`,
  `create index cap_reservations_by_time on cap_reservations (tenant, key, at_ms)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
