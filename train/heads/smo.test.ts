import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { type Gram, KERNEL_ONE, trainMachine } from './smo.ts';

const rbf = (points: readonly (readonly [number, number])[], gamma: number): Gram => {
  const values = new Uint16Array(points.length ** 2);
  points.forEach(([ax, ay], i) => {
    points.forEach(([bx, by], j) => {
      const value = Math.exp(-gamma * ((ax - bx) ** 2 + (ay - by) ** 2));
      values[i * points.length + j] = Math.round(value * KERNEL_ONE);
    });
  });
  return { size: points.length, values };
};

const decide = ({ size, values }: Gram, machine: ReturnType<typeof trainMachine>, at: number) =>
  machine.coefficients.reduce(
    (sum, coefficient, i) => sum + (coefficient * values[at * size + i]!) / KERNEL_ONE,
    machine.bias,
  );

function noisyPoints(count: number) {
  const random = createRandom(3);
  const points = Array.from({ length: count }, () => [random.next() * 4, random.next() * 4] as const);
  const labels = points.map(([x, y]) => {
    const outside = Math.hypot(x - 2, y - 2) > 1.2;
    return (random.next() < 0.1 ? !outside : outside) ? 1 : 0;
  });
  return { points, labels };
}

describe('sequential minimal optimisation', () => {
  it('separates what no line separates', () => {
    const points = [
      [0, 0],
      [1, 1],
      [0, 1],
      [1, 0],
    ] as const;
    const gram = rbf(points, 2);
    const machine = trainMachine(gram, [1, 1, 0, 0], { bounds: [10, 10, 10, 10], tolerance: 1e-3 });
    expect(points.map((_, at) => decide(gram, machine, at) > 0)).toEqual([true, true, false, false]);
  });

  it('meets the optimality conditions within the tolerance', () => {
    const { points, labels } = noisyPoints(150);
    const gram = rbf(points, 1);
    const bound = 3;
    const tolerance = 1e-2;
    const machine = trainMachine(gram, labels, { bounds: labels.map(() => bound), tolerance });
    expect(machine.coefficients.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 6);
    machine.coefficients.forEach((coefficient, at) => {
      const margin = (labels[at] === 1 ? 1 : -1) * decide(gram, machine, at);
      const alpha = Math.abs(coefficient);
      if (alpha < 1e-9) expect(margin).toBeGreaterThan(1 - tolerance);
      else if (alpha > bound - 1e-9) expect(margin).toBeLessThan(1 + tolerance);
      else expect(Math.abs(margin - 1)).toBeLessThan(tolerance);
    });
  });

  it('learns nothing from rows whose bound is 0', () => {
    const { points, labels } = noisyPoints(60);
    const gram = rbf(points, 1);
    const half = labels.map((_, at) => (at < 30 ? 1 : 0));
    const machine = trainMachine(gram, labels, { bounds: half });
    expect(machine.coefficients.subarray(30).every((value) => value === 0)).toBe(true);
    const turned = labels.map((label, at) => (at < 30 ? label : 1 - label));
    expect(trainMachine(gram, turned, { bounds: half })).toEqual(machine);
  });
});
