import type { Classifier, ClassifyOptions, Metadata, Verdict } from '../../models/verdict.ts';
import { advertises } from '../comply/content/detectors.ts';
import { sentencesOf } from '../comply/content/sentences.ts';
import { folded, OFFER } from '../comply/content/wording.ts';

/** Advertising found in one sentence of a message that is transactional as a whole. */
export interface MixedContent {
  /** Which sentence, from 0, and of how many. */
  readonly sentence: number;
  readonly of: number;
  /** P(promotional) of that sentence alone. */
  readonly probability: number;
}

/** A verdict as it is kept with its message. */
export type StoredVerdict = Verdict & {
  readonly mixed?: MixedContent;
  /** What was known besides the text when it was asked; absent: nothing. */
  readonly metadata?: Metadata;
};

/** Words that offers are made with. Alone they prove nothing; a sentence without any is not asked about. */
const HINT =
  /\b(?:offers?|deals?|sale|discounts?|save|free|win|exclusive|shop|buy|order now|upgrade|explore|cash ?back|rewards?|coupons?|vouchers?|bonus|prizes?|subscribe|starting (?:at|from)|only|hurry|limited|flat|upto|up to|off|new arrivals?|refer|earn)\b|\d\s?%/;

interface Suspect {
  readonly message: number;
  readonly sentence: number;
  readonly of: number;
  readonly text: string;
}

function suspectsIn(text: string, message: number): Suspect[] {
  if (!HINT.test(text.toLowerCase()) && !OFFER.test(folded(text))) return [];
  const sentences = sentencesOf(text);
  if (sentences.length < 2) return [];
  return sentences.flatMap((part, sentence) => {
    const plain = folded(part);
    const hinted = HINT.test(plain) || OFFER.test(plain) || advertises(part);
    return hinted ? [{ message, sentence, of: sentences.length, text: part }] : [];
  });
}

/**
 * Looks into messages that the classifier is sure are transactional, sentence by sentence: one that speaks of an offer
 * and that the classifier, asked about it alone, is sure is promotional makes the message mixed. Two witnesses, because
 * a sentence torn from its message misleads the classifier, and words alone mislead everybody.
 *
 * @param verdicts of the whole messages, in their order; `undefined` stays so
 * @throws what the classifier throws
 */
export async function lookIntoSentences(
  classifier: Classifier,
  texts: readonly string[],
  verdicts: readonly (Verdict | undefined)[],
  options?: ClassifyOptions,
): Promise<(StoredVerdict | undefined)[]> {
  const suspects = texts.flatMap((text, i) => {
    const verdict = verdicts[i];
    return verdict?.class === 'transactional' && verdict.band === 'sure' ? suspectsIn(text, i) : [];
  });
  if (suspects.length === 0) return [...verdicts];
  const answers = await classifier.classify(
    suspects.map(({ text }) => ({ text })),
    options,
  );
  const mixed = new Map<number, MixedContent>();
  for (const [i, { message, sentence, of }] of suspects.entries()) {
    const answer = answers[i];
    if (answer?.class !== 'promotional' || answer.band !== 'sure') continue;
    const { probability } = answer;
    const before = mixed.get(message);
    if (before === undefined || probability > before.probability)
      mixed.set(message, { sentence, of, probability });
  }
  return verdicts.map((verdict, i) => {
    const found = mixed.get(i);
    return verdict === undefined || found === undefined ? verdict : { ...verdict, mixed: found };
  });
}
