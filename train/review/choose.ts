import { groupRows } from '../../data/split.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Model } from '../../models/model.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';

/** A message that could be labelled. */
export interface ReviewItem {
  readonly text: string;
  /** Of a message of the store. */
  readonly messageId?: string;
  readonly sender?: string;
  /** Where it is known: no two of one template are shown. */
  readonly template?: string;
}

/** A message worth labelling. */
export interface Chosen extends ReviewItem {
  readonly verdict: Verdict;
  /** P(promotional) by words alone, where the model also has an encoder. */
  readonly lexicalProbability?: number;
  /** 0 to 1; see {@link usefulness}. */
  readonly usefulness: number;
}

export interface ChooseOptions {
  readonly model: Model;
  readonly classifier: Classifier;
  /** Fingerprints that have a label already, with their text where it is known. */
  readonly labelled: ReadonlyMap<string, string | undefined>;
  readonly limit: number;
  readonly onProgress?: (done: number, total: number) => void;
}

const BATCH = 256;

/**
 * How much a label would teach: how close the answer is to the decision threshold (uncertainty sampling, Lewis and Gale
 * 1994), or how far words alone and the whole model are apart (query by committee, Seung et al. 1992), whichever is more.
 *
 * @param decision threshold, above 0 and below 1
 * @returns 0 to 1
 */
export function usefulness(probability: number, decision: number, lexicalProbability = probability): number {
  const closeness = probability < decision ? probability / decision : (1 - probability) / (1 - decision);
  return Math.max(closeness, Math.abs(probability - lexicalProbability));
}

/**
 * The messages to label next, the most useful first: none like one that has a label, and one of each fingerprint,
 * template and family of near-duplicates.
 */
export async function chooseForReview(
  items: readonly ReviewItem[],
  options: ChooseOptions,
): Promise<Chosen[]> {
  const { model, classifier, labelled, limit } = options;
  const open = withoutLabelled(items, labelled);
  const verdicts = await ask(classifier, open, options.onProgress);
  const lexical = model.full ? await askWordsAlone(model, open) : undefined;
  const { decision } = model.manifest.thresholds;
  const ranked = open
    .map((item, i): Chosen => {
      const lexicalProbability = lexical?.[i]?.probability;
      return {
        ...item,
        verdict: verdicts[i]!,
        ...(lexicalProbability === undefined ? {} : { lexicalProbability }),
        usefulness: usefulness(verdicts[i]!.probability, decision, lexicalProbability),
      };
    })
    .sort((a, b) => b.usefulness - a.usefulness || (a.verdict.fingerprint < b.verdict.fingerprint ? -1 : 1));
  return oneOfEachKind(
    ranked,
    [...labelled.values()].flatMap((text) => text ?? []),
    limit,
  );
}

function withoutLabelled(items: readonly ReviewItem[], labelled: ReadonlyMap<string, unknown>): ReviewItem[] {
  const seen = new Set(labelled.keys());
  return items.filter(({ text }) => {
    const print = fingerprint(canonicalise(text));
    if (seen.has(print)) return false;
    seen.add(print);
    return true;
  });
}

async function ask(
  classifier: Classifier,
  items: readonly ReviewItem[],
  onProgress?: ChooseOptions['onProgress'],
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let at = 0; at < items.length; at += BATCH) {
    const inputs = items.slice(at, at + BATCH).map(({ text }) => ({ text }));
    verdicts.push(...(await classifier.classify(inputs, { reasons: false })));
    onProgress?.(verdicts.length, items.length);
  }
  return verdicts;
}

async function askWordsAlone(model: Model, items: readonly ReviewItem[]): Promise<Verdict[]> {
  const { full: _, ...lexicalModel } = model;
  return ask(createClassifier(lexicalModel), items);
}

function oneOfEachKind(ranked: readonly Chosen[], labelled: readonly string[], limit: number): Chosen[] {
  const groups = groupRows([...labelled.map((text) => ({ text })), ...ranked]);
  const taken = new Set(groups.subarray(0, labelled.length));
  const chosen: Chosen[] = [];
  for (const [i, one] of ranked.entries()) {
    if (chosen.length === limit) break;
    const group = groups[labelled.length + i]!;
    if (taken.has(group)) continue;
    taken.add(group);
    chosen.push(one);
  }
  return chosen;
}
