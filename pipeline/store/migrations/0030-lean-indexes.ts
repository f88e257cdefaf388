import { type Kysely, sql } from 'kysely';

/** Each step of a message writes into every index that its state is in: these two served no question of their own. */
const STATEMENTS = [
  // The first waiting message of a line is found by messages_in_line.
  `drop index messages_waiting`,
  `drop index messages_sent_to`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
}
