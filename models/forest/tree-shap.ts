import type { Contributions } from './contributions.ts';
import { checkShape, type Forest } from './forest.ts';

/**
 * Exact Shapley values of one row, path-dependent: a column that is not known sends the row down both ways in
 * proportion to the training weight (Lundberg et al., "From local explanations to global understanding with
 * explainable AI for trees", Nature Machine Intelligence 2, 2020, algorithm 2). Fairer than
 * `contributions` to columns tested near the root, and consistent, but its time grows with
 * `leaves x depth^2`, over a thousand times longer: for reports, not for answers.
 * @param x one row of `forest.columns` numbers
 * @returns bias and contributions that sum to the raw vote
 */
export function shapleyValues(forest: Forest, x: Float32Array): Contributions {
  checkShape(forest, x, 1);
  const byColumn = new Float64Array(forest.columns);
  const walk = createWalk(forest, x, byColumn);
  let bias = 0;
  for (let tree = 0; tree < forest.trees; tree++) bias += walk(forest.roots[tree]!);
  for (let column = 0; column < forest.columns; column++) byColumn[column]! /= forest.trees;
  return { bias: bias / forest.trees, byColumn };
}

/** Longest path that fits: 64 tests and the start. */
const ROOM = 66;

/**
 * A function that adds the Shapley values of one tree to `byColumn` and returns the tree's expected value.
 * Each level of recursion works on its own copy of the path so far: column, share of the paths that go this way
 * when the column is unknown (`zero`) and known (`one`), and the permutation weights.
 */
function createWalk(forest: Forest, x: Float32Array, byColumn: Float64Array): (root: number) => number {
  const { feature, threshold, left, right, value, cover } = forest;
  const columns = new Int32Array(ROOM * ROOM);
  const zeros = new Float64Array(ROOM * ROOM);
  const ones = new Float64Array(ROOM * ROOM);
  const weights = new Float64Array(ROOM * ROOM);

  /** Appends a test to the path of `length` entries at `base`. */
  function extend(base: number, length: number, zero: number, one: number, column: number): void {
    columns[base + length] = column;
    zeros[base + length] = zero;
    ones[base + length] = one;
    weights[base + length] = length === 0 ? 1 : 0;
    for (let i = length - 1; i >= 0; i--) {
      weights[base + i + 1]! += (one * weights[base + i]! * (i + 1)) / (length + 1);
      weights[base + i] = (zero * weights[base + i]! * (length - i)) / (length + 1);
    }
  }

  /** Takes entry `index` out of a path whose last entry is `last`. */
  function unwind(base: number, last: number, index: number): void {
    const one = ones[base + index]!;
    const zero = zeros[base + index]!;
    let next = weights[base + last]!;
    for (let i = last - 1; i >= 0; i--) {
      const held = weights[base + i]!;
      if (one !== 0) {
        weights[base + i] = (next * (last + 1)) / ((i + 1) * one);
        next = held - (weights[base + i]! * zero * (last - i)) / (last + 1);
      } else {
        weights[base + i] = (held * (last + 1)) / (zero * (last - i));
      }
    }
    for (let i = index; i < last; i++) {
      columns[base + i] = columns[base + i + 1]!;
      zeros[base + i] = zeros[base + i + 1]!;
      ones[base + i] = ones[base + i + 1]!;
    }
  }

  /** Sum of the permutation weights as if entry `index` were taken out. */
  function unwoundSum(base: number, last: number, index: number): number {
    const one = ones[base + index]!;
    const zero = zeros[base + index]!;
    let next = weights[base + last]!;
    let sum = 0;
    for (let i = last - 1; i >= 0; i--) {
      if (one !== 0) {
        const here = (next * (last + 1)) / ((i + 1) * one);
        sum += here;
        next = weights[base + i]! - (here * zero * (last - i)) / (last + 1);
      } else {
        sum += (weights[base + i]! * (last + 1)) / (zero * (last - i));
      }
    }
    return sum;
  }

  /** Returns the expected value below `node`, over the training weight. */
  function visit(
    node: number,
    level: number,
    length: number,
    zero: number,
    one: number,
    column: number,
  ): number {
    const base = level * ROOM;
    if (level > 0) {
      const from = base - ROOM;
      columns.copyWithin(base, from, from + length);
      zeros.copyWithin(base, from, from + length);
      ones.copyWithin(base, from, from + length);
      weights.copyWithin(base, from, from + length);
    }
    extend(base, length, zero, one, column);
    let last = length;
    const tested = feature[node]!;
    if (tested < 0) {
      for (let i = 1; i <= last; i++)
        byColumn[columns[base + i]!]! +=
          unwoundSum(base, last, i) * (ones[base + i]! - zeros[base + i]!) * value[node]!;
      return value[node]!;
    }
    const goesLeft = x[tested]! <= threshold[node]!;
    const hot = goesLeft ? left[node]! : right[node]!;
    const cold = goesLeft ? right[node]! : left[node]!;
    // Of both children rather than of the node, so that the shares sum to one although covers are rounded.
    const hotShare = cover[hot]! / (cover[hot]! + cover[cold]!);
    let zeroBefore = 1;
    let oneBefore = 1;
    for (let i = 1; i <= last; i++) {
      if (columns[base + i] !== tested) continue;
      zeroBefore = zeros[base + i]!;
      oneBefore = ones[base + i]!;
      unwind(base, last, i);
      last--;
      break;
    }
    const hotMean = visit(hot, level + 1, last + 1, zeroBefore * hotShare, oneBefore, tested);
    const coldMean = visit(cold, level + 1, last + 1, zeroBefore * (1 - hotShare), 0, tested);
    return hotMean * hotShare + coldMean * (1 - hotShare);
  }

  return (root) => visit(root, 0, 0, 1, 1, -1);
}
