import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // Null: the key is good for as long as its message is in the store.
  await sql.raw(`alter table idempotency_keys add column expires_at_ms bigint`).execute(db);
}
