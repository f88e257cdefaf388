import type { z } from 'zod';
import { characterProblems } from '../../pipeline/accept/check.ts';
import type {
  FeedbackEntry,
  FeedbackLedger,
  FeedbackOutcome,
  FeedbackStatement,
} from '../../pipeline/store/feedback.ts';
import { fieldsOf, invalidRequest } from './body.ts';
import { FeedbackItem, type FeedbackRecorded } from './feedback-schemas.ts';
import { type ItemProblem, itemProblem, ProblemError, type ProblemField } from './problem.ts';
import { MAX_BATCH } from './schemas.ts';

type Recorded = z.infer<typeof FeedbackRecorded>;

type Checked =
  | { readonly ok: true; readonly statement: FeedbackStatement }
  | { readonly ok: false; readonly fields: readonly ProblemField[] };

/** What is being recorded, and whose. */
export interface FeedbackPorts {
  readonly ledger: FeedbackLedger;
  readonly tenant: string;
  readonly nowMs: number;
  readonly newId: () => string;
  /** Header `Idempotency-Key`: the id of a single statement without one; in a list `KEY#0`, `KEY#1`, ... */
  readonly key?: string | undefined;
}

const KEY = /^[\x21-\x7e]{1,120}$/;

function requireKey(key: string | undefined): void {
  if (key === undefined || KEY.test(key)) return;
  throw new ProblemError(
    'INVALID_IDEMPOTENCY_KEY',
    'The Idempotency-Key must be 1 to 120 printable ASCII characters.',
    {
      fix: 'Use a UUID, for example.',
    },
  );
}

/** @param fallbackId for an item that has none of its own */
function checkItem(value: unknown, fallbackId: () => string): Checked {
  const shaped = FeedbackItem.safeParse(value);
  if (!shaped.success) return { ok: false, fields: fieldsOf(shaped.error.issues) };
  const { messageId, text, label, risk, note, author, source, id } = shaped.data;
  const fields: ProblemField[] = [];
  if (messageId === undefined && text === undefined) {
    fields.push({ field: '/messageId', code: 'MISSING', message: 'or text must say which message is meant' });
  }
  if (messageId !== undefined && text !== undefined) {
    fields.push({ field: '/text', code: 'AMBIGUOUS', message: 'must not stand beside messageId' });
  }
  if (label === undefined && risk === undefined) {
    fields.push({ field: '/label', code: 'MISSING', message: 'or risk must be given' });
  }
  if (text !== undefined) {
    fields.push(...characterProblems('/text', text, 'allowed'));
    if (text.trim() === '')
      fields.push({ field: '/text', code: 'EMPTY', message: 'has nothing but white space' });
  }
  if (note !== undefined) fields.push(...characterProblems('/note', note, 'allowed'));
  if (fields.length > 0) return { ok: false, fields };
  const statement: FeedbackStatement = {
    id: id ?? fallbackId(),
    author,
    source,
    ...(messageId === undefined ? {} : { messageId }),
    ...(text === undefined ? {} : { text }),
    ...(label === undefined ? {} : { label }),
    ...(risk === undefined ? {} : { risk }),
    ...(note === undefined ? {} : { note }),
  };
  return { ok: true, statement };
}

function problemOfOutcome(outcome: Exclude<FeedbackOutcome, { fingerprint: string }>): ProblemError {
  if (outcome.kind === 'id-reused') {
    return new ProblemError(
      'FEEDBACK_ID_REUSED',
      'This id was used for another statement; nothing was changed.',
      {
        fields: [{ field: '/id', code: 'REUSED', message: 'was used for another statement' }],
        fix: 'Use a new id for a new statement.',
      },
    );
  }
  return invalidRequest([
    { field: '/messageId', code: 'UNKNOWN_MESSAGE', message: 'there is no such message' },
  ]);
}

/** Records one statement. @throws ProblemError `INVALID_REQUEST`, `FEEDBACK_ID_REUSED` */
export async function recordOne(ports: FeedbackPorts, value: unknown): Promise<Recorded> {
  requireKey(ports.key);
  const checked = checkItem(value, () => ports.key ?? ports.newId());
  if (!checked.ok) throw invalidRequest(checked.fields);
  const [outcome] = await ports.ledger.append(ports.tenant, [checked.statement], ports.nowMs);
  if ('fingerprint' in outcome!) return viewOf(outcome);
  throw problemOfOutcome(outcome!);
}

const viewOf = ({ id, fingerprint, kind }: Extract<FeedbackOutcome, { fingerprint: string }>): Recorded => ({
  id,
  fingerprint,
  repeated: kind === 'repeated',
});

/** Records a list; what is wrong with an item stands in its place and holds up no other. */
export async function recordList(ports: FeedbackPorts, items: readonly unknown[]) {
  requireKey(ports.key);
  requireSize(items);
  const idOf = (i: number) => () => (ports.key === undefined ? ports.newId() : `${ports.key}#${i}`);
  const checked = items.map((item, i) => checkItem(item, idOf(i)));
  const good = checked.flatMap((one) => (one.ok ? [one.statement] : []));
  const outcomes = good.length === 0 ? [] : await ports.ledger.append(ports.tenant, good, ports.nowMs);
  let next = 0;
  const results = checked.map((one): Recorded | { error: ItemProblem } => {
    if (!one.ok) return { error: itemOf(invalidRequest(one.fields)) };
    const outcome = outcomes[next++]!;
    if ('fingerprint' in outcome) return viewOf(outcome);
    return { error: itemOf(problemOfOutcome(outcome)) };
  });
  const repeated = outcomes.filter(({ kind }) => kind === 'repeated').length;
  const recorded = outcomes.filter(({ kind }) => kind === 'recorded').length;
  return { recorded, repeated, rejected: items.length - recorded - repeated, results };
}

const itemOf = ({ code, message, fields }: ProblemError): ItemProblem => itemProblem(code, message, fields);

function requireSize(items: readonly unknown[]): void {
  if (items.length === 0) throw invalidRequest([{ field: '', code: 'EMPTY', message: 'the list is empty' }]);
  if (items.length <= MAX_BATCH) return;
  throw new ProblemError(
    'BATCH_TOO_LARGE',
    `The list has ${items.length} items; it takes at most ${MAX_BATCH}.`,
    {
      fields: [{ field: '', code: 'TOO_MANY', message: `has more than ${MAX_BATCH} items` }],
      fix: 'Split the list.',
    },
  );
}

/** A page of statements, in order of arrival. */
export async function feedbackPage(
  ledger: FeedbackLedger,
  tenant: string,
  { after, limit }: { readonly after: number; readonly limit: number },
) {
  const entries = await ledger.list(tenant, { afterSeq: after, limit });
  return {
    feedback: entries.map(({ atMs, ...entry }: FeedbackEntry) => ({
      ...entry,
      at: new Date(atMs).toISOString(),
    })),
    next: entries.length < limit ? null : entries.at(-1)!.seq,
  };
}
