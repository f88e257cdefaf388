import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { canonicalJson } from '../../models/base/json.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import type { MessageClass, Verdict } from '../../models/verdict.ts';
import { claimsPromotional } from '../classify/treatment.ts';
import { addIncidents, type Incident } from '../reputation/store.ts';
import { recordset } from './recordset.ts';
import type { Db } from './schema.ts';

/** What a person says a message is. Exactly one of `messageId` and `text`; at least one of `label` and `risk`. */
export interface FeedbackStatement {
  /** Made by who sends it: the same id twice is one statement. */
  readonly id: string;
  /** A message of the store; its body stays there and is not copied. */
  readonly messageId?: string;
  readonly text?: string;
  readonly label?: MessageClass;
  /** Scam or phishing. */
  readonly risk?: boolean;
  readonly note?: string;
  /** By what way it came: `api`, `review`, ... */
  readonly source: string;
  /** Who says so. */
  readonly author: string;
}

export type FeedbackOutcome =
  | { readonly kind: 'recorded' | 'repeated'; readonly id: string; readonly fingerprint: string }
  /** The id was used for another statement. */
  | { readonly kind: 'id-reused'; readonly id: string }
  | { readonly kind: 'unknown-message'; readonly id: string; readonly messageId: string };

/** A statement as it is kept. */
export interface FeedbackEntry extends Omit<FeedbackStatement, 'text'> {
  readonly seq: number;
  readonly fingerprint: string;
  /** Undefined when the message it spoke of is gone. */
  readonly text?: string;
  readonly atMs: number;
}

/** A classified message that nobody has labelled. */
export interface UnlabelledMessage {
  readonly id: string;
  readonly text: string;
  readonly sender: string;
  readonly channel: string;
  readonly verdict: Pick<Verdict, 'class' | 'band' | 'probability' | 'fingerprint' | 'modelVersion'>;
}

/** Human labels, append-only. */
export interface FeedbackLedger {
  /**
   * Durable when it resolves; one outcome a statement, in order. What was said of a message lowers its sender's standing
   * with it: scam, and advertising that went for something else; each once a message, however often it is said.
   */
  append(tenant: string, statements: readonly FeedbackStatement[], atMs: number): Promise<FeedbackOutcome[]>;
  /** In order of arrival, after `afterSeq`. */
  list(
    tenant: string,
    page: { readonly afterSeq?: number; readonly limit: number },
  ): Promise<FeedbackEntry[]>;
  /** The latest classified messages without a label, one of each fingerprint, newest first. */
  unlabelled(tenant: string, limit: number): Promise<UnlabelledMessage[]>;
}

const COLUMNS = {
  ord: 'integer',
  tenant: 'text',
  id: 'text',
  content_hash: 'text',
  fingerprint: 'text',
  message_id: 'text',
  body: 'text',
  label: 'text',
  risk: 'boolean',
  note: 'text',
  source: 'text',
  author: 'text',
  at_ms: 'bigint',
} as const;

/** Messages looked through for ones without a label, for each that is wanted. */
const LOOKED_THROUGH = 10;

