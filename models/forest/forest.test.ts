import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { predictBatch } from './batch.ts';
import { randomForest, randomRows } from './forest.fixture.ts';
import { linkForest, predict, shapeOf, votes } from './forest.ts';

/** Two trees over two columns, small enough to work out by hand. */
const byHand = linkForest({
  columns: 2,
  trees: 2,
  feature: Int32Array.of(0, -1, 1, -1, -1, -1),
  threshold: Float32Array.of(0.5, 0, -1, 0, 0, 0),
  value: Float32Array.of(0.5, 0.25, 0.75, 0, 1, 0.5),
  cover: Float32Array.of(8, 4, 4, 1, 3, 8),
});

test('links preorder nodes to children and roots', () => {
  expect([...byHand.left]).toEqual([1, -1, 3, -1, -1, -1]);
  expect([...byHand.right]).toEqual([2, -1, 4, -1, -1, -1]);
  expect([...byHand.roots]).toEqual([0, 5]);
  expect(shapeOf(byHand)).toEqual({ trees: 2, nodes: 6, leaves: 4, meanLeafDepth: 5 / 4, maxDepth: 2 });
});

test('a value on the threshold goes left, not-a-number goes right', () => {
  const x = Float32Array.of(0.5, 9, 0.6, -1, 0.6, 0, Number.NaN, Number.NaN);
  expect([...predict(byHand, x, 4)]).toEqual([0.375, 0.25, 0.75, 0.75]);
  expect([...predictBatch(byHand, x, 4)]).toEqual([0.375, 0.25, 0.75, 0.75]);
});

test('votes count trees, a leaf of one half counts half', () => {
  expect([...votes(byHand, Float32Array.of(0.5, 0, 0.6, 0), 2)]).toEqual([0.25, 0.75]);
});

test('batches of any size answer as the plain loop does, bit for bit', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 21 }),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 600 }),
      (seed, columns, trees, depth, rows) => {
        const forest = randomForest(seed, columns, trees, depth);
        const x = randomRows(forest, rows, createRandom(seed + 1));
        const plain = predict(forest, x, rows);
        const batch = predictBatch(forest, x, rows);
        expect(Buffer.from(batch.buffer).equals(Buffer.from(plain.buffer))).toBe(true);
      },
    ),
    { seed: 7, numRuns: 60 },
  );
});

test('one row alone answers as in a batch', () => {
  const forest = randomForest(3, 9, 30, 10);
  const x = randomRows(forest, 700, createRandom(4));
  const together = predictBatch(forest, x, 700);
  for (const row of [0, 7, 8, 511, 512, 699])
    expect(predictBatch(forest, x.slice(9 * row, 9 * row + 9), 1)[0]).toBe(together[row]);
});

test.each([predict, predictBatch, votes])('rows of the wrong width are refused', (answer) => {
  expect(() => answer(byHand, new Float32Array(5), 2)).toThrow(
    expect.objectContaining({ code: 'FOREST_INPUT_SHAPE' }),
  );
});

test.each([
  ['a child missing', { feature: Int32Array.of(0, -1) }],
  ['a node too many', { feature: Int32Array.of(-1, -1) }],
  ['a column that does not exist', { feature: Int32Array.of(2, -1, -1) }],
  ['a value above one', { feature: Int32Array.of(0, -1, -1), value: Float32Array.of(0, 1.5, 0) }],
  ['a value that is no number', { feature: Int32Array.of(-1), value: Float32Array.of(Number.NaN) }],
  [
    'a threshold without end',
    { feature: Int32Array.of(0, -1, -1), threshold: new Float32Array(3).fill(1 / 0) },
  ],
  ['arrays of different length', { feature: Int32Array.of(-1), cover: new Float32Array(2) }],
])('nodes with %s are refused', (_name, wrong) => {
  const length = wrong.feature.length;
  const rest = {
    threshold: new Float32Array(length),
    value: new Float32Array(length),
    cover: new Float32Array(length),
  };
  expect(() => linkForest({ columns: 2, trees: 1, ...rest, ...wrong })).toThrow(
    expect.objectContaining({ code: 'FOREST_MALFORMED' }),
  );
});
