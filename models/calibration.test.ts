import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calibrate, fitIsotonic } from './calibration.ts';

const rows = fc.array(
  fc.record({
    vote: fc.integer({ min: 0, max: 20 }).map((step) => step / 20),
    target: fc.constantFrom(0, 1),
    weight: fc.integer({ min: 1, max: 5 }),
  }),
  { minLength: 1, maxLength: 40 },
);
type Rows = readonly { vote: number; target: number; weight: number }[];

const fit = (list: Rows, prior?: number) =>
  fitIsotonic(
    list.map((row) => row.vote),
    list.map((row) => row.target),
    list.map((row) => row.weight),
    prior,
  );

/** The isotonic fit at each distinct vote by the min-max formula (Robertson, Wright and Dykstra 1988). */
function minMax(list: Rows): Map<number, number> {
  const votes = [...new Set(list.map((row) => row.vote))].sort((a, b) => a - b);
  const mean = (from: number, to: number) => {
    const inside = list.filter((row) => row.vote >= votes[from]! && row.vote <= votes[to]!);
    const weight = inside.reduce((sum, row) => sum + row.weight, 0);
    return inside.reduce((sum, row) => sum + row.weight * row.target, 0) / weight;
  };
  return new Map(
    votes.map((vote, at) => {
      const lows = votes.slice(0, at + 1).map((_, from) => {
        const highs = votes.slice(at).map((__, step) => mean(from, at + step));
        return Math.min(...highs);
      });
      return [vote, Math.max(...lows)];
    }),
  );
}

describe('fitIsotonic', () => {
  it('gives the pools of the isotonic regression when there is no prior', () => {
    fc.assert(
      fc.property(rows, (list) => {
        const { probabilities } = fit(list, 0);
        const expected = [...new Set([...minMax(list).values()].map((value) => value.toFixed(9)))];
        expect(Array.from(probabilities, (value) => value.toFixed(9))).toEqual(expected);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('is monotone, inside (0, 1), and does not depend on the order of rows', () => {
    fc.assert(
      fc.property(
        rows,
        fc.array(fc.double({ min: -0.5, max: 1.5, noNaN: true }), { minLength: 2 }),
        (list, asked) => {
          const calibration = fit(list);
          const sorted = [...asked].sort((a, b) => a - b).map((vote) => calibrate(calibration, vote));
          sorted.forEach((probability, i) => {
            expect(probability).toBeGreaterThan(0);
            expect(probability).toBeLessThan(1);
            if (i > 0) expect(probability).toBeGreaterThanOrEqual(sorted[i - 1]! - 1e-12);
          });
          const backwards = fit([...list].reverse());
          expect(backwards.votes.length).toBe(calibration.votes.length);
          backwards.probabilities.forEach((value, i) => {
            expect(value).toBeCloseTo(calibration.probabilities[i]!, 9);
          });
        },
      ),
      { seed: 2, numRuns: 300 },
    );
  });

  it('a weight of n is n rows', () => {
    const weighted = fit([
      { vote: 0.2, target: 0, weight: 3 },
      { vote: 0.6, target: 1, weight: 2 },
      { vote: 0.6, target: 0, weight: 1 },
    ]);
    const repeated = fit([
      ...Array.from({ length: 3 }, () => ({ vote: 0.2, target: 0, weight: 1 })),
      { vote: 0.6, target: 1, weight: 1 },
      { vote: 0.6, target: 0, weight: 1 },
      { vote: 0.6, target: 1, weight: 1 },
    ]);
    expect(weighted).toEqual(repeated);
  });

  it('keeps a lone odd row at the low end from lifting the rest', () => {
    const calibration = fit([
      { vote: 0, target: 0, weight: 1 },
      { vote: 0.01, target: 1, weight: 1 },
      ...Array.from({ length: 500 }, (_, i) => ({ vote: 0.02 + i / 5000, target: 0, weight: 1 })),
      ...Array.from({ length: 500 }, (_, i) => ({ vote: 0.5 + i / 5000, target: 1, weight: 1 })),
    ]);
    expect(calibrate(calibration, 0.05)).toBeLessThan(0.02);
    expect(calibrate(calibration, 0.6)).toBeGreaterThan(0.98);
  });

  it('leaves out rows without a vote or a weight and refuses to make something of nothing', () => {
    const only = { vote: 0.4, target: 1, weight: 2 };
    expect(
      fit([only, { vote: Number.NaN, target: 0, weight: 1 }, { vote: 0.1, target: 0, weight: 0 }]),
    ).toEqual(fit([only]));
    expect(() => fit([{ ...only, weight: 0 }])).toThrow(
      expect.objectContaining({ code: 'CALIBRATION_EMPTY' }),
    );
  });
});

describe('calibrate', () => {
  it('goes straight between points and stays put beyond them', () => {
    const calibration = {
      votes: Float64Array.of(0.2, 0.4, 0.8),
      probabilities: Float64Array.of(0.1, 0.5, 0.9),
    };
    const at = (vote: number) => Number(calibrate(calibration, vote).toFixed(9));
    expect([0, 0.2, 0.3, 0.4, 0.6, 0.8, 1].map(at)).toEqual([0.1, 0.1, 0.3, 0.5, 0.7, 0.9, 0.9]);
    const point = { votes: Float64Array.of(0.5), probabilities: Float64Array.of(0.7) };
    expect([0, 0.5, 1].map((vote) => calibrate(point, vote))).toEqual([0.7, 0.7, 0.7]);
  });
});
