import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { pairedBootstrap } from './bootstrap.ts';

describe('paired bootstrap', () => {
  it('gives the difference of the means, within its interval, the same each time', () => {
    const answers = fc.array(fc.tuple(fc.constantFrom(0, 1), fc.constantFrom(0, 1)), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(answers, (pairs) => {
        const ours = pairs.map(([a]) => a);
        const theirs = pairs.map(([, b]) => b);
        const { value, low, high } = pairedBootstrap(ours, theirs);
        const mean = (of: number[]) => of.reduce((sum, one) => sum + one, 0) / of.length;
        expect(value).toBeCloseTo(mean(ours) - mean(theirs), 12);
        expect(low).toBeLessThanOrEqual(high);
        expect(pairedBootstrap(ours, theirs)).toEqual({ value, low, high });
        const turned = pairedBootstrap(theirs, ours);
        expect(turned.value).toBeCloseTo(-value, 12);
      }),
      { seed: 5, numRuns: 60 },
    );
  });

  it('is as wide as the normal approximation says, and covers the truth about 95 times in 100', () => {
    let covered = 0;
    const runs = 200;
    for (let run = 0; run < runs; run++) {
      const random = createRandom(run + 1);
      const ours = Array.from({ length: 200 }, () => (random.next() < 0.9 ? 1 : 0));
      const theirs = ours.map((one) => (random.next() < 0.1 ? 1 - one : one));
      // Of rows right 0.1 turn wrong, of rows wrong 0.1 turn right: 0.1 x (0.9 - 0.1).
      const { low, high } = pairedBootstrap(ours, theirs);
      if (low <= 0.08 && 0.08 <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(180);
    expect(covered).toBeLessThan(200);
  });

  it('draws groups whole: twins of a row add no certainty', () => {
    const ours = Array.from({ length: 100 }, (_, at) => (at % 4 === 0 ? 0 : 1));
    const theirs = ours.map((one, at) => (at % 7 === 0 ? 1 - one : one));
    const twice = <T>(rows: T[]) => [...rows, ...rows];
    const groups = twice(Array.from({ length: 100 }, (_, at) => at));
    expect(pairedBootstrap(twice(ours), twice(theirs), groups)).toEqual(pairedBootstrap(ours, theirs));
  });

  it('refuses answers to other rows', () => {
    expect(() => pairedBootstrap([1], [1, 0])).toThrow(RangeError);
    expect(pairedBootstrap([], [])).toEqual({ value: 0, low: 0, high: 0 });
    expect(pairedBootstrap([1, 0], [1, 0])).toEqual({ value: 0, low: 0, high: 0 });
  });
});
