import type { LabelledRow } from '../../data/read/labelled.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { createRandom, shuffle } from '../../models/base/random.ts';
import type { Example, Predict } from './example.ts';
import { trainNaturalBayes, trainNaturalLogistic } from './natural.ts';
import { trainTfidfLogistic } from './tfidf.ts';

/** A trained baseline: a {@link Predict} that knows what it is. */
export interface Baseline extends Predict {
  readonly description: string;
  /** Rows it was trained on; fewer than given where the method is too slow for all. */
  readonly trainedOn: number;
}

/** How a baseline is made; `mostRows` bounds the slow ones. */
interface Recipe {
  readonly method: string;
  readonly mostRows: number;
  readonly train: (examples: readonly Example[]) => Predict;
}

const RECIPES = {
  'tfidf-logistic': {
    method: 'logistic regression on TF-IDF of words and word pairs of the canonical text',
    mostRows: Number.POSITIVE_INFINITY,
    train: trainTfidfLogistic,
  },
  'natural-bayes': {
    method: 'naive Bayes of the natural library on Porter stems',
    mostRows: 2_000,
    train: trainNaturalBayes,
  },
  'natural-logistic': {
    method: 'logistic regression of the natural library on Porter stems',
    mostRows: 60,
    train: trainNaturalLogistic,
  },
} as const satisfies Record<string, Recipe>;

export type BaselineName = keyof typeof RECIPES;
export const BASELINES = Object.freeze(Object.keys(RECIPES)) as readonly BaselineName[];

/**
 * Trains a simple classifier to compare with. The classifiers of `natural` build dense rows over all stems and need
 * minutes already for a few hundred messages, so they get a sample of 2,000 (Bayes) and 60 rows (logistic regression),
 * half of each class as far as there are; `trainedOn` and `description` say so.
 *
 * @param rows those without a label are left out
 * @param seed of the sample; default 1
 * @throws LanewayError `TRAIN_ONE_CLASS`: a class is missing
 */
export function trainBaseline(name: BaselineName, rows: readonly LabelledRow[], seed = 1): Baseline {
  const { method, mostRows, train } = RECIPES[name];
  const labelled = rows.filter((row): row is LabelledRow & Example => row.label !== undefined);
  const examples = balancedSample(labelled, mostRows, seed);
  for (const label of ['promotional', 'transactional'] as const) {
    if (examples.some((example) => example.label === label)) continue;
    throw new LanewayError('TRAIN_ONE_CLASS', `a baseline needs ${label} messages and there are none`, {
      fix: 'Check the label column and --map.',
    });
  }
  const bounded = examples.length < labelled.length;
  return Object.assign(train(examples), {
    trainedOn: examples.length,
    description: bounded ? `${method}, on a sample of ${examples.length} rows` : method,
  });
}

/** At most `most` rows, both classes alike as far as there are. */
export function balancedSample(rows: readonly Example[], most: number, seed: number): Example[] {
  if (rows.length <= most) return [...rows];
  const mixed = shuffle([...rows], createRandom(seed));
  const promotional = mixed.filter(({ label }) => label === 'promotional');
  const transactional = mixed.filter(({ label }) => label === 'transactional');
  const ofFirst = Math.min(promotional.length, Math.max(most >> 1, most - transactional.length));
  return shuffle(
    [...promotional.slice(0, ofFirst), ...transactional.slice(0, most - ofFirst)],
    createRandom(seed + 1),
  );
}
