import {
  type DriftReference,
  SCORE_BINS,
  scoreBin,
  UNSEEN_BINS,
  unseenBin,
} from '../models/drift/reference.ts';
import { wordTerms } from '../models/features/terms.ts';
import type { Thresholds } from '../models/model.ts';
import type { TermMatrix, TrainingRow } from './matrix.ts';
import type { Judged } from './thresholds.ts';

/** A word enters the vocabulary when this many texts hold it; see `fitTerms`. */
const DOCUMENTS_NEEDED = 2;

/**
 * What drift monitors hold live answers against, from the training itself: out-of-bag answers, and for each text the
 * share of its terms that the vocabulary would lack had this text not been there (leave one out).
 *
 * @param judged out-of-bag answers of the model's last forest
 */
export function driftReference(
  judged: readonly Judged[],
  { sureBelow, sureAbove }: Pick<Thresholds, 'sureBelow' | 'sureAbove'>,
  rows: readonly Pick<TrainingRow, 'canonical'>[],
  { words, wordRows }: Pick<TermMatrix, 'words' | 'wordRows'>,
): DriftReference {
  const scores = new Array<number>(SCORE_BINS).fill(0);
  let sure = 0;
  for (const { probability } of judged) {
    scores[scoreBin(probability)]!++;
    if (probability < sureBelow || probability >= sureAbove) sure++;
  }
  const documents = new Uint32Array(words.terms.length);
  for (const { indices } of wordRows) for (const term of indices) documents[term]!++;
  const unseen = new Array<number>(UNSEEN_BINS).fill(0);
  rows.forEach(({ canonical }, row) => {
    const terms = new Set(wordTerms(canonical)).size;
    if (terms === 0) return;
    const known = wordRows[row]!.indices.filter((term) => documents[term]! > DOCUMENTS_NEEDED).length;
    unseen[unseenBin((terms - known) / terms)]!++;
  });
  return { scores, sure, unseen };
}
