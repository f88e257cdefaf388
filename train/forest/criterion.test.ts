import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestCut, gini, noCut } from './criterion.ts';

const histogram = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 9 })), {
  minLength: 1,
  maxLength: 20,
});

test('the cut is the best of all, and says what lies left of it', () => {
  fc.assert(
    fc.property(histogram, fc.integer({ min: 0, max: 5 }), (bins, offset) => {
      const base = 2 * offset;
      const flat = new Float64Array(base + 2 * bins.length);
      flat.set(bins.flat(), base);
      const occupied = Uint8Array.from(bins.flatMap(([n, p], bin) => (n + p > 0 ? [bin] : [])));
      const negative = bins.reduce((sum, [n]) => sum + n, 0);
      const positive = bins.reduce((sum, [, p]) => sum + p, 0);
      const minLeaf = 3;
      const cut = noCut();
      bestCut(flat, base, occupied, occupied.length, negative, positive, minLeaf, cut);

      let best = Number.POSITIVE_INFINITY;
      for (let bin = 0; bin + 1 < bins.length; bin++) {
        const left = bins.slice(0, bin + 1).reduce((sum, [n, p]) => [sum[0]! + n, sum[1]! + p], [0, 0]);
        const [n, p] = left as [number, number];
        if (n + p < minLeaf || negative + positive - n - p < minLeaf) continue;
        best = Math.min(best, gini(n, p) + gini(negative - n, positive - p));
      }
      expect(cut.found).toBe(best < Number.POSITIVE_INFINITY);
      if (!cut.found) return;
      expect(cut.impurity).toBeCloseTo(best, 9);
      const left = bins.slice(0, cut.bin + 1);
      expect(cut.negativeLeft).toBe(left.reduce((sum, [n]) => sum + n, 0));
      expect(cut.positiveLeft).toBe(left.reduce((sum, [, p]) => sum + p, 0));
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('a cut falls in the middle of a gap of empty bins', () => {
  const flat = new Float64Array(20);
  flat[2 * 1] = 5;
  flat[2 * 8 + 1] = 5;
  const cut = noCut();
  bestCut(flat, 0, Uint8Array.of(1, 8), 2, 5, 5, 1, cut);
  expect(cut).toMatchObject({ found: true, bin: 4, impurity: 0, negativeLeft: 5, positiveLeft: 0 });
});
