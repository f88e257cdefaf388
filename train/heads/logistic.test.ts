import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { type LinearHead, type SparseRow, scoreSparse, sigmoid } from '../../models/heads/linear.ts';
import { fitLogistic } from './logistic.ts';

const row = (...values: number[]): SparseRow => ({
  indices: Uint32Array.from(values.keys()).filter((i) => values[i] !== 0),
  values: Float32Array.from(values.filter((value) => value !== 0)),
});

function problem(count: number, seed: number) {
  const random = createRandom(seed);
  const rows = Array.from({ length: count }, () =>
    row(random.next() * 2 - 1, random.below(2), random.next()),
  );
  const targets = rows.map((x) => (random.next() < sigmoid(scoreSparse(truth, x)) ? 1 : 0));
  return { rows, targets };
}
const truth: LinearHead = { weights: Float32Array.of(3, -2, 1), bias: 0.5 };

/** Gradient of `|w|^2 / 2 + c sum weight log(1 + exp(-margin))` at a head, the intercept last. */
function gradient(
  head: LinearHead,
  rows: readonly SparseRow[],
  targets: readonly number[],
  weights: readonly number[],
  c: number,
) {
  const out = [...head.weights, 0];
  rows.forEach((x, i) => {
    const slope = c * weights[i]! * (sigmoid(scoreSparse(head, x)) - targets[i]!);
    x.indices.forEach((column, k) => {
      out[column]! += slope * x.values[k]!;
    });
    out[head.weights.length]! += slope;
  });
  return out;
}

describe('fitLogistic', () => {
  it('stands where the gradient of the penalised likelihood vanishes', () => {
    const { rows, targets } = problem(400, 1);
    const weights = rows.map((_, i) => (i % 3) + 0.5);
    const head = fitLogistic(rows, 3, targets, weights, { c: 2, maxIterations: 500 });
    const start = gradient({ weights: new Float32Array(3), bias: 0 }, rows, targets, weights, 2);
    const scale = Math.max(...start.map(Math.abs));
    for (const component of gradient(head, rows, targets, weights, 2))
      expect(Math.abs(component)).toBeLessThan(1.1e-3 * scale);
  });

  it('finds the head that made the data', () => {
    const { rows, targets } = problem(8000, 2);
    const head = fitLogistic(
      rows,
      3,
      targets,
      rows.map(() => 1),
      { c: 100 },
    );
    head.weights.forEach((weight, i) => {
      expect(Math.abs(weight - truth.weights[i]!)).toBeLessThan(0.4);
    });
    expect(Math.abs(head.bias - truth.bias)).toBeLessThan(0.3);
  });

  it('separates what can be separated, by a finite head', () => {
    const rows = [row(1, 0), row(2, 0), row(-1, 0), row(-2, 0)];
    const head = fitLogistic(rows, 2, [1, 1, 0, 0], [1, 1, 1, 1], { c: 1000 });
    expect(rows.map((x) => scoreSparse(head, x) > 0)).toEqual([true, true, false, false]);
    expect(Number.isFinite(head.weights[0]!)).toBe(true);
    expect(head.weights[1]).toBe(0);
  });

  it('a weight of n is n rows, a weight of 0 none', () => {
    const rows = [row(1, 0.5), row(-1, 0.2), row(0.3, -1), row(9, 9)];
    const weighted = fitLogistic(rows, 2, [1, 0, 1, 0], [3, 1, 2, 0]);
    const repeated = fitLogistic(
      [0, 0, 0, 1, 2, 2].map((i) => rows[i]!),
      2,
      [1, 1, 1, 0, 1, 1],
      [1, 1, 1, 1, 1, 1],
    );
    weighted.weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(repeated.weights[i]!, 2);
    });
    expect(weighted.bias).toBeCloseTo(repeated.bias, 2);
  });

  it('shrinks with a smaller c', () => {
    const { rows, targets } = problem(200, 4);
    const size = (c: number) =>
      Math.hypot(
        ...fitLogistic(
          rows,
          3,
          targets,
          rows.map(() => 1),
          { c },
        ).weights,
      );
    expect(size(0.01)).toBeLessThan(size(1));
    expect(size(1)).toBeLessThan(size(100));
  });
});
