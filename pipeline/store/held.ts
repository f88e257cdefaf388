import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { OpenMessage } from './messages.ts';
import { recordset } from './recordset.ts';
import type { Database, Db } from './schema.ts';

/** Whom news is about; an absent member: all of them. A recipient is one of a tenant's. */
export interface HeldNews {
  readonly tenant?: string;
  readonly recipient?: string;
  readonly sender?: string;
}

/** News that is kept so long reaches a message that was judged before it came and was put on hold after. */
const KEPT_MS = 120_000;
/** What no news tells (a registry that answers again, a date of law) is tried for at first after so long, ever more rarely. */
const FIRST_TRY_MS = 15 * 60_000;

/** Tells, in the transaction of a change, that messages on hold may go on: they are asked again once it is committed. */
export async function tellHeld(db: Db, news: readonly HeldNews[]): Promise<void> {
  if (news.length === 0) return;
  await sql`insert into held_news (tenant, recipient, sender)
    select tenant, recipient, sender
    from ${recordset({ tenant: 'text', recipient: 'text', sender: 'text' }, news)}`.execute(db);
}

/**
 * Notices what was committed since the last time; it bears `nowMs` from then on. Old news is dropped.
 *
 * @param lookedMs news noticed after it stays however old it is: nobody has looked for its messages yet
 */
export async function noticeNews(db: Db, nowMs: number, lookedMs: number): Promise<void> {
  await sql`
    with gone as (delete from held_news where seen_at_ms < ${Math.min(nowMs - KEPT_MS, lookedMs)}::bigint)
    update held_news set seen_at_ms = ${nowMs}::bigint where seen_at_ms is null`.execute(db);
}

const COLUMNS = sql`m.tenant, m.id, m.state, m.lane, m.order_key, m.version, m.attempts, m.verdict`;
/** When the rules were asked that put it on hold; none were where there is no carrier for it. */
const JUDGED = sql`coalesce((
  select d.created_at_ms from decisions d
  where d.tenant = m.tenant and d.message_id = m.id and d.seq = m.version - 1
), m.updated_at_ms)`;

/** Two forms, because one condition for both would find its messages by no index. */
const OF_ONE = sql`m.tenant = n.tenant and m.recipient = n.recipient
  and m.sender = coalesce(n.sender, m.sender) and n.consent_from is null`;
const OF_MANY = sql`n.recipient is null and m.tenant = coalesce(n.tenant, m.tenant)
  and m.sender = coalesce(n.sender, m.sender) and n.consent_from is null`;

const toldOf = (whom: RawBuilder<unknown>, when: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`select m.tenant, m.id, n.seen_at_ms as at from held_news n join messages m on m.state = 'held' and ${whom}
      where ${when}`;

/**
 * Messages on hold that news came for after their rules were asked: fresh news for whatever is on hold, and kept news
 * for what came to be on hold since. One that is put back is asked later than the news, so the same news reaches it once.
 *
 * @param noticedMs when the latest news was noticed
 * @param lookedMs when the news was noticed that was looked through to its end last; what was noticed after it is fresh
 * @param sinceMs what is on hold from then on is held against kept news
 */
export async function heldWithNews(
  db: Db,
  noticedMs: number,
  lookedMs: number,
  sinceMs: number,
  limit: number,
): Promise<OpenMessage[]> {
  const fresh = sql`(n.seen_at_ms = ${noticedMs}::bigint or n.seen_at_ms > ${lookedMs}::bigint)`;
  const recent = sql`m.updated_at_ms >= ${sinceMs}::bigint and n.seen_at_ms is not null`;
  const found = await sql<OpenMessage>`
    with told as (
      ${toldOf(OF_ONE, fresh)}
      union all
      ${toldOf(OF_MANY, fresh)}
      union all
      select m.tenant, m.id, n.seen_at_ms from held_news n
      join consent_events c on c.tenant = n.tenant and c.seq between n.consent_from and n.consent_to
      join messages m on m.state = 'held' and m.tenant = c.tenant and m.recipient = c.recipient
      where ${fresh}
      union all
      ${toldOf(OF_ONE, recent)}
      union all
      ${toldOf(OF_MANY, recent)}
      union all
      select m.tenant, m.id, n.seen_at_ms from messages m
      join consent_events c on c.tenant = m.tenant and c.recipient = m.recipient
      join held_news n on n.tenant = c.tenant and c.seq between n.consent_from and n.consent_to
      where m.state = 'held' and ${recent}
    ), latest as (select tenant, id, max(at) as at from told group by tenant, id)
    select ${COLUMNS} from latest l join messages m on m.tenant = l.tenant and m.id = l.id and m.state = 'held'
    where ${JUDGED} <= l.at order by m.seq limit ${limit}`.execute(db);
  return found.rows;
}

/**
 * Messages on hold whose life is over, and those not asked for as long as they had waited then: at first a quarter of
 * an hour, then twice that, and so on.
 */
export async function heldTooLong(db: Db, nowMs: number, limit: number): Promise<OpenMessage[]> {
  const found = await sql<OpenMessage>`
    select ${COLUMNS} from messages m where m.state = 'held' and (
      m.expires_at_ms <= ${nowMs}::bigint
      or m.updated_at_ms + greatest(${FIRST_TRY_MS}::bigint, m.updated_at_ms - m.accepted_at_ms) <= ${nowMs}::bigint
    ) order by m.seq limit ${limit}`.execute(db);
  return found.rows;
}

const RULES = { tenant: '', key: 'held-rules' } as const;

/** Has another rule set come into force since the last time, in whatever process? Then all are told. */
export async function tellOfRules(db: Kysely<Database>, version: string): Promise<void> {
  const before = await db
    .selectFrom('meta')
    .select('value')
    .where('tenant', '=', RULES.tenant)
    .where('key', '=', RULES.key)
    .executeTakeFirst();
  if (before?.value === version) return;
  // Together: a version that is on record has been told of.
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('meta')
      .values({ ...RULES, value: version })
      .onConflict((oc) => oc.columns(['tenant', 'key']).doUpdateSet({ value: version }))
      .execute();
    if (before !== undefined) await tellHeld(tx, [{}]);
  });
}
