import { type Kysely, sql } from 'kysely';
import type { Database } from '../store/schema.ts';
import type { AuditTrail } from './trail.ts';

const BATCH = 2_000;

/**
 * Drops contents whose packs no longer want them kept. Entries and their hashes stay, so the chain still verifies; the
 * run itself is an entry, and without one a missing content counts as tampering.
 *
 * @param pause awaited between batches, where other work may go first
 * @returns contents dropped
 */
export async function dropExpired(
  parts: { readonly db: Kysely<Database>; readonly trail: AuditTrail },
  atMs: number,
  pause: () => Promise<void> = async () => undefined,
): Promise<number> {
  const { db, trail } = parts;
  let dropped = 0;
  for (;;) {
    await pause();
    const n = await trail.transact(db, [], async (tx, append) => {
      const due = await sql<{ n: number }>`
        with due as materialized (
          select e.writer, e.block, e.ord, e.tenant, e.kind, e.subject, e.seq from audit_entries e
          left join decisions d on e.kind = 'decision' and d.tenant = e.tenant and d.message_id = e.subject and d.seq = e.seq
          where e.keep_until_ms <= ${atMs}::bigint and (e.body is not null or d.record is not null) limit ${BATCH}
        ),
        decided as (
          update decisions d set record = null from due
          where due.kind = 'decision' and d.tenant = due.tenant and d.message_id = due.subject and d.seq = due.seq
        ),
        said as (
          update audit_entries e set body = null from due
          where due.kind <> 'decision' and e.writer = due.writer and e.block = due.block and e.ord = due.ord
        )
        select count(*)::integer as n from due`.execute(tx);
      const gone = due.rows[0]?.n ?? 0;
      if (gone > 0) {
        await append([
          {
            kind: 'retention',
            tenant: '*',
            atMs,
            subject: 'retention',
            payload: { dropped: gone, untilMs: atMs },
          },
        ]);
      }
      return gone;
    });
    dropped += n;
    if (n < BATCH) return dropped;
  }
}
