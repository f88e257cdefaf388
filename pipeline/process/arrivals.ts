import { messageOf } from '../../models/base/errors.ts';
import { canonicalJson } from '../../models/base/json.ts';
import type { ClassifyInput, ClassifyOptions, Metadata, Verdict } from '../../models/verdict.ts';
import { lookIntoSentences, type StoredVerdict } from '../classify/mixed.ts';
import { treatmentOf } from '../classify/treatment.ts';
import { loadMetadata } from '../reputation/metadata.ts';
import type { LoadedMessage } from '../store/messages.ts';
import type { Db } from '../store/schema.ts';
import type { Transition } from '../store/transition.ts';
import type { Workshop } from './ports.ts';

/** Messages of an envelope after those that had just been accepted were classified. */
export interface Arrivals {
  /** Those that go on here, in order, each with its verdict. */
  readonly here: readonly LoadedMessage[];
  /** Steps of those that belong to the other lane. */
  readonly elsewhere: readonly Transition[];
  /** A step with what was said of its message, if that is not on record yet. */
  withVerdict(step: Transition): Transition;
  /** Tells who wants to know, once the steps are taken. */
  tell(taken: ReadonlySet<string>): void;
}

/**
 * Classifies what nobody has classified. A message whose lane is the one it came in by goes on in the same job: its
 * verdict is stored with the step that it takes anyway, so it costs no statement and no job of its own.
 */
export async function classifyArrivals(
  shop: Workshop,
  db: Db,
  messages: readonly LoadedMessage[],
): Promise<Arrivals> {
  const fresh = messages.filter((message) => message.state === 'accepted');
  const metadata = await loadMetadata(db, fresh, shop.clock());
  // Until they are classified, messages are in the lane of their claim.
  const options = { urgent: fresh.some(({ lane }) => lane === 'transactional') };
  const verdicts = await mixedContent(
    shop,
    fresh,
    await classifyAll(shop, fresh, metadata, options),
    options,
  );
  const said = new Map<string, NonNullable<Transition['classified']>>();
  const verdictOf = new Map<string, StoredVerdict | undefined>();
  const here: LoadedMessage[] = [];
  const elsewhere: Transition[] = [];
  for (const [i, { id, claim }] of fresh.entries()) {
    const known = metadata[i];
    const verdict = verdicts[i] && (known ? { ...verdicts[i], metadata: known } : verdicts[i]);
    verdictOf.set(id, verdict);
    const { class: named, band, probability, risk, stage, mixed } = verdict ?? {};
    const treatment = treatmentOf({ verdict, claim: claim ?? undefined });
    said.set(id, {
      data: canonicalJson({ class: named, band, probability, risk, stage, mixed, ...treatment }),
      ...(verdict ? { verdict: JSON.stringify(verdict) } : {}),
    });
  }
  for (const message of messages) {
    const { tenant, id, version, lane } = message;
    const classified = said.get(id);
    if (classified === undefined) {
      here.push(message);
      continue;
    }
    const { treatment } = treatmentOf({ verdict: verdictOf.get(id), claim: message.claim ?? undefined });
    if (treatment === lane) {
      here.push({ ...message, verdict: classified.verdict ?? null });
      continue;
    }
    const { data, verdict } = classified;
    const atMs = shop.clock();
    elsewhere.push({
      tenant,
      id,
      version,
      to: 'queued',
      lane: treatment,
      atMs,
      event: 'classified',
      data,
      ...(verdict === undefined ? {} : { verdict }),
    });
  }
  return {
    here,
    elsewhere,
    withVerdict(step) {
      const classified = step.event === 'classified' ? undefined : said.get(step.id);
      return classified === undefined ? step : { ...step, classified };
    },
    tell(taken) {
      if (!shop.onClassified) return;
      for (const { tenant, id, sender, body } of fresh) {
        const verdict = verdictOf.get(id);
        if (verdict && taken.has(id)) shop.onClassified({ tenant, sender, text: body, verdict });
      }
    },
  };
}

/** What sentences add is lost with the classifier; the message's own verdict stands. */
async function mixedContent(
  shop: Workshop,
  messages: readonly LoadedMessage[],
  verdicts: readonly (Verdict | undefined)[],
  options: ClassifyOptions,
): Promise<(StoredVerdict | undefined)[]> {
  const texts = messages.map(({ body }) => body);
  try {
    return await lookIntoSentences(shop.classifier, texts, verdicts, options);
  } catch (error) {
    shop.report(error, 'classifying sentences');
    return [...verdicts];
  }
}

/** One text that the classifier chokes on must not hold up the others: it goes on without a verdict. */
async function classifyAll(
  shop: Workshop,
  messages: readonly LoadedMessage[],
  metadata: readonly (Metadata | undefined)[],
  options: ClassifyOptions,
): Promise<(Verdict | undefined)[]> {
  if (messages.length === 0) return [];
  const inputs = messages.map(({ body }, i) => inputOf(body, metadata[i]));
  try {
    return await shop.classifier.classify(inputs, options);
  } catch (error) {
    shop.report(error, 'classifying');
  }
  const one = async (input: ClassifyInput, i: number): Promise<Verdict | undefined> => {
    try {
      return (await shop.classifier.classify([input], options))[0];
    } catch (error) {
      shop.report(error, `classifying ${messages[i]!.id}: ${messageOf(error)}`);
      return undefined;
    }
  };
  const out: (Verdict | undefined)[] = [];
  for (const [i, input] of inputs.entries()) out.push(await one(input, i));
  return out;
}

/** Without metadata where nothing is known: such an input is remembered by its very text. */
export function inputOf(text: string, metadata: Metadata | undefined): ClassifyInput {
  return metadata === undefined ? { text } : { text, metadata };
}
