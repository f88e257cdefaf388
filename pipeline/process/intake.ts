import { messageOf } from '../../models/base/errors.ts';
import { canonicalJson } from '../../models/base/json.ts';
import type { Verdict } from '../../models/verdict.ts';
import { treatmentOf } from '../classify/treatment.ts';
import { loadMessages, type MessageRef, type MessageRow } from '../store/messages.ts';
import type { Lane } from '../store/schema.ts';
import { type Transition, takeSteps } from '../store/transition.ts';
import { chunks, enqueue } from './enqueue.ts';
import type { Workshop } from './ports.ts';

/** Takes accepted messages to their lane: classify, treatment, lane. */
export function createIntake(shop: Workshop, line: Lane): (refs: MessageRef[]) => Promise<void> {
  const db = line === 'transactional' ? shop.store.urgent : shop.store.bulk;
  const sliceSize = line === 'transactional' ? shop.settings.envelope.transactional : shop.settings.bulkSlice;
  return async (refs) => {
    for (const slice of chunks(refs, sliceSize)) {
      if (line === 'promotional') await shop.pressure.pass();
      const messages = await loadMessages(db, slice, ['accepted']);
      const verdicts = await classifyAll(shop, messages);
      const steps = messages.map((message, i) => route(message, verdicts[i], shop.clock()));
      const moved = await takeSteps(db, steps);
      tell(shop, messages, verdicts);
      await forward(shop, messages, steps, moved);
    }
  };
}

/** One text that the classifier chokes on must not hold up the others: it goes on without a verdict. */
async function classifyAll(
  shop: Workshop,
  messages: readonly MessageRow[],
): Promise<(Verdict | undefined)[]> {
  if (messages.length === 0) return [];
  const inputs = messages.map((message) => ({ text: message.body }));
  try {
    return await shop.classifier.classify(inputs);
  } catch (error) {
    shop.report(error, 'classifying');
  }
  const one = async (input: { text: string }, i: number): Promise<Verdict | undefined> => {
    try {
      return (await shop.classifier.classify([input]))[0];
    } catch (error) {
      shop.report(error, `classifying ${messages[i]!.id}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const out: (Verdict | undefined)[] = [];
  for (const [i, input] of inputs.entries()) out.push(await one(input, i));
  return out;
}

function tell(
  { onClassified }: Workshop,
  messages: readonly MessageRow[],
  verdicts: readonly (Verdict | undefined)[],
): void {
  if (!onClassified) return;
  for (const [i, { tenant, sender, body }] of messages.entries()) {
    const verdict = verdicts[i];
    if (verdict) onClassified({ tenant, sender, text: body, verdict });
  }
}

function route(message: MessageRow, verdict: Verdict | undefined, atMs: number): Transition {
  const treatment = treatmentOf({ verdict, claim: message.claim ?? undefined });
  const { class: named, band, probability, risk, stage } = verdict ?? {};
  return {
    tenant: message.tenant,
    id: message.id,
    version: message.version,
    to: 'queued',
    lane: treatment.treatment,
    atMs,
    event: 'classified',
    data: canonicalJson({ class: named, band, probability, risk, stage, ...treatment }),
    ...(verdict ? { verdict: JSON.stringify(verdict) } : {}),
  };
}

async function forward(
  shop: Workshop,
  messages: readonly MessageRow[],
  steps: readonly Transition[],
  moved: ReadonlySet<string>,
): Promise<void> {
  const going = messages.flatMap((message, i) => {
    const { lane } = steps[i]!;
    // Now known to be in no hurry: bulk work need not stand aside for it.
    if (lane === 'promotional') shop.pressure.leave(message.id);
    return moved.has(message.id) ? [{ ...message, state: 'queued' as const, lane }] : [];
  });
  await enqueue(shop.transport, shop.settings, going);
}
