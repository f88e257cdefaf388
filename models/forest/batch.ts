import { checkShape, type Forest } from './forest.ts';

/** Rows that walk down one tree together: few enough that they stay in the cache with the tree. */
const BLOCK_ROWS = 64;

/**
 * The same numbers as {@link "./forest.ts" predict}, faster for many rows: a block of rows goes down one tree
 * after another, so a tree is fetched once a block.
 * @param x `rows x forest.columns`, row after row
 */
export function predictBatch(forest: Forest, x: Float32Array, rows: number): Float64Array {
  checkShape(forest, x, rows);
  const { columns, trees, roots, feature, threshold, right, value } = forest;
  const out = new Float64Array(rows);
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const last = Math.min(rows, first + BLOCK_ROWS);
    for (let tree = 0; tree < trees; tree++) {
      const root = roots[tree]!;
      for (let row = first; row < last; row++) {
        const offset = row * columns;
        let node = root;
        for (let tested = feature[node]!; tested >= 0; tested = feature[node]!)
          node = x[offset + tested]! <= threshold[node]! ? node + 1 : right[node]!;
        out[row]! += value[node]!;
      }
    }
    for (let row = first; row < last; row++) out[row]! /= trees;
  }
  return out;
}
