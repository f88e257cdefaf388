import { sql } from 'kysely';
import { contentOf } from '../comply/content/content.ts';
import { replay as evaluateAgain } from '../comply/evaluate.ts';
import type { Evaluation, RuleSet } from '../comply/types.ts';
import type { Keyring } from '../keys/keyring.ts';
import { extrasOf } from '../process/facts.ts';
import type { DecisionRecord } from '../record/decision.ts';
import { type DecisionRow, openDecisions } from '../record/open-decision.ts';
import type { LargeBodies } from '../store/large-bodies.ts';
import { loadMessages, type MessageRow } from '../store/messages.ts';
import { type Db, MESSAGE_STATES } from '../store/schema.ts';
import { type ChangeReport, createTally } from './compare.ts';

export interface DecisionSpan {
  readonly tenant: string;
  /** Inclusive, epoch ms. */
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
  /** At most so many decisions, oldest first. */
  readonly limit: number;
}

const PAGE = 200;
/** So many are asked without a pause. */
const AT_ONCE = 10;

type Row = DecisionRow & { readonly created_at_ms: number };

/** Decisions of a span, page by page, oldest first; `pause` is awaited between groups, where other work may go first. */
export async function* recordedDecisions(
  keyring: Keyring,
  db: Db,
  span: DecisionSpan,
  pause: () => Promise<void>,
): AsyncGenerator<{ readonly row: Row; readonly opened: Awaited<ReturnType<typeof openDecisions>>[number] }> {
  let after = { at: span.fromMs, id: '', seq: 0 };
  for (let left = span.limit; left > 0; ) {
    await pause();
    const { rows } = await sql<Row>`
      select tenant, message_id, seq, record, created_at_ms from decisions
      where tenant = ${span.tenant} and created_at_ms < ${span.toMs}
        and (created_at_ms, message_id, seq) > (${after.at}::bigint, ${after.id}::text, ${after.seq}::integer)
      order by created_at_ms, message_id, seq limit ${Math.min(PAGE, left)}`.execute(db);
    const opened = await openDecisions(keyring, db, rows);
    for (const [i, row] of rows.entries()) {
      if (i % AT_ONCE === 0) await pause();
      yield { row, opened: opened[i]! };
    }
    const last = rows.at(-1);
    if (!last || rows.length < Math.min(PAGE, left)) return;
    after = { at: last.created_at_ms, id: last.message_id, seq: last.seq };
    left -= rows.length;
  }
}

interface Taken {
  readonly id: string;
  readonly evaluation: Pick<Evaluation, 'facts' | 'atMs'>;
}

/** Facts on record, with the answers of the message's text to what these rules ask of it. */
function withOwnQuestions(
  ruleset: RuleSet,
  { facts, atMs }: Taken['evaluation'],
  message: MessageRow,
): Taken['evaluation'] {
  const patterns = ruleset.patterns(message.channel);
  if (patterns.length === 0) return { facts, atMs };
  const content = contentOf(message.body, message.channel, { ...extrasOf(message), patterns });
  return { facts: { ...facts, 'message.patterns': content.patterns ?? {} }, atMs };
}

/**
 * Which recorded decisions would have been others, had rules `after` been asked in place of `before`, on the facts
 * that are on record and the text of the message. What no rule asked for then, but for the text, is unknown, and a
 * rule that asks for it takes its strict answer.
 */
export async function diffOnRecord(
  parts: {
    readonly keyring: Keyring;
    readonly db: Db;
    readonly bodies: LargeBodies;
    readonly pause: () => Promise<void>;
  },
  before: RuleSet,
  after: RuleSet,
  span: DecisionSpan,
): Promise<ChangeReport> {
  const tally = createTally();
  let group: Taken[] = [];
  const compareGroup = async (): Promise<void> => {
    const refs = group.map(({ id }) => ({ tenant: span.tenant, id }));
    const stored = await loadMessages(parts.db, refs, MESSAGE_STATES);
    const messages = await parts.bodies.fill(parts.db, stored);
    const byId = new Map(messages.map((message) => [message.id, message]));
    for (const { id, evaluation } of group) {
      const message = byId.get(id);
      const asked = (ruleset: RuleSet): Evaluation =>
        evaluateAgain(ruleset, message ? withOwnQuestions(ruleset, evaluation, message) : evaluation);
      tally.add(id, asked(before), asked(after));
    }
    group = [];
  };
  for await (const { row, opened } of recordedDecisions(parts.keyring, parts.db, span, parts.pause)) {
    if (opened.kind === 'open') {
      const { evaluation } = JSON.parse(opened.bytes) as DecisionRecord;
      group.push({ id: row.message_id, evaluation });
    } else tally.unreadable();
    if (group.length >= AT_ONCE) await compareGroup();
  }
  await compareGroup();
  return tally.report();
}
