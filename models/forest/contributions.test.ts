import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../base/random.ts';
import { contributions } from './contributions.ts';
import { randomForest, randomRows } from './forest.fixture.ts';
import { type Forest, linkForest, predict } from './forest.ts';
import { shapleyValues } from './tree-shap.ts';

const sum = (values: Float64Array) => values.reduce((total, value) => total + value, 0);

test.each([
  ['path contributions', contributions],
  ['Shapley values', shapleyValues],
])('%s and the bias sum to the raw vote', (_name, explain) => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 14 }),
      (seed, columns, depth) => {
        const forest = randomForest(seed, columns, 5, depth);
        const x = randomRows(forest, 1, createRandom(seed));
        const { bias, byColumn } = explain(forest, x);
        expect(Math.abs(bias + sum(byColumn) - predict(forest, x, 1)[0]!)).toBeLessThan(1e-6);
      },
    ),
    { seed: 7, numRuns: 100 },
  );
});

test('path contributions are credited to the column the parent tested', () => {
  const forest = linkForest({
    columns: 3,
    trees: 1,
    feature: Int32Array.of(2, 0, -1, -1, -1),
    threshold: Float32Array.of(0, 0, 0, 0, 0),
    value: Float32Array.of(0.5, 0.25, 0, 1, 0.75),
    cover: Float32Array.of(4, 2, 1.5, 0.5, 2),
  });
  expect(contributions(forest, Float32Array.of(1, 0, -1))).toEqual({
    bias: 0.5,
    byColumn: Float64Array.of(0.75, 0, -0.25),
  });
});

/** Mean of a tree when only the columns in `known` may be looked at. */
function expected(forest: Forest, node: number, x: Float32Array, known: number): number {
  const tested = forest.feature[node]!;
  if (tested < 0) return forest.value[node]!;
  const left = forest.left[node]!;
  const right = forest.right[node]!;
  if (known & (1 << tested))
    return expected(forest, x[tested]! <= forest.threshold[node]! ? left : right, x, known);
  const both = forest.cover[left]! + forest.cover[right]!;
  return (
    (forest.cover[left]! * expected(forest, left, x, known) +
      forest.cover[right]! * expected(forest, right, x, known)) /
    both
  );
}

/** Shapley's formula over all coalitions, to check the fast way by. */
function bruteForce(forest: Forest, x: Float32Array): number[] {
  const { columns } = forest;
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const size = (set: number) => set.toString(2).replaceAll('0', '').length;
  const worth = Array.from(
    { length: 1 << columns },
    (_, set) =>
      forest.roots.reduce((total, root) => total + expected(forest, root, x, set), 0) / forest.trees,
  );
  return Array.from({ length: columns }, (_, column) =>
    worth.reduce((total, without, set) => {
      if (set & (1 << column)) return total;
      const weight = (factorial(size(set)) * factorial(columns - size(set) - 1)) / factorial(columns);
      return total + weight * (worth[set | (1 << column)]! - without);
    }, 0),
  );
}

test('Shapley values equal the sum over all coalitions', () => {
  for (let seed = 0; seed < 12; seed++) {
    const forest = randomForest(seed, 6, 3, 8);
    const x = randomRows(forest, 1, createRandom(seed));
    const slow = bruteForce(forest, x);
    const { byColumn } = shapleyValues(forest, x);
    for (let column = 0; column < 6; column++) expect(byColumn[column]).toBeCloseTo(slow[column]!, 9);
  }
});

test('a row of the wrong width is refused', () => {
  const forest = randomForest(1, 4, 2, 3);
  for (const explain of [contributions, shapleyValues])
    expect(() => explain(forest, new Float32Array(3))).toThrow(
      expect.objectContaining({ code: 'FOREST_INPUT_SHAPE' }),
    );
});
