import { createRandom, type Random } from '../base/random.ts';
import { type Forest, linkForest } from './forest.ts';

/**
 * A forest of random trees for tests: any shape from a lone leaf on, values that are multiples of 2^-24 as
 * training makes them, covers that add up.
 */
export function randomForest(seed: number, columns: number, trees: number, maxDepth: number): Forest {
  const random = createRandom(seed);
  const feature: number[] = [];
  const threshold: number[] = [];
  const value: number[] = [];
  const cover: number[] = [];
  const grow = (depth: number, weight: number, positive: number): void => {
    const split = depth < maxDepth && weight >= 2 && random.next() < 0.85;
    feature.push(split ? random.below(columns) : -1);
    threshold.push(split ? Math.fround(random.next() * 2 - 1) : 0);
    value.push(Math.round((positive / weight) * 2 ** 24) / 2 ** 24);
    cover.push(weight);
    if (!split) return;
    const left = 1 + random.below(weight - 1);
    const positiveLeft = Math.max(0, Math.min(left, positive - random.below(weight - left + 1)));
    const positiveRight = Math.min(weight - left, positive - positiveLeft);
    grow(depth + 1, left, positiveLeft);
    grow(depth + 1, weight - left, positiveRight);
  };
  for (let tree = 0; tree < trees; tree++) grow(0, 1000, 300 + random.below(400));
  return linkForest({
    columns,
    trees,
    feature: Int32Array.from(feature),
    threshold: Float32Array.from(threshold),
    value: Float32Array.from(value),
    cover: Float32Array.from(cover),
  });
}

/** `rows x columns` values in [-1, 1), some exactly a threshold of the forest, some not a number. */
export function randomRows(forest: Forest, rows: number, random: Random): Float32Array {
  return Float32Array.from({ length: rows * forest.columns }, () => {
    const kind = random.next();
    if (kind < 0.02) return Number.NaN;
    if (kind < 0.3) return forest.threshold[random.below(forest.threshold.length)]!;
    return random.next() * 2 - 1;
  });
}
