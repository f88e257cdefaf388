import { wordTerms } from '../features/terms.ts';
import type { Vocabulary } from '../features/vocabulary.ts';

/** Upper bounds of the bins of P(promotional); the last bin ends at 1. */
export const SCORE_BOUNDS = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97] as const;
/** Upper bounds of the bins of the share of a message's terms that training had not seen; the last ends at 1. */
export const UNSEEN_BOUNDS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8] as const;

export const SCORE_BINS = SCORE_BOUNDS.length + 1;
export const UNSEEN_BINS = UNSEEN_BOUNDS.length + 1;

/**
 * How a model answered messages that its trees had not seen while it was trained: what live answers are held against.
 * Counts are of distinct training texts.
 */
export interface DriftReference {
  /** Out-of-bag answers by P(promotional), one count a bin of {@link SCORE_BOUNDS}. */
  readonly scores: readonly number[];
  /** Out-of-bag answers in the sure band. */
  readonly sure: number;
  /** Texts by the share of their terms that no other text would have taught, one count a bin of {@link UNSEEN_BOUNDS}. */
  readonly unseen: readonly number[];
}

const binOf = (value: number, bounds: readonly number[]): number => {
  let bin = 0;
  while (bin < bounds.length && value >= bounds[bin]!) bin++;
  return bin;
};

/** @param probability P(promotional), 0 to 1 */
export const scoreBin = (probability: number): number => binOf(probability, SCORE_BOUNDS);

/** @param share of unseen terms, 0 to 1 */
export const unseenBin = (share: number): number => binOf(share, UNSEEN_BOUNDS);

/** Share of a text's different word terms that the vocabulary does not hold; 0 for a text without terms. */
export function unseenShare(vocabulary: Pick<Vocabulary, 'indexOf'>, canonical: string): number {
  const terms = new Set(wordTerms(canonical));
  if (terms.size === 0) return 0;
  let unseen = 0;
  for (const term of terms) if (!vocabulary.indexOf.has(term)) unseen++;
  return unseen / terms.size;
}