export function createFeedbackLedger(db: Db): FeedbackLedger {
  return {
    async append(tenant, statements, atMs) {
      const marks = await fingerprintsOf(db, tenant, statements);
      const ready = statements.flatMap((statement, ord) => {
        const { text } = statement;
        const mark = text === undefined ? marks.get(statement.messageId!) : fingerprintOf(text);
        return mark === undefined ? [] : [rowOf(tenant, statement, mark, ord, atMs)];
      });
      const stored = await db.transaction().execute(async (tx) => {
        const there = await store(tx, tenant, ready);
        const fresh = ready.filter((row) => there.get(row.id)?.ord === row.ord);
        await addIncidents(tx, await incidentsOf(tx, tenant, fresh));
        return there;
      });
      const rows = new Map(ready.map((row) => [row.ord, row]));
      return statements.map((statement, ord): FeedbackOutcome => {
        const { id } = statement;
        const row = rows.get(ord);
        if (!row) return { kind: 'unknown-message', id, messageId: statement.messageId! };
        const there = stored.get(id)!;
        if (there.hash !== row.content_hash) return { kind: 'id-reused', id };
        return { kind: there.ord === ord ? 'recorded' : 'repeated', id, fingerprint: row.fingerprint };
      });
    },

    async list(tenant, { afterSeq = 0, limit }) {
      const rows = await db
        .selectFrom('feedback as f')
        .leftJoin('messages as m', (join) =>
          join.onRef('m.tenant', '=', 'f.tenant').onRef('m.id', '=', 'f.message_id'),
        )
        .selectAll('f')
        .select('m.body as message_body')
        .where('f.tenant', '=', tenant)
        .where('f.seq', '>', afterSeq)
        .orderBy('f.seq')
        .limit(limit)
        .execute();
      return rows.map((row): FeedbackEntry => {
        // A large text is kept elsewhere: its message is known by its fingerprint.
        const text = row.body ?? (row.message_body === '' ? null : row.message_body);
        return {
          seq: row.seq,
          id: row.id,
          fingerprint: row.fingerprint,
          source: row.source,
          author: row.author,
          atMs: row.at_ms,
          ...(row.message_id === null ? {} : { messageId: row.message_id }),
          ...(text === null ? {} : { text }),
          ...(row.label === null ? {} : { label: row.label }),
          ...(row.risk === null ? {} : { risk: row.risk }),
          ...(row.note === null ? {} : { note: row.note }),
        };
      });
    },

    async unlabelled(tenant, limit) {
      // Ids rise with time, so their key serves as the index of what came last.
      const found = await sql<{ id: string; body: string; sender: string; channel: string; verdict: string }>`
        select m.id, m.body, m.sender, m.channel, m.verdict from messages m
        where m.tenant = ${tenant} and m.verdict is not null and m.body_ref is null order by m.id desc
        limit ${limit * LOOKED_THROUGH}`.execute(db);
      const byFingerprint = new Map<string, UnlabelledMessage>();
      for (const { id, body, sender, channel, verdict } of found.rows) {
        const { reasons: _, ...said } = JSON.parse(verdict) as Verdict;
        if (!byFingerprint.has(said.fingerprint))
          byFingerprint.set(said.fingerprint, { id, text: body, sender, channel, verdict: said });
      }
      const labelled = await sql<{ fingerprint: string }>`
        select distinct f.fingerprint from ${recordset(
          { fingerprint: 'text' },
          [...byFingerprint.keys()].map((one) => ({ fingerprint: one })),
        )} join feedback f on f.tenant = ${tenant} and f.fingerprint = x.fingerprint`.execute(db);
      for (const row of labelled.rows) byFingerprint.delete(row.fingerprint);
      return [...byFingerprint.values()].slice(0, limit);
    },
  };
}

const fingerprintOf = (text: string): string => fingerprint(canonicalise(text));

type NewRow = ReturnType<typeof rowOf>;

function rowOf(tenant: string, statement: FeedbackStatement, mark: string, ord: number, atMs: number) {
  const { id, messageId, label, risk, note, source, author } = statement;
  const said = { messageId, text: statement.text, label, risk, note, source, author };
  const content = canonicalJson(JSON.parse(JSON.stringify(said)));
  return {
    ord,
    tenant,
    id,
    content_hash: createHash('sha256').update(content).digest('hex'),
    fingerprint: mark,
    message_id: messageId ?? null,
    body: statement.text ?? null,
    label: label ?? null,
    risk: risk ?? null,
    note: note ?? null,
    source,
    author,
    at_ms: atMs,
  };
}

/** Fingerprints of the messages named; of a large text as it was when it was classified. */
async function fingerprintsOf(
  db: Db,
  tenant: string,
  statements: readonly FeedbackStatement[],
): Promise<Map<string, string>> {
  const ids = [...new Set(statements.flatMap(({ messageId }) => messageId ?? []))];
  if (ids.length === 0) return new Map();
  const found = await sql<{ id: string; body: string; body_ref: string | null; verdict: string | null }>`
    select m.id, m.body, m.body_ref, m.verdict from ${recordset(
      { id: 'text' },
      ids.map((id) => ({ id })),
    )}
    join messages m on m.tenant = ${tenant} and m.id = x.id`.execute(db);
  return new Map(
    found.rows.flatMap(({ id, body, body_ref: ref, verdict }) => {
      if (ref === null) return [[id, fingerprintOf(body)]];
      return verdict === null ? [] : [[id, (JSON.parse(verdict) as Verdict).fingerprint]];
    }),
  );
}

