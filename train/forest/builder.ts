import { drawBag, type Groups, treeRandom } from './bag.ts';
import type { BinnedMatrix } from './binning.ts';
import { gini } from './criterion.ts';
import type { GrowPlan } from './options.ts';
import { createPartitioner } from './partition.ts';
import { createSamples, fillSamples } from './samples.ts';
import { createSplitter } from './splitter.ts';
import { createTreeBuffer, type GrownTree } from './tree.ts';

/** Everything a tree is a function of, besides its number. Large arrays lie in shared memory. */
export interface GrowInput {
  readonly matrix: BinnedMatrix;
  readonly y: Uint8Array;
  /** Weights in quanta; see `weights.ts`. */
  readonly units: Float64Array;
  readonly quantum: number;
  readonly groups: Groups;
  readonly plan: GrowPlan;
}

/** Sum of leaf values over the trees that did not see a row, and how many those were. By row. */
export interface OutOfBag {
  readonly sum: Float64Array;
  readonly trees: Uint16Array;
}

/** Grows any tree of the forest; a tree depends on its number only, never on those grown before. */
export interface TreeBuilder {
  grow(tree: number): GrownTree;
  /** Of all trees this builder has grown. */
  readonly outOfBag: OutOfBag;
}

/** Leaf values are multiples of this, so that sums over trees are exact; see `Forest`. */
const VALUE_STEPS = 2 ** 24;

/** Allocates the working arrays, about 40 bytes a row, once for all trees this builder grows. */
export function createTreeBuilder(input: GrowInput): TreeBuilder {
  const { matrix, y, units, quantum, groups, plan } = input;
  const { rows, denseColumns, sparseColumns, edges, edgeStart } = matrix;
  const minLeaf = Math.max(1, plan.minLeafWeight / quantum);
  const samples = createSamples(rows);
  const splitter = createSplitter(matrix, samples, y, plan.featuresPerSplit, minLeaf);
  const partitioner = createPartitioner(matrix, samples);
  const buffer = createTreeBuffer();
  const outOfBag: OutOfBag = { sum: new Float64Array(rows), trees: new Uint16Array(rows) };
  // A stack entry per level at most: the left child is taken at once, its sibling waits.
  const stackRoom = plan.maxDepth + 2;
  const stack = {
    start: new Uint32Array(stackRoom),
    end: new Uint32Array(stackRoom),
    outStart: new Uint32Array(stackRoom),
    outEnd: new Uint32Array(stackRoom),
    depth: new Uint8Array(stackRoom),
    negative: new Float64Array(stackRoom),
    positive: new Float64Array(stackRoom),
  };

  let top = 0;
  function push(
    start: number,
    end: number,
    outStart: number,
    outEnd: number,
    depth: number,
    negative: number,
    positive: number,
  ): void {
    stack.start[top] = start;
    stack.end[top] = end;
    stack.outStart[top] = outStart;
    stack.outEnd[top] = outEnd;
    stack.depth[top] = depth;
    stack.negative[top] = negative;
    stack.positive[top++] = positive;
  }

  function score(from: number, to: number, value: number): void {
    for (let i = from; i < to; i++) {
      const row = samples.outOrder[i]! >>> 1;
      outOfBag.sum[row]! += value;
      outOfBag.trees[row]!++;
    }
  }

  function grow(tree: number): GrownTree {
    const random = treeRandom(plan.seed, tree);
    const bag = drawBag(groups, plan.bootstrap, plan.maxRowsPerTree, random);
    const filled = fillSamples(samples, groups, bag, y, units);
    const total = filled.negative + filled.positive;
    const importances = new Float64Array(denseColumns + sparseColumns);
    splitter.reset();
    buffer.clear();

    top = 0;
    push(0, filled.inBag, 0, filled.outOfBag, 0, filled.negative, filled.positive);
    while (top > 0) {
      top--;
      const start = stack.start[top]!;
      const end = stack.end[top]!;
      const outStart = stack.outStart[top]!;
      const outEnd = stack.outEnd[top]!;
      const depth = stack.depth[top]!;
      const negative = stack.negative[top]!;
      const positive = stack.positive[top]!;
      const both = negative + positive;
      // A bag of zero-weight rows knows nothing.
      const value = both > 0 ? Math.round((positive / both) * VALUE_STEPS) / VALUE_STEPS : 0.5;
      const id = buffer.append(value, both * quantum);
      const final = depth >= plan.maxDepth || negative === 0 || positive === 0 || both < 2 * minLeaf;
      if (!final) partitioner.label(start, end, id);
      const split = final ? undefined : splitter.split({ id, start, end, negative, positive }, random);
      const decrease = split?.found ? (2 * (gini(negative, positive) - split.impurity)) / total : -1;
      if (split === undefined || !split.found || decrease < plan.minGain - 1e-12) {
        score(outStart, outEnd, value);
        continue;
      }
      const { column, bin, negativeLeft, positiveLeft } = split;
      importances[column]! += Math.max(0, decrease);
      buffer.branch(id, column, edges[edgeStart[column]! + bin]!);
      const middle = partitioner.inBag(start, end, column, bin);
      const outMiddle = partitioner.outOfBag(outStart, outEnd, column, bin);
      const nRight = negative - negativeLeft;
      const pRight = positive - positiveLeft;
      push(middle, end, outMiddle, outEnd, depth + 1, nRight, pRight);
      push(start, middle, outStart, outMiddle, depth + 1, negativeLeft, positiveLeft);
    }
    return buffer.finish(importances);
  }

  return { grow, outOfBag };
}
