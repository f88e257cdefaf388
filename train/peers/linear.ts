import { type LinearHead, scoreDense, scoreSparse, sigmoid } from '../../models/heads/linear.ts';
import type { Example } from '../baselines/example.ts';
import { fitLogistic } from '../heads/logistic.ts';
import { embedPlain, plainTerms, plainTfidf } from './features.ts';
import type { PeerContext, PeerPredict } from './peer.ts';

const targetsOf = (examples: readonly Example[]): number[] =>
  examples.map(({ label }) => (label === 'promotional' ? 1 : 0));

/** Logistic regression on TF-IDF of words and word pairs as they stand. */
export async function trainTfidfLogistic(examples: readonly Example[]): Promise<PeerPredict> {
  const { vocabulary, rows, rowOf } = plainTfidf(examples.map(({ text }) => text));
  const head = fitLogistic(
    rows,
    vocabulary.terms.length,
    targetsOf(examples),
    examples.map(() => 1),
    { c: 4 },
  );
  return (texts) => Float64Array.from(texts, (text) => sigmoid(scoreSparse(head, rowOf(text))));
}

/** Logistic regression on the embedding of the text as it stands. */
export async function trainEmbeddingLogistic(
  examples: readonly Example[],
  { encoder }: PeerContext,
): Promise<PeerPredict> {
  if (!encoder) throw new RangeError('this peer needs an encoder');
  const { dimensions } = encoder;
  const indices = Uint32Array.from({ length: dimensions }, (_, at) => at);
  const vectors = await embedPlain(
    examples.map(({ text }) => text),
    encoder,
  );
  const head: LinearHead = fitLogistic(
    examples.map((_, row) => ({
      indices,
      values: vectors.subarray(row * dimensions, (row + 1) * dimensions),
    })),
    dimensions,
    targetsOf(examples),
    examples.map(() => 1),
    { c: 10, maxIterations: 200 },
  );
  return async (texts) => {
    const asked = await embedPlain(texts, encoder);
    return Float64Array.from(texts, (_, row) => sigmoid(scoreDense(head, asked, row * dimensions)));
  };
}

/** Multinomial naive Bayes (Laplace smoothing) on counts of words and word pairs as they stand. */
export async function trainNaiveBayes(examples: readonly Example[]): Promise<PeerPredict> {
  const counts = { promotional: new Map<string, number>(), transactional: new Map<string, number>() };
  const totals = { promotional: 0, transactional: 0 };
  const documents = { promotional: 0, transactional: 0 };
  const vocabulary = new Set<string>();
  for (const { text, label } of examples) {
    documents[label]++;
    for (const term of plainTerms(text)) {
      vocabulary.add(term);
      counts[label].set(term, (counts[label].get(term) ?? 0) + 1);
      totals[label]++;
    }
  }
  const logOf = (label: 'promotional' | 'transactional', term: string) =>
    Math.log(((counts[label].get(term) ?? 0) + 1) / (totals[label] + vocabulary.size));
  const prior = Math.log(documents.promotional / documents.transactional);
  return (texts) =>
    Float64Array.from(texts, (text) => {
      let logit = prior;
      for (const term of plainTerms(text))
        if (vocabulary.has(term)) logit += logOf('promotional', term) - logOf('transactional', term);
      return sigmoid(logit);
    });
}
