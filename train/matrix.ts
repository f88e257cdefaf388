import type { LabelledRow } from '../data/read/labelled.ts';
import { LanewayError } from '../models/base/errors.ts';
import { charTerms, wordTerms } from '../models/features/terms.ts';
import { fitVocabulary, type Vocabulary, vectorise } from '../models/features/vocabulary.ts';
import type { SparseRow } from '../models/heads/linear.ts';
import { canonicalise } from '../models/text/canonical.ts';

/** A distinct canonical text with everything training needs of it. One row of every matrix. */
export interface TrainingRow {
  readonly canonical: string;
  /** 1 promotional, 0 transactional, -1: counts for risk only. */
  readonly target: 1 | 0 | -1;
  /** 1 scam, 0 not, -1 not stated. */
  readonly risk: 1 | 0 | -1;
  /** How many input rows it stands for. */
  readonly weight: number;
  /** The first input row, for what else is known of it. */
  readonly source: LabelledRow;
}

/** Fingerprints on which labels contradict each other, with the counts. */
export interface Contradiction {
  readonly canonical: string;
  readonly promotional: number;
  readonly transactional: number;
}

/**
 * Folds rows with the same canonical text and label into one weighted row; where labels contradict each other the
 * majority stands and the rest is reported.
 *
 * @throws LanewayError `TRAIN_ONE_CLASS`, `TRAIN_TOO_FEW`
 */
export function distinctRows(rows: readonly LabelledRow[]): {
  rows: TrainingRow[];
  contradictions: Contradiction[];
} {
  const byText = new Map<
    string,
    {
      promotional: number;
      transactional: number;
      scam: number;
      safe: number;
      source: LabelledRow;
      first: Partial<Record<string, LabelledRow>>;
    }
  >();
  for (const row of rows) {
    const canonical = canonicalise(row.text);
    const held = byText.get(canonical) ?? {
      promotional: 0,
      transactional: 0,
      scam: 0,
      safe: 0,
      source: row,
      first: {},
    };
    if (row.label) {
      held[row.label]++;
      held.first[row.label] ??= row;
    }
    if (row.risk === true) held.scam++;
    else if (row.risk === false || row.label) held.safe++;
    byText.set(canonical, held);
  }
  const out: TrainingRow[] = [];
  const contradictions: Contradiction[] = [];
  for (const [canonical, { promotional, transactional, scam, safe, source, first }] of byText) {
    if (promotional > 0 && transactional > 0) contradictions.push({ canonical, promotional, transactional });
    const target = promotional + transactional === 0 ? -1 : promotional >= transactional ? 1 : 0;
    const risk = scam + safe === 0 ? -1 : scam > safe ? 1 : 0;
    const weight = target === 1 ? promotional : target === 0 ? transactional : scam + safe;
    out.push({
      canonical,
      target,
      risk,
      weight,
      source: (target === 1 ? first['promotional'] : first['transactional']) ?? source,
    });
  }
  requireBothClasses(out);
  return { rows: out, contradictions };
}

const FEWEST_ROWS = 50;

function requireBothClasses(rows: readonly TrainingRow[]): void {
  const promotional = rows.filter((row) => row.target === 1).length;
  const transactional = rows.filter((row) => row.target === 0).length;
  if (promotional + transactional < FEWEST_ROWS) {
    throw new LanewayError(
      'TRAIN_TOO_FEW',
      `${promotional + transactional} distinct labelled messages; at least ${FEWEST_ROWS} are needed`,
      {
        fix: 'Add messages; copies that differ in digits only count once.',
      },
    );
  }
  if (promotional < 10 || transactional < 10) {
    throw new LanewayError(
      'TRAIN_ONE_CLASS',
      `${promotional} promotional and ${transactional} transactional distinct messages; each class needs at least 10`,
      {
        fix: 'Check the label column and --map.',
      },
    );
  }
}

/** Both vocabularies and every row over them. */
export interface TermMatrix {
  readonly words: Vocabulary;
  readonly chars: Vocabulary;
  readonly wordRows: readonly SparseRow[];
  readonly charRows: readonly SparseRow[];
}

/** @param maxTerms upper bound of each vocabulary; default 50,000 */
export function fitTerms(rows: readonly TrainingRow[], maxTerms = 50_000): TermMatrix {
  const wordDocs = rows.map((row) => wordTerms(row.canonical));
  const words = fitVocabulary(wordDocs, { maxTerms, minDocs: 2 });
  const wordRows = wordDocs.map((terms) => vectorise(words, terms));
  const charDocs = rows.map((row) => charTerms(row.canonical));
  const chars = fitVocabulary(charDocs, { maxTerms, minDocs: 3 });
  return { words, chars, wordRows, charRows: charDocs.map((terms) => vectorise(chars, terms)) };
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
