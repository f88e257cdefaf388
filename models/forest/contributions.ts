import { checkShape, type Forest } from './forest.ts';

/** `bias` and all of `byColumn` sum to the raw vote of the row. */
export interface Contributions {
  /** Mean value of the roots: what the forest says before it sees anything, 0 to 1. */
  readonly bias: number;
  /** One per column, -1 to 1; positive spoke for the positive class. 0 where no tree asked. */
  readonly byColumn: Float64Array;
}

/**
 * What each column of one row did to the forest's vote: along each tree's path, the change of the node value is
 * credited to the column that the parent tested (Saabas, "Interpreting random forests", 2014).
 * Time proportional to the path lengths, so every answer can carry its reasons.
 * @param x one row of `forest.columns` numbers
 */
export function contributions(forest: Forest, x: Float32Array): Contributions {
  checkShape(forest, x, 1);
  const { columns, trees, roots, feature, threshold, left, right, value } = forest;
  const byColumn = new Float64Array(columns);
  let bias = 0;
  for (let tree = 0; tree < trees; tree++) {
    let node = roots[tree]!;
    let before = value[node]!;
    bias += before;
    for (let tested = feature[node]!; tested >= 0; tested = feature[node]!) {
      node = x[tested]! <= threshold[node]! ? left[node]! : right[node]!;
      const after = value[node]!;
      byColumn[tested]! += after - before;
      before = after;
    }
  }
  for (let column = 0; column < columns; column++) byColumn[column]! /= trees;
  return { bias: bias / trees, byColumn };
}
