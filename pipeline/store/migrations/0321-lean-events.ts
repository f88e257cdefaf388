import { type Kysely, sql } from 'kysely';

/** Each message writes five events, and each went into two indexes: one does for both. */
const STATEMENTS = [
  `alter table events drop constraint events_pkey`,
  `drop index events_of_message`,
  `alter table events add primary key (tenant, message_id, seq)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
