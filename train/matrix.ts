import { createCharVectoriser } from '../models/features/characters.ts';
import { charTerms, wordTerms } from '../models/features/terms.ts';
import { fitVocabulary, type Vocabulary, vectorise } from '../models/features/vocabulary.ts';
import type { SparseRow } from '../models/heads/linear.ts';
import type { TrainingRow } from './fold-rows.ts';
import { packRows, rowViews, type SparseMatrix } from './sparse-matrix.ts';

export { type Contradiction, distinctRows, type TrainingRow } from './fold-rows.ts';

/** Both vocabularies and every row over them. */
export interface TermMatrix {
  readonly words: Vocabulary;
  readonly chars: Vocabulary;
  /** Views of the packed rows. */
  readonly wordRows: readonly SparseRow[];
  readonly charRows: readonly SparseRow[];
  readonly wordMatrix: SparseMatrix;
  readonly charMatrix: SparseMatrix;
}

/** @param maxTerms upper bound of each vocabulary; default 50,000 */
export function fitTerms(rows: readonly Pick<TrainingRow, 'canonical'>[], maxTerms = 50_000): TermMatrix {
  // Terms are made anew for counting and for weighing: those of 300,000 texts at once would not fit.
  const words = fitVocabulary(termsOf(rows, wordTerms), { maxTerms, minDocs: 2 });
  const wordMatrix = packRows(rows.length, words.terms.length, (row) =>
    vectorise(words, wordTerms(rows[row]!.canonical)),
  );
  const chars = fitVocabulary(termsOf(rows, charTerms), { maxTerms, minDocs: 3 });
  const charRow = createCharVectoriser(chars);
  const charMatrix = packRows(rows.length, chars.terms.length, (row) => charRow(rows[row]!.canonical));
  return {
    words,
    chars,
    wordMatrix,
    charMatrix,
    wordRows: rowViews(wordMatrix),
    charRows: rowViews(charMatrix),
  };
}

function* termsOf(
  rows: readonly Pick<TrainingRow, 'canonical'>[],
  terms: (canonical: string) => string[],
): Generator<string[]> {
  for (const { canonical } of rows) yield terms(canonical);
}

/**
 * The raw terms that the forest sees as they are: those whose presence tells the classes apart best by chi-squared.
 *
 * @returns ascending columns of the word vocabulary
 */
export function strongestTerms(matrix: TermMatrix, rows: readonly TrainingRow[], count: number): Uint32Array {
  const size = matrix.words.terms.length;
  const inPromotional = new Float64Array(size);
  const inTransactional = new Float64Array(size);
  let promotional = 0;
  let transactional = 0;
  rows.forEach((row, index) => {
    if (row.target === -1) return;
    const counts = row.target === 1 ? inPromotional : inTransactional;
    if (row.target === 1) promotional++;
    else transactional++;
    for (const column of matrix.wordRows[index]!.indices) counts[column]!++;
  });
  const total = promotional + transactional;
  const strength = Float64Array.from({ length: size }, (_, column) => {
    const a = inPromotional[column]!;
    const b = inTransactional[column]!;
    const numerator = total * (a * (transactional - b) - b * (promotional - a)) ** 2;
    return numerator / (promotional * transactional * (a + b) * (total - a - b) || 1);
  });
  const ranked = Uint32Array.from(strength.keys()).sort((x, y) => strength[y]! - strength[x]! || x - y);
  return ranked.slice(0, count).sort();
}
