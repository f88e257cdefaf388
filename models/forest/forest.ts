import { LanewayError } from '../base/errors.ts';

/**
 * A binary classification forest in parallel flat arrays, one entry per node, tree after tree.
 *
 * Trees lie in preorder: the left child of node `i` is `i + 1`, so a walk that turns left stays in the cache
 * line. A row goes left when `x[feature] <= threshold` (both Float32), right otherwise; NaN goes right.
 * Values are multiples of 2^-24, so sums over trees are exact in Float64 whatever the order: one forest gives
 * one answer in every batching, on every machine. Plain frozen data: share it, never write to its arrays.
 */
export interface Forest {
  /** Length of an input row. */
  readonly columns: number;
  readonly trees: number;
  /** Column the node tests, or -1 for a leaf. */
  readonly feature: Int32Array;
  /** Largest value that goes left; 0 in leaves. */
  readonly threshold: Float32Array;
  /** Index of the child for `x <= threshold`; -1 in leaves. */
  readonly left: Int32Array;
  /** Index of the other child; -1 in leaves. */
  readonly right: Int32Array;
  /** Weighted P(positive) among the training rows that reached the node, leaf or not, 0 to 1. */
  readonly value: Float32Array;
  /** Weight of the training rows that reached the node. */
  readonly cover: Float32Array;
  /** Index of each tree's root, ascending; the first is 0. */
  readonly roots: Int32Array;
}

/** What {@link linkForest} and the codec need to know of a forest; the children follow from the preorder. */
export interface PreorderNodes {
  readonly columns: number;
  readonly trees: number;
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly value: Float32Array;
  readonly cover: Float32Array;
}

function malformed(message: string): LanewayError {
  return new LanewayError('FOREST_MALFORMED', message, { fix: 'Train or download the model again.' });
}

/**
 * Links nodes given in preorder, one complete tree after another, into a forest.
 * @throws LanewayError `FOREST_MALFORMED` when the nodes do not form exactly `trees` trees, or a node tests a
 *   column that does not exist, or a number is outside its range.
 */
export function linkForest(nodes: PreorderNodes): Forest {
  const { columns, trees, feature, threshold, value, cover } = nodes;
  const count = feature.length;
  if (threshold.length !== count || value.length !== count || cover.length !== count)
    throw malformed('The node arrays of the forest differ in length.');
  const left = new Int32Array(count).fill(-1);
  const right = new Int32Array(count).fill(-1);
  const roots = new Int32Array(trees);
  const awaitingRight: number[] = [];
  let tree = 0;
  let open = false;
  for (let node = 0; node < count; node++) {
    if (!open) {
      if (tree === trees) throw malformed(`Node ${node} lies after the last of ${trees} trees.`);
      roots[tree++] = node;
      open = true;
    }
    if (!(value[node]! >= 0 && value[node]! <= 1 && cover[node]! >= 0))
      throw malformed(`Node ${node} has an impossible value or cover.`);
    const tested = feature[node]!;
    if (tested >= 0) {
      if (tested >= columns || !Number.isFinite(threshold[node]!))
        throw malformed(`Node ${node} tests column ${tested} of ${columns} against ${threshold[node]}.`);
      left[node] = node + 1;
      awaitingRight.push(node);
    } else if (awaitingRight.length > 0) {
      right[awaitingRight.pop()!] = node + 1;
    } else {
      open = false;
    }
  }
  if (open || tree !== trees) throw malformed(`The nodes hold ${tree} trees where ${trees} were expected.`);
  return Object.freeze({ columns, trees, feature, threshold, left, right, value, cover, roots });
}

/** @throws LanewayError `FOREST_INPUT_SHAPE` when `x` is not `rows x forest.columns` values. */
export function checkShape(forest: Forest, x: Float32Array, rows: number): void {
  if (!Number.isInteger(rows) || rows < 0 || x.length !== rows * forest.columns)
    throw new LanewayError(
      'FOREST_INPUT_SHAPE',
      `The forest takes rows of ${forest.columns} numbers; got ${x.length} numbers for ${rows} rows.`,
      { fix: 'Build the rows with the feature layout the model was trained with.' },
    );
}

/** The leaf that one row reaches in the tree at `root`; `offset` is where the row starts in `x`. */
export function leafOf(forest: Forest, root: number, x: Float32Array, offset: number): number {
  const { feature, threshold, left, right } = forest;
  let node = root;
  for (let tested = feature[node]!; tested >= 0; tested = feature[node]!)
    node = x[offset + tested]! <= threshold[node]! ? left[node]! : right[node]!;
  return node;
}

/**
 * Mean leaf value of every row, 0 to 1: the forest's raw vote. The plain row-by-row loop, the reference for
 * {@link "./batch.ts"}.
 * @param x `rows x forest.columns`, row after row
 */
export function predict(forest: Forest, x: Float32Array, rows: number): Float64Array {
  checkShape(forest, x, rows);
  const { columns, trees, roots, value } = forest;
  const out = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let tree = 0; tree < trees; tree++) sum += value[leafOf(forest, roots[tree]!, x, row * columns)]!;
    out[row] = sum / trees;
  }
  return out;
}

/**
 * Share of trees whose leaf is more than half positive, 0 to 1 (a leaf of exactly one half counts half):
 * Breiman's majority vote, where {@link predict} averages the leaves' probabilities.
 */
export function votes(forest: Forest, x: Float32Array, rows: number): Float64Array {
  checkShape(forest, x, rows);
  const { columns, trees, roots, value } = forest;
  const out = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let tree = 0; tree < trees; tree++) {
      const leaf = value[leafOf(forest, roots[tree]!, x, row * columns)]!;
      sum += leaf > 0.5 ? 1 : leaf === 0.5 ? 0.5 : 0;
    }
    out[row] = sum / trees;
  }
  return out;
}

/** Size of a forest, for reports. */
export interface ForestShape {
  readonly trees: number;
  readonly nodes: number;
  readonly leaves: number;
  /** Unweighted mean depth of the leaves; a lone root has depth 0. */
  readonly meanLeafDepth: number;
  readonly maxDepth: number;
}

/** Counts nodes and measures depth. */
export function shapeOf(forest: Forest): ForestShape {
  const { feature, left, right } = forest;
  const depth = new Int32Array(feature.length);
  let leaves = 0;
  let sum = 0;
  let maxDepth = 0;
  for (let node = 0; node < feature.length; node++) {
    const here = depth[node]!;
    if (feature[node]! < 0) {
      leaves++;
      sum += here;
      if (here > maxDepth) maxDepth = here;
    } else {
      depth[left[node]!] = here + 1;
      depth[right[node]!] = here + 1;
    }
  }
  const meanLeafDepth = leaves === 0 ? 0 : sum / leaves;
  return { trees: forest.trees, nodes: feature.length, leaves, meanLeafDepth, maxDepth };
}
