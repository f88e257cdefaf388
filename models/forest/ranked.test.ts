import { expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { predictBatch } from './batch.ts';
import { randomForest, randomRows } from './forest.fixture.ts';
import { type Forest, predict } from './forest.ts';
import { BLOCK_ROWS, sumRanked } from './ranked.ts';

const sums = (forest: Forest, x: Float32Array, rows: number): number[] =>
  Array.from(predict(forest, x, rows), (mean) => mean * forest.trees);

test('ranks answer as the plain loop does: on thresholds, beside them, and where values are no numbers', () => {
  for (const seed of [1, 2, 3]) {
    const forest = randomForest(seed, 23, 16, 12);
    expect(forest.feature.length).toBeGreaterThan(1_000);
    const random = createRandom(seed + 10);
    const rows = BLOCK_ROWS + 77;
    const x = randomRows(forest, rows, random);
    const inner = [...forest.feature.keys()].filter((node) => forest.feature[node]! >= 0);
    for (let i = 0; i < 6_000; i++) {
      const node = random.pick(inner);
      const threshold = forest.threshold[node]!;
      const odd = [threshold, threshold, -0, 0, Number.NaN, Infinity, -Infinity, 1e-45, -threshold];
      x[random.below(rows) * forest.columns + forest.feature[node]!] = random.pick(odd);
    }
    const out = new Float64Array(rows);
    expect(sumRanked(forest, x, 0, rows, out)).toBe(true);
    expect([...out]).toEqual(sums(forest, x, rows));
    expect([...predictBatch(forest, x, rows)]).toEqual([...predict(forest, x, rows)]);
  }
});

test('a part of the rows is answered and the others are left alone', () => {
  const forest = randomForest(5, 9, 30, 10);
  const rows = 40;
  const x = randomRows(forest, rows, createRandom(6));
  const out = new Float64Array(rows).fill(-1);
  expect(sumRanked(forest, x, 8, 21, out)).toBe(true);
  const expected = sums(forest, x, rows).map((sum, row) => (row >= 8 && row < 21 ? sum : -1));
  expect([...out]).toEqual(expected);
});

test('a forest of more columns than a node can name is left to the other way', () => {
  const forest = { ...randomForest(5, 9, 30, 10), columns: 5_000 };
  const x = new Float32Array(8 * 5_000).map((_, i) => (i % 13) - 6);
  expect(sumRanked(forest, x, 0, 8, new Float64Array(8))).toBe(false);
  expect([...predictBatch(forest, x, 8)]).toEqual([...predict(forest, x, 8)]);
});
