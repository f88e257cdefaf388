import { type Selectable, sql } from 'kysely';
import { recordset } from './recordset.ts';
import type {
  AttemptsTable,
  Db,
  DecisionsTable,
  EventsTable,
  Lane,
  MessageState,
  MessagesTable,
} from './schema.ts';

export type MessageRow = Selectable<MessagesTable>;
export type AttemptRow = Selectable<AttemptsTable>;

/** Names one message; ids alone are never trusted across tenants. */
export interface MessageRef {
  readonly tenant: string;
  readonly id: string;
}

/** A message taken up by a lane worker, with what it must know before it may act. */
export interface LoadedMessage extends MessageRow {
  /** An earlier message of the same sender to the same recipient still stands in this lane. */
  readonly behind: boolean;
  /** Provider and key of a last attempt that may or may not have got through, if there is one. */
  readonly open_provider: string | null;
  readonly open_key: string | null;
  /** That attempt has no recorded end: the process died during the call. */
  readonly open_unended: boolean;
  /** Provider of the last attempt, whatever came of it. */
  readonly last_provider: string | null;
}

const REF = { ord: 'integer', tenant: 'text', id: 'text' } as const;

/** Each message once, whatever an envelope says: a step is taken for a message, not for its mention. */
function numbered(refs: readonly MessageRef[]): object[] {
  const seen = new Map(refs.map(({ tenant, id }, ord) => [`${tenant}/${id}`, { ord, tenant, id }]));
  return [...seen.values()];
}

/** Rows of the named messages that stand in one of `states`, in the order of `refs`. */
export async function loadMessages(
  db: Db,
  refs: readonly MessageRef[],
  states: readonly MessageState[],
): Promise<MessageRow[]> {
  const loaded = await sql<MessageRow>`
    select m.* from ${recordset(REF, numbered(refs))}
    join messages m on m.tenant = x.tenant and m.id = x.id
    where m.state in (${sql.join([...states])}) order by x.ord`.execute(db);
  return loaded.rows;
}

/** As {@link loadMessages}, for release: in order of acceptance, with the message before it and its open attempt. */
export async function loadForRelease(db: Db, refs: readonly MessageRef[]): Promise<LoadedMessage[]> {
  const loaded = await sql<LoadedMessage>`
    select m.*, a.provider as last_provider,
      case when a.ended_at_ms is null or a.outcome = 'ambiguous' then a.provider end as open_provider,
      case when a.ended_at_ms is null or a.outcome = 'ambiguous' then a.provider_key end as open_key,
      coalesce(a.ended_at_ms is null and a.attempt is not null, false) as open_unended,
      exists (
        select 1 from messages p
        where p.tenant = m.tenant and p.order_key = m.order_key and p.seq < m.seq and p.lane = m.lane
          and p.state in ('accepted', 'queued', 'waiting', 'sending', 'retrying')
      ) as behind
    from ${recordset(REF, numbered(refs))}
    join messages m on m.tenant = x.tenant and m.id = x.id
    left join lateral (
      select * from attempts t
      where m.attempts > 0 and t.tenant = m.tenant and t.message_id = m.id and t.attempt = m.attempts
    ) a on true
    where m.state in ('accepted', 'queued', 'waiting', 'sending') order by m.seq`.execute(db);
  return loaded.rows;
}

/** Order keys whose line has moved: the messages waiting in it, oldest of each key first. */
export async function nextInLine(
  db: Db,
  moved: readonly { readonly tenant: string; readonly order_key: string }[],
): Promise<Array<MessageRef & { lane: Lane; order_key: string }>> {
  const found = await sql<MessageRef & { lane: Lane; order_key: string }>`
    select distinct on (m.tenant, m.order_key, m.lane) m.tenant, m.id, m.lane, m.order_key
    from ${recordset({ tenant: 'text', order_key: 'text' }, moved)}
    join messages m on m.tenant = x.tenant and m.order_key = x.order_key and m.state = 'waiting'
    order by m.tenant, m.order_key, m.lane, m.seq`.execute(db);
  return found.rows;
}

