import { createRandom } from '../../models/base/random.ts';
import type { ForestData, SparseColumns } from './data.ts';

/** Rows to make a data set of: each its label and its values, dense. */
export interface LabelledRow {
  readonly label: 0 | 1;
  readonly values: readonly number[];
  readonly weight?: number;
  readonly group?: number;
}

/** Columns `from` on of dense rows, compressed; explicit zeros are left out. */
export function compress(dense: Float32Array, rows: number, columns: number, from: number): SparseColumns {
  const indptr = [0];
  const rowIndices: number[] = [];
  const values: number[] = [];
  for (let column = from; column < columns; column++) {
    for (let row = 0; row < rows; row++) {
      const value = dense[row * columns + column]!;
      if (value === 0) continue;
      rowIndices.push(row);
      values.push(value);
    }
    indptr.push(rowIndices.length);
  }
  return {
    columns: columns - from,
    indptr: Uint32Array.from(indptr),
    rowIndices: Uint32Array.from(rowIndices),
    values: Float32Array.from(values),
  };
}

/** Training data with columns `sparseFrom` on held sparse (default none), and the same rows dense for `predict`. */
export function dataOf(
  rows: readonly LabelledRow[],
  sparseFrom?: number,
): { data: ForestData; x: Float32Array } {
  const columns = rows[0]!.values.length;
  const x = Float32Array.from(rows.flatMap(({ values }) => values));
  const from = sparseFrom ?? columns;
  const dense = new Float32Array(rows.length * from);
  for (let row = 0; row < rows.length; row++)
    dense.set(x.subarray(row * columns, row * columns + from), row * from);
  const base = {
    rows: rows.length,
    columns,
    dense,
    y: Uint8Array.from(rows, ({ label }) => label),
    weight: Float32Array.from(rows, ({ weight }) => weight ?? 1),
    group: Uint32Array.from(rows, ({ group }, row) => group ?? row),
  };
  if (sparseFrom === undefined) return { data: base, x };
  return { data: { ...base, sparse: compress(x, rows.length, columns, from) }, x };
}

/**
 * Messages in the small: some smooth columns of which the first few matter, some mostly-zero columns of which the
 * first few matter, noise in the label. With `steps`, values lie on a grid.
 */
export function mixedRows(
  seed: number,
  count: number,
  dense: number,
  sparse: number,
  options: { noise?: number; steps?: number; groups?: number } = {},
): LabelledRow[] {
  const random = createRandom(seed);
  const { noise = 0.1, steps, groups } = options;
  const grid = (value: number) => (steps === undefined ? value : Math.round(value * steps) / steps);
  return Array.from({ length: count }, (_, row) => {
    const values: number[] = [];
    let score = 0;
    for (let column = 0; column < dense; column++) {
      const value = grid(random.next() * 2 - 1);
      values.push(value);
      if (column < 3) score += value;
    }
    for (let column = 0; column < sparse; column++) {
      const present = random.next() < 0.08;
      values.push(present ? grid(0.2 + random.next()) * (column % 5 === 4 ? -1 : 1) : 0);
      if (present && column < 8) score += column % 2 === 0 ? 2 : -2;
    }
    const clean = score > 0;
    const label = (random.next() < noise ? !clean : clean) ? 1 : 0;
    return { label, values, group: groups === undefined ? row : random.below(groups) };
  });
}

/** Share of rows on the right side of one half. */
export function accuracy(scores: Float64Array, y: Uint8Array): number {
  let right = 0;
  for (let row = 0; row < y.length; row++) if (scores[row]! > 0.5 === (y[row] === 1)) right++;
  return right / y.length;
}
