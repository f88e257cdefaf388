import type { Encoder } from '../../models/encoder/encoder.ts';
import { fitVocabulary, type Vocabulary, vectorise } from '../../models/features/vocabulary.ts';
import type { SparseRow } from '../../models/heads/linear.ts';

/** Word 1- and 2-grams of a text as it stands, lower-cased, words of two characters and more: scikit-learn's habit. */
export function plainTerms(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];
  const terms = [...words];
  for (let i = 1; i < words.length; i++) terms.push(`${words[i - 1]} ${words[i]}`);
  return terms;
}

/** A TF-IDF vocabulary of {@link plainTerms} and the rows over it. */
export function plainTfidf(
  texts: readonly string[],
  maxTerms = 50_000,
): { vocabulary: Vocabulary; rows: SparseRow[]; rowOf: (text: string) => SparseRow } {
  const docs = texts.map(plainTerms);
  const vocabulary = fitVocabulary(docs, { minDocs: 2, maxTerms });
  return {
    vocabulary,
    rows: docs.map((terms) => vectorise(vocabulary, terms)),
    rowOf: (text) => vectorise(vocabulary, plainTerms(text)),
  };
}

const BATCH = 256;

/** The vectors of texts as they stand, row after row. */
export async function embedPlain(texts: readonly string[], encoder: Encoder): Promise<Float32Array> {
  const { dimensions } = encoder;
  const out = new Float32Array(texts.length * dimensions);
  for (let at = 0; at < texts.length; at += BATCH)
    out.set(await encoder.encode(texts.slice(at, at + BATCH)), at * dimensions);
  return out;
}
