import { type Calibration, calibrate, fitIsotonic } from '../models/calibration.ts';
import type { ForestStage } from '../models/model.ts';
import type { TrainingRow } from './fold-rows.ts';
import { growForest } from './forest/grow.ts';
import { forestInput } from './forest-input.ts';
import type { TermMatrix } from './matrix.ts';
import { type ModelPart, withoutParts } from './parts.ts';
import type { StackedHeads } from './stack.ts';
import type { Judged } from './thresholds.ts';

/** Forests answer smoothly and stay small when leaves hold a few rows. */
const MIN_LEAF_WEIGHT = 4;
/** From here on leaves grow with the rows, so that the model does not. */
const ROWS_OF_SMALLEST_LEAF = 50_000;
const MAX_DEPTH = 16;

/** What forests are grown from. */
export interface StageInput {
  readonly rows: readonly TrainingRow[];
  readonly groups: Uint32Array;
  readonly terms: TermMatrix;
  readonly heads: StackedHeads;
  /** Columns of the word vocabulary that the forest sees as they are. */
  readonly raw: Uint32Array;
}

export interface GrowStageOptions {
  /** Default 200. */
  readonly trees?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Worker threads; default one a core. The forest is the same at any number. */
  readonly threads?: number;
  /** Parts that the forest never sees; default none. */
  readonly without?: readonly ModelPart[];
}

/**
 * Grows a forest, calibrates it on its out-of-bag votes, and gives the answers that thresholds are chosen on.
 *
 * @param denseHeads how many columns of embeddings it sees; 0: the lexical forest
 */
export async function growStage(
  { rows, groups, terms, heads, raw }: StageInput,
  denseHeads: number,
  { trees = 200, seed = 1, threads, without = [] }: GrowStageOptions,
  onProgress: (done: number, total: number) => void,
): Promise<{ stage: ForestStage; judged: Judged[] }> {
  const embeddingHeads = denseHeads === 0 ? [] : [...heads.dense, ...(heads.kernel ? [heads.kernel] : [])];
  const { data, layout, share } = forestInput({
    rows,
    groups,
    words: terms.wordMatrix,
    raw,
    denseHeads,
    scoresOf: (text) => ({
      word: heads.word.outOfFold[text]!,
      char: heads.char.outOfFold[text]!,
      dense: embeddingHeads.map(({ outOfFold }) => outOfFold[text]!),
    }),
  });
  const { forest, oobScore, oobTrees } = await growForest(
    withoutParts(
      data,
      layout,
      without,
      embeddingHeads.map(({ head }) => head.name),
    ),
    {
      trees,
      featuresPerSplit: Math.round(Math.sqrt(layout.terms) * 2.5),
      minLeafWeight: MIN_LEAF_WEIGHT * Math.max(1, data.rows / ROWS_OF_SMALLEST_LEAF),
      maxDepth: MAX_DEPTH,
      seed,
      ...(threads === undefined ? {} : { threads }),
    },
    (grown) => onProgress(grown.treesDone, grown.trees),
  );
  const scored = Uint32Array.from({ length: data.rows }, (_, at) => at).filter((at) => oobTrees[at]! > 0);
  const targets = Float64Array.from(scored, (at) => data.y[at]!);
  const shares = Float64Array.from(scored, (at) => share[at]!);
  const votes = Float64Array.from(scored, (at) => oobScore[at]!);
  const calibration = fitIsotonic(votes, targets, shares);
  return {
    stage: { forest, calibration },
    judged: judge(votes, targets, balancedWeights(targets, shares), calibration),
  };
}

/**
 * Thresholds are chosen as if both classes were as frequent; probabilities are for the mix that was trained on, where
 * on unseen senders they err less.
 */
function balancedWeights(targets: Float64Array, weights: Float64Array): Float64Array {
  const sums = [0, 0];
  targets.forEach((target, at) => {
    sums[target]! += weights[at]!;
  });
  return weights.map((weight, at) => (weight * targets.length) / (2 * sums[targets[at]!]!));
}

function judge(
  votes: Float64Array,
  targets: Float64Array,
  weights: Float64Array,
  calibration: Calibration,
): Judged[] {
  return Array.from(votes, (vote, at) => ({
    probability: calibrate(calibration, vote),
    target: targets[at]!,
    weight: weights[at]!,
  }));
}
