import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // What sealed texts have in common, by hash of its content; see keys/dictionaries.ts.
  await sql
    .raw(`create table seal_dictionaries (id text collate "C" primary key, text text not null)`)
    .execute(db);
}
