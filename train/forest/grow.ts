import { type Forest, linkForest } from '../../models/forest/forest.ts';
import { numberGroups } from './bag.ts';
import { binData } from './binning.ts';
import type { GrowInput } from './builder.ts';
import { checkData, type ForestData } from './data.ts';
import { type ForestOptions, planOf } from './options.ts';
import { createProgress, type GrowProgress, growHere, growOnThreads, type Harvest } from './threads.ts';
import type { GrownTree } from './tree.ts';
import { quantiseWeights } from './weights.ts';

/** A forest and what its growing showed. */
export interface GrownForest {
  readonly forest: Forest;
  /** By row: mean leaf value over the trees whose bag lacked the row's group, 0 to 1; NaN where there is none. */
  readonly oobScore: Float64Array;
  /** By row: how many trees that was. */
  readonly oobTrees: Uint16Array;
  /** By column: Gini decrease, mean over trees, summing to 1 (all 0 when no tree has a split). */
  readonly importances: Float64Array;
}

/**
 * Grows a random forest on quantile-binned columns: Gini, columns drawn afresh at every node, bootstrap by
 * group. The same data, options and seed give the same forest, byte for byte, at any number of threads.
 *
 * Time is about proportional to `trees x featuresPerSplit x rows in bag x depth`; memory to one byte per dense
 * value and 12 per sparse entry, shared, plus about 55 bytes a row and thread.
 * @param onProgress called after each tree, from this thread
 * @throws LanewayError `FOREST_DATA_INVALID`, `FOREST_OPTIONS_INVALID`, `FOREST_WORKER_FAILED`
 */
export async function growForest(
  data: ForestData,
  options: ForestOptions = {},
  onProgress?: (progress: GrowProgress) => void,
): Promise<GrownForest> {
  checkData(data);
  const plan = planOf(options, data.rows, data.columns);
  const y = new Uint8Array(new SharedArrayBuffer(data.rows));
  y.set(data.y);
  const input: GrowInput = {
    matrix: binData(data, plan.maxBins, plan.seed),
    y,
    ...quantiseWeights(data, plan),
    groups: numberGroups(data.group),
    plan,
  };
  const threads = Math.min(plan.threads, plan.trees);
  const progress = createProgress(plan.trees, onProgress);
  const harvest =
    threads === 1
      ? await growHere(input, progress, options.signal)
      : await growOnThreads(input, threads, progress, options.signal);
  return {
    forest: joinTrees(harvest.trees, data.columns),
    ...mergeOutOfBag(harvest, data.rows),
    importances: meanImportances(harvest.trees, data.columns),
  };
}

function joinTrees(trees: readonly GrownTree[], columns: number): Forest {
  const nodes = trees.reduce((sum, tree) => sum + tree.feature.length, 0);
  const feature = new Int32Array(nodes);
  const threshold = new Float32Array(nodes);
  const value = new Float32Array(nodes);
  const cover = new Float32Array(nodes);
  let at = 0;
  for (const tree of trees) {
    feature.set(tree.feature, at);
    threshold.set(tree.threshold, at);
    value.set(tree.value, at);
    cover.set(tree.cover, at);
    at += tree.feature.length;
  }
  return linkForest({ columns, trees: trees.length, feature, threshold, value, cover });
}

/** Sums of leaf values are exact, so it does not matter which thread grew which trees. */
function mergeOutOfBag(harvest: Harvest, rows: number): { oobScore: Float64Array; oobTrees: Uint16Array } {
  const oobScore = new Float64Array(rows);
  const oobTrees = new Uint16Array(rows);
  for (const { sum, trees } of harvest.outOfBag) {
    for (let row = 0; row < rows; row++) {
      oobScore[row]! += sum[row]!;
      oobTrees[row]! += trees[row]!;
    }
  }
  for (let row = 0; row < rows; row++) oobScore[row]! /= oobTrees[row]!;
  return { oobScore, oobTrees };
}

function meanImportances(trees: readonly GrownTree[], columns: number): Float64Array {
  const mean = new Float64Array(columns);
  for (const { importances } of trees) {
    const total = importances.reduce((sum, value) => sum + value, 0);
    if (total > 0)
      for (let column = 0; column < columns; column++) mean[column]! += importances[column]! / total;
  }
  const all = mean.reduce((sum, value) => sum + value, 0);
  return all > 0 ? mean.map((value) => value / all) : mean;
}