/** What a scan needs to put a message where it belongs. */
export type OpenMessage = Pick<
  MessageRow,
  'tenant' | 'id' | 'state' | 'lane' | 'order_key' | 'version' | 'attempts' | 'verdict'
>;

const OPEN_COLUMNS = [
  'tenant',
  'id',
  'state',
  'lane',
  'order_key',
  'version',
  'attempts',
  'verdict',
] as const;

/** Messages whose time has come: `scheduled`, `deferred` and `retrying` ones due at or before `nowMs`. */
export async function dueMessages(db: Db, nowMs: number, limit: number): Promise<OpenMessage[]> {
  return db
    .selectFrom('messages')
    .select(OPEN_COLUMNS)
    .where('state', 'in', ['scheduled', 'deferred', 'retrying'])
    .where('due_at_ms', '<=', nowMs)
    .orderBy('due_at_ms')
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** When the next message falls due, or undefined. */
export async function nextDueMs(db: Db): Promise<number | undefined> {
  const row = await db
    .selectFrom('messages')
    .select((eb) => eb.fn.min('due_at_ms').as('due'))
    .where('state', 'in', ['scheduled', 'deferred', 'retrying'])
    .executeTakeFirst();
  return row?.due ?? undefined;
}

/**
 * Messages that some queue should hold, untouched since `untouchedSinceMs`; of those being sent only the ones
 * whose lease is over. Page on with the last row's `seq`.
 */
export async function openMessages(
  db: Db,
  untouchedSinceMs: number,
  nowMs: number,
  afterSeq: number,
  limit: number,
): Promise<Array<OpenMessage & { seq: number }>> {
  return db
    .selectFrom('messages')
    .select([...OPEN_COLUMNS, 'seq'])
    .where('state', 'in', ['accepted', 'queued', 'waiting', 'sending'])
    .where('updated_at_ms', '<=', untouchedSinceMs)
    .where((eb) => eb.or([eb('state', '!=', 'sending'), eb('lease_until_ms', '<=', nowMs)]))
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(limit)
    .execute();
}

/** Ends every lease: only when no other process can be sending (the store is exclusive, at start). */
export async function voidLeases(db: Db): Promise<void> {
  await db.updateTable('messages').set({ lease_until_ms: 0 }).where('state', '=', 'sending').execute();
}

export interface MessageHistory {
  readonly message: MessageRow;
  readonly events: Selectable<EventsTable>[];
  readonly attempts: AttemptRow[];
}

/** One message with its timeline and attempts, oldest first. */
export async function messageHistory(
  db: Db,
  tenant: string,
  id: string,
): Promise<MessageHistory | undefined> {
  const message = await db
    .selectFrom('messages')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('id', '=', id)
    .executeTakeFirst();
  if (!message) return undefined;
  const ofMessage = { tenant, message_id: id };
  const events = await db
    .selectFrom('events')
    .selectAll()
    .where((eb) => eb.and(ofMessage))
    .orderBy('seq')
    .execute();
  const attempts = await db
    .selectFrom('attempts')
    .selectAll()
    .where((eb) => eb.and(ofMessage))
    .orderBy('attempt')
    .execute();
  return { message, events, attempts };
}

/** All decisions of a message, oldest first: a deferred one is judged again at each release. */
export async function decisionsOf(db: Db, tenant: string, id: string): Promise<Selectable<DecisionsTable>[]> {
  return db
    .selectFrom('decisions')
    .selectAll()
    .where('tenant', '=', tenant)
    .where('message_id', '=', id)
    .orderBy('seq')
    .execute();
}

/** How many messages stand where, by lane and state. */
export async function countByState(db: Db): Promise<Array<{ lane: Lane; state: MessageState; n: number }>> {
  const counted = await sql<{ lane: Lane; state: MessageState; n: number }>`
    select lane, state, count(*)::integer as n from messages group by lane, state order by lane, state`.execute(
    db,
  );
  return counted.rows;
}
