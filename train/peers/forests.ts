import { RandomForestClassifier } from 'ml-random-forest';
import { predictBatch } from '../../models/forest/batch.ts';
import type { Forest } from '../../models/forest/forest.ts';
import type { SparseRow } from '../../models/heads/linear.ts';
import type { Example } from '../baselines/example.ts';
import type { SparseColumns } from '../forest/data.ts';
import { growForest } from '../forest/grow.ts';
import { embedPlain, plainTfidf } from './features.ts';
import type { PeerContext, PeerPredict } from './peer.ts';

/** Terms a forest is given; columns of a forest are 16-bit. */
const FOREST_TERMS = 20_000;
/** Rows that are made dense at a time for answering. */
const DENSE_ROWS = 64;

const targetsOf = (examples: readonly Example[]): Uint8Array =>
  Uint8Array.from(examples, ({ label }) => (label === 'promotional' ? 1 : 0));

/** As scikit-learn grows it: bootstrap of rows, square root of the columns at each node, leaves of one row. */
const PLAIN_FOREST = { classWeights: 'none', maxDepth: 64, minLeafWeight: 1 } as const;

/** A random forest on TF-IDF of words and word pairs as they stand. */
export async function trainTfidfForest(
  examples: readonly Example[],
  { trees, seed }: PeerContext,
): Promise<PeerPredict> {
  const { vocabulary, rows, rowOf } = plainTfidf(
    examples.map(({ text }) => text),
    FOREST_TERMS,
  );
  const columns = vocabulary.terms.length;
  const { forest } = await growForest(
    {
      rows: rows.length,
      columns,
      dense: new Float32Array(0),
      sparse: byColumn(rows, columns),
      y: targetsOf(examples),
      weight: new Float32Array(rows.length).fill(1),
      group: Uint32Array.from(rows.keys()),
    },
    { ...PLAIN_FOREST, trees, seed },
  );
  return (texts) => votes(forest, columns, texts.length, (row, out) => scatter(rowOf(texts[row]!), out, 0));
}

/** The published recipe: one forest on TF-IDF beside the raw 768 numbers of the embedding. */
export async function trainPublishedRecipe(
  examples: readonly Example[],
  { encoder, trees, seed }: PeerContext,
): Promise<PeerPredict> {
  if (!encoder) throw new RangeError('the published recipe needs an encoder');
  const texts = examples.map(({ text }) => text);
  const { vocabulary, rows, rowOf } = plainTfidf(texts, FOREST_TERMS);
  const { dimensions } = encoder;
  const columns = dimensions + vocabulary.terms.length;
  const { forest } = await growForest(
    {
      rows: rows.length,
      columns,
      dense: await embedPlain(texts, encoder),
      sparse: byColumn(rows, vocabulary.terms.length),
      y: targetsOf(examples),
      weight: new Float32Array(rows.length).fill(1),
      group: Uint32Array.from(rows.keys()),
    },
    { ...PLAIN_FOREST, trees, seed },
  );
  return async (asked) => {
    const vectors = await embedPlain(asked, encoder);
    return votes(forest, columns, asked.length, (row, out) => {
      out.set(vectors.subarray(row * dimensions, (row + 1) * dimensions));
      scatter(rowOf(asked[row]!), out, dimensions);
    });
  };
}

const PEER_TERMS = 200;
const PEER_TREES = 20;

/** `ml-random-forest` on the 200 most frequent terms: it is too slow for more. */
export async function trainMlRandomForest(
  examples: readonly Example[],
  { seed }: PeerContext,
): Promise<PeerPredict> {
  const { rows, rowOf, vocabulary } = plainTfidf(
    examples.map(({ text }) => text),
    PEER_TERMS,
  );
  const width = vocabulary.terms.length;
  const toDense = (row: SparseRow): number[] => {
    const out = new Float32Array(width);
    scatter(row, out, 0);
    return [...out];
  };
  const forest = new RandomForestClassifier({
    seed,
    nEstimators: PEER_TREES,
    maxFeatures: Math.round(Math.sqrt(width)),
    replacement: true,
    noOOB: true,
  });
  forest.train(rows.map(toDense), [...targetsOf(examples)]);
  return (texts) => Float64Array.from(forest.predict(texts.map((text) => toDense(rowOf(text)))));
}

function scatter({ indices, values }: SparseRow, out: Float32Array, offset: number): void {
  for (let k = 0; k < indices.length; k++) out[offset + indices[k]!] = values[k]!;
}

function votes(
  forest: Forest,
  columns: number,
  rows: number,
  write: (row: number, out: Float32Array) => void,
): Float64Array {
  const said = new Float64Array(rows);
  const matrix = new Float32Array(DENSE_ROWS * columns);
  for (let start = 0; start < rows; start += DENSE_ROWS) {
    const count = Math.min(DENSE_ROWS, rows - start);
    matrix.fill(0);
    for (let row = 0; row < count; row++)
      write(start + row, matrix.subarray(row * columns, (row + 1) * columns));
    said.set(predictBatch(forest, matrix.subarray(0, count * columns), count), start);
  }
  return said;
}

function byColumn(rows: readonly SparseRow[], columns: number): SparseColumns {
  const indptr = new Uint32Array(columns + 1);
  for (const { indices } of rows) for (const column of indices) indptr[column + 1]!++;
  for (let column = 0; column < columns; column++) indptr[column + 1]! += indptr[column]!;
  const next = indptr.slice();
  const rowIndices = new Uint32Array(indptr[columns]!);
  const values = new Float32Array(indptr[columns]!);
  rows.forEach((row, at) => {
    row.indices.forEach((column, k) => {
      rowIndices[next[column]!] = at;
      values[next[column]!++] = row.values[k]!;
    });
  });
  return { columns, indptr, rowIndices, values };
}
