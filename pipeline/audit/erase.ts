import { type Kysely, sql } from 'kysely';
import type { Keyring } from '../keys/keyring.ts';
import { dropUnused } from '../store/large-bodies.ts';
import type { Database, Db } from '../store/schema.ts';
import type { AuditTrail } from './trail.ts';

export interface Erasure {
  /** Nothing was known of the address. */
  readonly found: boolean;
  /** Id of the destroyed key: what is left of the recipient in the trail. */
  readonly rid: string | undefined;
  /** Messages whose text, address and facts were blanked; those still on their way were stopped. */
  readonly messages: number;
  /** Objections that stay in force, kept under a keyed hash of the address. */
  readonly objections: number;
}

/**
 * Tables with an address that stay: `messages` are blanked row by row, objections are kept by hash, and copies of
 * do-not-call registers are the registers' own, held so that nobody listed is called. What a register answered about
 * one person (`registry_answers`) is asked again, so it goes.
 */
const NOT_DELETED = new Set(['messages', 'suppressions', 'registry_entries', 'audit_entries']);

/** Every table that holds rows of a recipient by address, whoever added it. */
async function tablesByRecipient(db: Db): Promise<string[]> {
  const found = await sql<{ table_name: string }>`
    select c.table_name from information_schema.columns c
    join information_schema.tables t using (table_schema, table_name)
    where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.column_name in ('tenant', 'recipient')
    group by c.table_name having count(*) = 2 order by c.table_name`.execute(db);
  return found.rows.map((row) => row.table_name).filter((name) => !NOT_DELETED.has(name));
}

/**
 * Forgets a recipient: destroys the data key, so that no decision and no consent record of theirs opens again while
 * the chain over them stands, and blanks what is held in clear. What they objected to goes on being honoured.
 *
 * Rows that the database still holds as dead until its next vacuum, its write-ahead log and backups follow their own
 * retention.
 */
export async function eraseRecipient(
  parts: { readonly db: Kysely<Database>; readonly keyring: Keyring; readonly trail: AuditTrail },
  who: { readonly tenant: string; readonly recipient: string },
  by: { readonly author: string; readonly reason: string },
  atMs: number,
): Promise<Erasure> {
  const { keyring } = parts;
  const { tenant, recipient } = who;
  const erasure = await parts.trail.transact(parts.db, [], async (tx, append): Promise<Erasure> => {
    const rid = await keyring.destroy(tx, who, atMs);
    const ids = await blankMessages(tx, tenant, recipient, atMs);
    const kept = await sql<{ n: number }>`
      with gone as (
        delete from suppressions where tenant = ${tenant} and recipient = ${recipient}
        returning tenant, entry_key, since_ms, entry
      ), kept as (
        insert into kept_objections (tenant, tag, entry_key, since_ms, entry)
        select tenant, ${keyring.tagOf(who)}::text, entry_key, since_ms, entry from gone
        on conflict (tenant, tag, entry_key) do update set since_ms = excluded.since_ms, entry = excluded.entry
      )
      select count(*)::integer as n from gone`.execute(tx);
    const stated = await tx
      .deleteFrom('facts')
      .where('tenant', '=', tenant)
      .where('scope', '=', 'recipient')
      .where('subject', '=', keyring.tagOf(who))
      .executeTakeFirst();
    let rows = Number(stated.numDeletedRows);
    for (const table of await tablesByRecipient(tx)) {
      const gone =
        await sql`delete from ${sql.table(table)} where tenant = ${tenant} and recipient = ${recipient}`.execute(
          tx,
        );
      rows += Number(gone.numAffectedRows ?? 0);
    }
    for (const table of ['cap_reservations', 'cap_keys']) {
      // No pattern: `_`, which addresses may have, would stand for any character, and others' counts would go.
      await sql`delete from ${sql.table(table)} where tenant = ${tenant}
        and position('|recipient=' || ${recipient}::text || '|' in '|' || key || '|') > 0`.execute(tx);
    }
    const objections = kept.rows[0]?.n ?? 0;
    const found = rid !== undefined || ids > 0 || objections > 0 || rows > 0;
    const payload = { ...by, ...(rid === undefined ? {} : { rid }), messages: ids, objections };
    await append([
      { kind: 'erasure', tenant, atMs, subject: 'erasure', outcome: found ? 'erased' : 'unknown', payload },
    ]);
    return { found, rid, messages: ids, objections };
  });
  if (erasure.rid !== undefined) keyring.forget([erasure.rid]);
  return erasure;
}

/** States in which a message waits or works; it is stopped. */
const OPEN = [
  'accepted',
  'scheduled',
  'queued',
  'waiting',
  'deferred',
  'sending',
  'retrying',
  'held',
  'unknown',
];

async function blankMessages(tx: Db, tenant: string, recipient: string, atMs: number): Promise<number> {
  const done = await sql<{ n: number; refs: string | null }>`
    with ids as materialized (select id, body_ref from messages where tenant = ${tenant} and recipient = ${recipient}),
    blank as (
      update messages m set recipient = '', subject = null, body = '', body_ref = null, metadata = null, verdict = null,
        order_key = m.id, version = m.version + 1, updated_at_ms = ${atMs}::bigint, due_at_ms = null,
        state = case when m.state in (${sql.join(OPEN)}) then 'blocked' else m.state end,
        reason = case when m.state in (${sql.join(OPEN)}) then 'erased' else m.reason end
      from ids where m.tenant = ${tenant} and m.id = ids.id
    ),
    told as (update events e set data = null from ids where e.tenant = ${tenant} and e.message_id = ids.id),
    tried as (update attempts a set error_detail = null from ids where a.tenant = ${tenant} and a.message_id = ids.id),
    receipted as (update receipts r set detail = null from ids where r.tenant = ${tenant} and r.message_id = ids.id),
    died as (update dead_letters d set detail = '' from ids where d.tenant = ${tenant} and d.message_id = ids.id),
    keyed as (update idempotency_keys k set body_hash = '' from ids where k.tenant = ${tenant} and k.message_id = ids.id),
    counted as (delete from cap_reservations c using ids where c.tenant = ${tenant} and c.message_id = ids.id),
    said as (update feedback f set body = null, note = null from ids where f.tenant = ${tenant} and f.message_id = ids.id)
    select count(*)::integer as n, json_agg(body_ref) filter (where body_ref is not null)::text as refs from ids`.execute(
    tx,
  );
  const refs = JSON.parse(done.rows[0]?.refs ?? '[]') as string[];
  // What others were sent too stays for their messages.
  if (refs.length > 0) await dropUnused(tx, refs);
  return done.rows[0]?.n ?? 0;
}