interface SaidOf {
  readonly id: string;
  readonly message_id: string;
  readonly sender: string;
  readonly claim: string | null;
  readonly verdict: string | null;
  readonly label: MessageClass | null;
  readonly risk: boolean | null;
  readonly said_scam: boolean;
  readonly said_advert: boolean;
}

/** What new statements about messages of the store say against their senders. */
async function incidentsOf(db: Db, tenant: string, fresh: readonly NewRow[]): Promise<Incident[]> {
  const against = fresh.filter(
    ({ message_id, label, risk }) => message_id !== null && (label === 'promotional' || risk === true),
  );
  if (against.length === 0) return [];
  // Of one message twice in a list the first counts.
  const found = await sql<SaidOf>`
    with said as materialized (
      select x.id, x.message_id, f.fingerprint, f.seq, f.label, f.risk from ${recordset({ id: 'text', message_id: 'text' }, against)}
      join feedback f on f.tenant = ${tenant} and f.id = x.id
    )
    select said.id, said.message_id, said.label, said.risk, m.sender, m.claim, m.verdict,
      exists (select 1 from feedback e where e.tenant = ${tenant} and e.fingerprint = said.fingerprint and e.message_id = said.message_id
        and e.seq < said.seq and e.risk) as said_scam,
      exists (select 1 from feedback e where e.tenant = ${tenant} and e.fingerprint = said.fingerprint and e.message_id = said.message_id
        and e.seq < said.seq and e.label = 'promotional') as said_advert
    from said join messages m on m.tenant = ${tenant} and m.id = said.message_id`.execute(db);
  const atMs = fresh[0]!.at_ms;
  return found.rows.flatMap((row): Incident[] => {
    const { sender } = row;
    if (row.risk && !row.said_scam) return [{ tenant, sender, kind: 'scam', atMs }];
    const isNews = row.label === 'promotional' && !row.said_advert;
    return isNews && wentForElse(row) ? [{ tenant, sender, kind: 'mislabelled', atMs }] : [];
  });
}

/** Did it go for something other than advertising, by the caller's word or the classifier's? */
function wentForElse({ claim, verdict }: Pick<SaidOf, 'claim' | 'verdict'>): boolean {
  if (claimsPromotional(claim ?? undefined)) return false;
  return claim !== null || (verdict !== null && (JSON.parse(verdict) as Verdict).class === 'transactional');
}

/** Stores what is new. @returns for each id what stands under it, and which of our rows that is, if one is */
async function store(
  db: Db,
  tenant: string,
  rows: readonly NewRow[],
): Promise<Map<string, { hash: string; ord: number | undefined }>> {
  if (rows.length === 0) return new Map();
  // Of one id twice in a list the first is stored; `on conflict` alone would leave open which.
  const firsts = rows.filter((row, at) => rows.findIndex(({ id }) => id === row.id) === at);
  const inserted = await sql<{ id: string }>`
    insert into feedback (tenant, id, content_hash, fingerprint, message_id, body, label, risk, note, source, author, at_ms)
    select tenant, id, content_hash, fingerprint, message_id, body, label, risk, note, source, author, at_ms
    from ${recordset(COLUMNS, firsts)} order by ord
    on conflict (tenant, id) do nothing returning id`.execute(db);
  const fresh = new Set(inserted.rows.map(({ id }) => id));
  const there = new Map(
    firsts
      .filter(({ id }) => fresh.has(id))
      .map((row) => [row.id, { hash: row.content_hash, ord: row.ord as number | undefined }]),
  );
  const earlier = firsts.filter(({ id }) => !fresh.has(id));
  if (earlier.length === 0) return there;
  const kept = await sql<{ id: string; content_hash: string }>`
    select f.id, f.content_hash from ${recordset({ id: 'text' }, earlier)}
    join feedback f on f.tenant = ${tenant} and f.id = x.id`.execute(db);
  for (const row of kept.rows) there.set(row.id, { hash: row.content_hash, ord: undefined });
  return there;
}
