import { monotonicMs } from '../../models/base/clock.ts';
import { type Highlight, highlight } from '../../models/highlight.ts';
import type { Classifier, ClassifyInput, Metadata, Verdict } from '../../models/verdict.ts';
import { checkRecipient } from '../../pipeline/accept/address.ts';
import { characterProblems } from '../../pipeline/accept/check.ts';
import { candidateZones } from '../../pipeline/comply/place/zones.ts';
import { localDayAt, offsetMs, weekdayOf } from '../../pipeline/comply/time/localtime.ts';
import type { Channel } from '../../pipeline/comply/types.ts';
import { fieldsOf } from './body.ts';
import type { ItemProblem, ProblemField } from './problem.ts';
import { itemProblem } from './problem.ts';
import { ClassifyRequest } from './schemas.ts';

const HOUR_MS = 3_600_000;

export type CheckedInput =
  | {
      readonly ok: true;
      readonly input: ClassifyInput;
      readonly sender?: string;
      /** Where the reasons stand in the text is asked for. */
      readonly explain: boolean;
    }
  | { readonly ok: false; readonly fields: readonly ProblemField[] };

/** How an address is meant when nobody says: by its look. */
export function channelOf(address: string): Channel {
  return address.includes('@') ? 'email' : address.startsWith('+') ? 'sms' : 'push';
}

/** Checks what is to be classified and reads the metadata that follows from it. */
export function checkClassifyRequest(value: unknown): CheckedInput {
  const shaped = ClassifyRequest.safeParse(value);
  if (!shaped.success) return { ok: false, fields: fieldsOf(shaped.error.issues) };
  const { text, sender, recipient, sentAt, channel, explain = false } = shaped.data;
  const fields: ProblemField[] = characterProblems('/text', text, 'allowed');
  if (text.trim() === '') {
    fields.push({ field: '/text', code: 'EMPTY', message: 'has nothing but white space' });
  }
  if (sender !== undefined) fields.push(...characterProblems('/sender', sender, 'forbidden'));
  let to: string | undefined;
  if (recipient !== undefined) {
    const checked = checkRecipient(channel ?? channelOf(recipient), recipient);
    if (checked.ok) to = checked.address;
    else fields.push({ field: '/recipient', code: checked.code, message: checked.message });
  }
  if (fields.length > 0) return { ok: false, fields };
  const metadata = to === undefined || sentAt === undefined ? undefined : localTimeOf(to, Date.parse(sentAt));
  return {
    ok: true,
    explain,
    input: { text, ...(metadata ? { metadata } : {}) },
    ...(sender === undefined ? {} : { sender }),
  };
}

/** Hour and weekday where the recipient is, if all the places that may be agree. */
function localTimeOf(to: string, atMs: number): Metadata | undefined {
  const { zones } = candidateZones({ to });
  const seen = zones.map((zone) => ({
    localHour: Math.floor((((atMs + offsetMs(zone, atMs)) / HOUR_MS) % 24) + 24) % 24,
    weekday: weekdayOf(localDayAt(zone, atMs)),
  }));
  const [first, ...others] = seen;
  if (!first) return undefined;
  const agree = others.every((one) => one.localHour === first.localHour && one.weekday === first.weekday);
  return agree ? first : undefined;
}

/** Told of each answer, after it was given. */
export type ObserveItem = (
  seen: ClassifyInput & { readonly sender?: string; readonly verdict: Verdict },
) => void;

/** Texts classified before other work gets a turn. */
const SLICE = 50;

/** A verdict and, where they were asked for, the places of its reasons in the text. */
export type ExplainedVerdict = Verdict & { readonly spans?: readonly Highlight[] };

export function explained(verdict: Verdict, { text }: ClassifyInput, explain: boolean): ExplainedVerdict {
  return explain ? { ...verdict, spans: highlight(text, verdict.reasons) } : verdict;
}

/** Classifies many; bad items say what is wrong with them, the others are answered. */
export async function classifyBatch(
  classify: Classifier['classify'],
  items: readonly unknown[],
  observe: ObserveItem = () => undefined,
): Promise<{ results: (ExplainedVerdict | { error: ItemProblem })[]; tookMs: number }> {
  const started = monotonicMs();
  const checked = items.map(checkClassifyRequest);
  const good = checked.flatMap((one) => (one.ok ? [one] : []));
  const verdicts: Verdict[] = [];
  for (let from = 0; from < good.length; from += SLICE) {
    const slice = good.slice(from, from + SLICE);
    const answers = await classify(slice.map(({ input }) => input));
    verdicts.push(...answers);
    for (const [i, { input, sender }] of slice.entries())
      observe({ ...input, ...(sender === undefined ? {} : { sender }), verdict: answers[i]! });
    await new Promise((resolve) => setImmediate(resolve));
  }
  let next = 0;
  const results = checked.map((one) => {
    if (one.ok) return explained(verdicts[next++]!, one.input, one.explain);
    const [first] = one.fields;
    const detail = `${first!.field || 'The item'}: ${first!.message}`;
    return { error: itemProblem('INVALID_REQUEST', detail, one.fields) };
  });
  return { results, tookMs: roundMs(monotonicMs() - started) };
}

export const roundMs = (ms: number): number => Math.round(ms * 1_000) / 1_000;
