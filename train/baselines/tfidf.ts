import { wordTerms } from '../../models/features/terms.ts';
import { fitVocabulary, vectorise } from '../../models/features/vocabulary.ts';
import { scoreSparse, sigmoid } from '../../models/heads/linear.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { fitLogistic } from '../heads/logistic.ts';
import type { Example, Predict } from './example.ts';

/** Terms in fewer messages tell nothing that generalises. */
const MIN_DOCS = 2;

/** TF-IDF of words and word pairs of the canonical text under L2-regularised logistic regression. */
export function trainTfidfLogistic(examples: readonly Example[]): Predict {
  const docs = examples.map(({ text }) => wordTerms(canonicalise(text)));
  const vocabulary = fitVocabulary(docs, { minDocs: MIN_DOCS });
  const head = fitLogistic(
    docs.map((terms) => vectorise(vocabulary, terms)),
    vocabulary.terms.length,
    examples.map(({ label }) => (label === 'promotional' ? 1 : 0)),
    examples.map(() => 1),
  );
  return (texts) =>
    Float64Array.from(texts, (text) =>
      sigmoid(scoreSparse(head, vectorise(vocabulary, wordTerms(canonicalise(text))))),
    );
}
