import { sql } from 'kysely';
import { createLoop, type Loop } from '../process/loop.ts';
import type { Workshop } from '../process/ports.ts';
import { recordset } from '../store/recordset.ts';
import { type Db, SETTLED_STATES } from '../store/schema.ts';
import { openDuckDb, writeArchive } from './files.ts';

const PAGE = 2_000;
const EVERY_MS = 3_600_000;
const REF = { tenant: 'text', id: 'text' } as const;

interface Old {
  readonly tenant: string;
  readonly id: string;
  readonly seq: number;
  readonly version: number;
}

export interface Archiver {
  readonly loop: Loop;
  /** Archives everything that is due now. @returns how many messages left the store */
  run(): Promise<number>;
}

/**
 * Moves messages that have long been settled out of the store into Parquet files. A page is on disk before its rows are
 * deleted: a crash between the two writes the same file again. Decisions stay; they have a retention of their own.
 *
 * @param options.keepMs how long after its last step a message stays in the store
 */
export function createArchiver(
  shop: Pick<Workshop, 'store' | 'bodies' | 'clock' | 'report' | 'pressure'>,
  options: { readonly dir: string; readonly keepMs: number; readonly leads: () => boolean },
): Archiver {
  const db = shop.store.bulk;

  async function run(): Promise<number> {
    let archived = 0;
    let connection: Awaited<ReturnType<typeof openDuckDb>> | undefined;
    try {
      for (;;) {
        await shop.pressure.pass();
        const old = await oldMessages(db, shop.clock() - options.keepMs);
        const [first, last] = [old[0], old.at(-1)];
        if (!first || !last) {
          if (archived > 0) await shop.bodies.sweep(db);
          return archived;
        }
        connection ??= await openDuckDb();
        const label = `${String(first.seq).padStart(12, '0')}-${String(last.seq).padStart(12, '0')}`;
        await writeArchive(connection, options.dir, 'messages', label, old);
        await writeArchive(connection, options.dir, 'events', label, await partsOf(db, 'events', old));
        await writeArchive(connection, options.dir, 'attempts', label, await partsOf(db, 'attempts', old));
        archived += await remove(db, old);
      }
    } finally {
      connection?.closeSync();
    }
  }

  return {
    run,
    loop: createLoop('archiving', shop.report, async () => {
      if (options.leads()) await run();
      return EVERY_MS;
    }),
  };
}

async function oldMessages(db: Db, beforeMs: number): Promise<Old[]> {
  return db
    .selectFrom('messages')
    .select(['tenant', 'id', 'seq', 'version', 'state', 'lane', 'channel', 'sender', 'claim', 'reason'])
    .select(['attempts', 'accepted_at_ms', 'send_at_ms', 'expires_at_ms', 'sent_at_ms', 'updated_at_ms'])
    .where('state', 'in', [...SETTLED_STATES])
    .where('updated_at_ms', '<', beforeMs)
    .where(({ not, exists, selectFrom }) =>
      // What an operator may still redrive stays.
      not(
        exists(
          selectFrom('dead_letters as d')
            .select('d.message_id')
            .whereRef('d.tenant', '=', 'messages.tenant')
            .whereRef('d.message_id', '=', 'messages.id')
            .where('d.redriven_at_ms', 'is', null)
            .where('d.discarded_at_ms', 'is', null),
        ),
      ),
    )
    .orderBy('seq')
    .limit(PAGE)
    .execute();
}

async function partsOf(
  db: Db,
  table: 'events' | 'attempts',
  old: readonly Old[],
): Promise<{ tenant: string }[]> {
  const found = await sql<{ tenant: string }>`
    select p.* from ${recordset(REF, old)}
    join ${sql.table(table)} p on p.tenant = x.tenant and p.message_id = x.id`.execute(db);
  return found.rows;
}

/** Deletes what is archived, but for a message that has moved since: it is archived again when it is old again. */
async function remove(db: Db, old: readonly Old[]): Promise<number> {
  const gone = await sql<{ id: string }>`
    with x as (select * from ${recordset({ ...REF, version: 'integer' }, old)}),
    gone as (
      delete from messages m using x where m.tenant = x.tenant and m.id = x.id and m.version = x.version
      returning m.tenant, m.id
    ),
    events_gone as (delete from events e using gone g where e.tenant = g.tenant and e.message_id = g.id),
    attempts_gone as (delete from attempts a using gone g where a.tenant = g.tenant and a.message_id = g.id),
    receipts_gone as (delete from receipts r using gone g where r.tenant = g.tenant and r.message_id = g.id),
    letters_gone as (delete from dead_letters d using gone g where d.tenant = g.tenant and d.message_id = g.id),
    suspects_gone as (delete from suspects s using gone g where s.tenant = g.tenant and s.message_id = g.id),
    keys_gone as (
      delete from idempotency_keys k using gone g where k.tenant = g.tenant and k.message_id = g.id
    )
    select id from gone`.execute(db);
  return gone.rows.length;
}
