import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { minimise } from './lbfgs.ts';

/** Sum of `curvature (x - centre)^2 / 2`. */
const quadratic =
  (centre: readonly number[], curvature: readonly number[]) => (at: Float64Array, out: Float64Array) =>
    centre.reduce((sum, c, i) => {
      const away = at[i]! - c;
      out[i] = curvature[i]! * away;
      return sum + 0.5 * curvature[i]! * away * away;
    }, 0);

describe('minimise', () => {
  it('finds the minimum of convex quadratics, stretched up to 10,000 times', () => {
    const dimension = fc.tuple(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.integer({ min: -2, max: 2 }),
    );
    fc.assert(
      fc.property(fc.array(dimension, { minLength: 1, maxLength: 12 }), (dimensions) => {
        const centre = dimensions.map(([c]) => c);
        const curvature = dimensions.map(([, power]) => 10 ** power);
        const found = minimise(quadratic(centre, curvature), new Float64Array(centre.length), {
          maxIterations: 1000,
          tolerance: 1e-10,
        });
        found.forEach((value, i) => {
          expect(Math.abs(value - centre[i]!)).toBeLessThan(1e-3);
        });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it('finds the minimum of a curved valley', () => {
    const rosenbrock = (at: Float64Array, out: Float64Array) => {
      const [x, y] = [at[0]!, at[1]!];
      out[0] = -2 * (1 - x) - 400 * x * (y - x * x);
      out[1] = 200 * (y - x * x);
      return (1 - x) ** 2 + 100 * (y - x * x) ** 2;
    };
    const found = minimise(rosenbrock, Float64Array.of(-1.2, 1), { maxIterations: 300, tolerance: 1e-9 });
    expect(found[0]).toBeCloseTo(1, 5);
    expect(found[1]).toBeCloseTo(1, 5);
  });

  it('never goes up, leaves its start alone and repeats itself', () => {
    const random = createRandom(3);
    const centre = Array.from({ length: 20 }, () => random.next() * 10);
    const objective = quadratic(
      centre,
      centre.map((c) => c + 0.1),
    );
    const start = new Float64Array(20);
    const values = [0, 1, 2, 4, 8].map((maxIterations) =>
      objective(minimise(objective, start, { maxIterations }), new Float64Array(20)),
    );
    values.slice(1).forEach((value, i) => {
      expect(value).toBeLessThan(values[i]!);
    });
    expect(start.every((value) => value === 0)).toBe(true);
    expect(minimise(objective, start)).toEqual(minimise(objective, start));
  });

  it('stays where the gradient is nothing', () => {
    expect(minimise(quadratic([2], [1]), Float64Array.of(2))).toEqual(Float64Array.of(2));
  });
});
