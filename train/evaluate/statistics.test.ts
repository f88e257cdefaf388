import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { percentile, rankingOf, recallAtFalsePositiveRate, reliabilityOf, shareOf } from './statistics.ts';

/** Scores with many ties, both classes present. */
const scored = fc
  .array(fc.record({ score: fc.integer({ min: 0, max: 12 }), target: fc.integer({ min: 0, max: 1 }) }), {
    minLength: 2,
    maxLength: 60,
  })
  .filter((rows) => new Set(rows.map(({ target }) => target)).size === 2)
  .map((rows) => ({
    scores: rows.map(({ score }) => score / 12),
    targets: rows.map(({ target }) => target),
  }));

describe('shareOf', () => {
  it('gives the Wilson interval', () => {
    // By hand: 8 of 10, z = 1.96: centre 0.71674, half width 0.22658.
    const share = shareOf(8, 10);
    expect(share.value).toBe(0.8);
    expect(share.low).toBeCloseTo(0.4902, 4);
    expect(share.high).toBeCloseTo(0.9433, 4);
  });

  it('stays informative at the ends', () => {
    expect(shareOf(0, 10).low).toBe(0);
    expect(shareOf(0, 10).high).toBeCloseTo(0.2775, 4);
    expect(shareOf(10, 10).low).toBeCloseTo(0.7225, 4);
  });

  it('says nothing about nothing', () => {
    expect(shareOf(0, 0)).toEqual({ count: 0, of: 0, value: null, low: null, high: null });
  });
});

describe('rankingOf', () => {
  it('matches the textbook example', () => {
    const ranking = rankingOf([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])!;
    expect(ranking.auc).toBe(0.75);
    // Precision 1 at recall 1/2, 2/3 at recall 1.
    expect(ranking.averagePrecision).toBeCloseTo(0.5 * 1 + 0.5 * (2 / 3), 12);
    expect(ranking.roc).toEqual([
      [0, 0],
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 1],
      [1, 1],
    ]);
  });

  it('is undefined where a class is missing', () => {
    expect(rankingOf([0.2, 0.9], [1, 1])).toBeUndefined();
    expect(rankingOf([], [])).toBeUndefined();
  });

  it('is the chance that a positive scores above a negative, counted pair by pair', () => {
    fc.assert(
      fc.property(scored, ({ scores, targets }) => {
        let wins = 0;
        let pairs = 0;
        scores.forEach((high, i) => {
          scores.forEach((low, j) => {
            if (targets[i] !== 1 || targets[j] !== 0) return;
            pairs++;
            wins += high > low ? 1 : high === low ? 0.5 : 0;
          });
        });
        expect(rankingOf(scores, targets)!.auc).toBeCloseTo(wins / pairs, 10);
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it('does not depend on the order of the rows', () => {
    fc.assert(
      fc.property(scored, ({ scores, targets }) => {
        const backwards = rankingOf([...scores].reverse(), [...targets].reverse());
        expect(backwards).toEqual(rankingOf(scores, targets));
      }),
      { seed: 6, numRuns: 100 },
    );
  });

  it('thins long curves but keeps their ends and their area', () => {
    const scores = Array.from({ length: 5000 }, (_, i) => i);
    const targets = scores.map((score) => (score % 7 < 3 || score > 4000 ? 1 : 0));
    const { roc, auc } = rankingOf(scores, targets)!;
    expect(roc.length).toBeLessThan(1000);
    expect(roc[0]).toEqual([0, 0]);
    expect(roc[roc.length - 1]).toEqual([1, 1]);
    let area = 0;
    for (let i = 1; i < roc.length; i++)
      area += ((roc[i]![0] - roc[i - 1]![0]) * (roc[i]![1] + roc[i - 1]![1])) / 2;
    expect(area).toBeCloseTo(auc, 2);
  });
});

describe('reliabilityOf', () => {
  it('matches a case computed by hand', () => {
    // Two bins of two: said 0.15, seen 0.5 (off by 0.35); said 0.85, seen 1 (off by 0.15).
    const { bins, ece, brier } = reliabilityOf([0.1, 0.8, 0.2, 0.9], [0, 1, 1, 1], 2);
    expect(bins.map(({ rows }) => rows)).toEqual([2, 2]);
    expect(bins.map(({ meanProbability }) => Number(meanProbability.toFixed(12)))).toEqual([0.15, 0.85]);
    expect(bins.map(({ observed }) => observed.value)).toEqual([0.5, 1]);
    expect(ece).toBeCloseTo(0.25, 12);
    expect(brier).toBeCloseTo((0.01 + 0.04 + 0.64 + 0.01) / 4, 12);
  });

  it('cuts bins of equal mass that hold every row once', () => {
    fc.assert(
      fc.property(scored, ({ scores, targets }) => {
        const { bins } = reliabilityOf(scores, targets);
        const sizes = bins.map(({ rows }) => rows);
        expect(bins.length).toBe(Math.min(15, scores.length));
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(scores.length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
      { seed: 7, numRuns: 100 },
    );
  });

  it('has no error where all is said as it happens', () => {
    const probabilities = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 1));
    expect(reliabilityOf(probabilities, probabilities)).toMatchObject({ ece: 0, brier: 0 });
  });
});

describe('recallAtFalsePositiveRate', () => {
  it('takes the loosest cut within bounds', () => {
    const scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4];
    const targets = [1, 0, 1, 1, 0, 1];
    const found = recallAtFalsePositiveRate(scores, targets, 0.5);
    expect([found.recall.count, found.falsePositives.count, found.threshold]).toEqual([3, 1, 0.6]);
    expect(recallAtFalsePositiveRate(scores, targets, 0.01).recall.count).toBe(1);
  });

  it('finds nothing when the best score is a false alarm', () => {
    const found = recallAtFalsePositiveRate([0.9, 0.1], [0, 1], 0.01);
    expect([found.recall.value, found.threshold]).toEqual([0, null]);
  });

  it('never splits equal scores', () => {
    const found = recallAtFalsePositiveRate([0.9, 0.5, 0.5], [1, 1, 0], 0.5);
    expect([found.recall.count, found.falsePositives.count]).toEqual([1, 0]);
  });
});

it('percentile interpolates between neighbours', () => {
  expect(percentile([1, 2, 3, 4], 0.5)).toBe(2.5);
  expect(percentile([1, 2, 3, 4], 1)).toBe(4);
  expect(percentile([7], 0.99)).toBe(7);
});
