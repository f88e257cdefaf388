import { availableParallelism } from 'node:os';
import { LanewayError } from '../../models/base/errors.ts';

/** How a forest is grown. Every field has a default. */
export interface ForestOptions {
  /** 1 to 65,535; default 200. */
  readonly trees?: number;
  /** Columns drawn afresh at every node, 1 to all of them; default the rounded-down square root. */
  readonly featuresPerSplit?: number;
  /** Longest path in tests, 1 to 64; default 24. */
  readonly maxDepth?: number;
  /** Least weight of a leaf, after class weights (which keep the mean at 1 for weights of 1); default 1. */
  readonly minLeafWeight?: number;
  /** Least Gini decrease of a split, as a share of the tree's whole weight, 0 to 0.5; default 0. */
  readonly minGain?: number;
  /** `balanced` (default): both classes get half the weight. Or a factor per class. */
  readonly classWeights?: 'balanced' | 'none' | { readonly negative: number; readonly positive: number };
  /** `group` (default): as many groups as there are, drawn with replacement. `none`: every tree sees all. */
  readonly bootstrap?: 'group' | 'none';
  /** Bags stop drawing groups when they hold so many rows; default unlimited. */
  readonly maxRowsPerTree?: number;
  /** Bins per column, 2 to 255; default 255. */
  readonly maxBins?: number;
  /** 32-bit; default 1. */
  readonly seed?: number;
  /**
   * 1 to 256; default one per core, or 1 when the work is too small to be worth starting threads. With 1 the
   * calling thread does the work itself. The forest is the same at any number.
   */
  readonly threads?: number;
  /** Stops growing; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** {@link ForestOptions} with every default filled in; safe to send to a worker. */
export interface GrowPlan {
  readonly trees: number;
  readonly featuresPerSplit: number;
  readonly maxDepth: number;
  readonly minLeafWeight: number;
  readonly minGain: number;
  readonly classWeights: 'balanced' | 'none' | { readonly negative: number; readonly positive: number };
  readonly bootstrap: 'group' | 'none';
  readonly maxRowsPerTree: number;
  readonly maxBins: number;
  readonly seed: number;
  readonly threads: number;
}

function check(name: string, value: number, low: number, high: number, integer: boolean): number {
  if (!(value >= low && value <= high) || (integer && !Number.isInteger(value)))
    throw new LanewayError(
      'FOREST_OPTIONS_INVALID',
      `Forest option ${name} is ${value}; it must be ${integer ? 'a whole number' : 'a number'} from ${low} to ${high}.`,
      { where: name, fix: `Set ${name} within its range or leave it out.` },
    );
  return value;
}

/** Below so many looks at a value (rows x trees x columns drawn, about 3 s) starting threads gains nothing. */
const WORTH_THREADS = 20_000_000;

/**
 * Fills in the defaults for `rows x columns` of data.
 * @throws LanewayError `FOREST_OPTIONS_INVALID`, `where` naming the option
 */
export function planOf(options: ForestOptions, rows: number, columns: number): GrowPlan {
  const classWeights = options.classWeights ?? 'balanced';
  if (typeof classWeights === 'object') {
    check('classWeights.negative', classWeights.negative, 1e-6, 1e6, false);
    check('classWeights.positive', classWeights.positive, 1e-6, 1e6, false);
  }
  const trees = check('trees', options.trees ?? 200, 1, 0xffff, true);
  const sqrt = Math.max(1, Math.floor(Math.sqrt(columns)));
  const featuresPerSplit = check('featuresPerSplit', options.featuresPerSplit ?? sqrt, 1, columns, true);
  const defaultThreads = rows * trees * featuresPerSplit < WORTH_THREADS ? 1 : availableParallelism();
  return {
    trees,
    featuresPerSplit,
    maxDepth: check('maxDepth', options.maxDepth ?? 24, 1, 64, true),
    minLeafWeight: check('minLeafWeight', options.minLeafWeight ?? 1, 0, 1e12, false),
    minGain: check('minGain', options.minGain ?? 0, 0, 0.5, false),
    classWeights,
    bootstrap: options.bootstrap ?? 'group',
    maxRowsPerTree: check('maxRowsPerTree', options.maxRowsPerTree ?? 2 ** 31, 1, 2 ** 31, true),
    maxBins: check('maxBins', options.maxBins ?? 255, 2, 255, true),
    seed: check('seed', options.seed ?? 1, 0, 0xffffffff, true),
    threads: check('threads', options.threads ?? defaultThreads, 1, 256, true),
  };
}
