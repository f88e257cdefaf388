import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelledRow } from '../../data/read/labelled.ts';
import type { Classifier, MessageClass, Verdict } from '../../models/verdict.ts';
import { judgePairs, type Pair, pairAnswers } from './gate.ts';
import { holm, mcnemarP } from './mcnemar.ts';

describe('McNemar', () => {
  it('is the upper tail of fair coin tosses', () => {
    // 5 of 5: 1/32. 4 or more of 5: 6/32. 8 or more of 10: (45 + 10 + 1)/1024.
    expect(mcnemarP(5, 0)).toBeCloseTo(1 / 32, 12);
    expect(mcnemarP(4, 1)).toBeCloseTo(6 / 32, 12);
    expect(mcnemarP(8, 2)).toBeCloseTo(56 / 1024, 12);
    expect([mcnemarP(0, 0), mcnemarP(0, 9)]).toEqual([1, expect.closeTo(1, 12)]);
  });

  it('is right for thousands of pairs, and falls as more are lost', () => {
    expect(mcnemarP(2_000, 2_000)).toBeCloseTo(0.5, 1);
    expect(mcnemarP(2_200, 1_800)).toBeLessThan(1e-6);
    fc.assert(
      fc.property(fc.nat(60), fc.nat(60), (lost, won) => {
        expect(mcnemarP(lost + 1, won)).toBeLessThanOrEqual(mcnemarP(lost, won) + 1e-12);
      }),
      { seed: 3 },
    );
  });
});

it('Holm multiplies the least by their number and never falls below the one before', () => {
  expect(holm([0.04, 0.01, 0.03])).toEqual([0.06, 0.03, 0.06]);
  expect(holm([0.9, 0.8])).toEqual([1, 1]);
  expect(holm([])).toEqual([]);
});

const verdictOf = (named: MessageClass, band: 'sure' | 'unsure' = 'sure') =>
  ({ class: named, band }) as Verdict;
const other = (label: MessageClass): MessageClass =>
  label === 'promotional' ? 'transactional' : 'promotional';

interface Part {
  readonly count: number;
  readonly label?: MessageClass;
  readonly row?: Partial<LabelledRow>;
  readonly champion?: boolean;
  readonly candidate?: boolean;
}
let line = 0;
const pairsOf = (...parts: Part[]): Pair[] =>
  parts.flatMap(({ count, label = 'promotional', row, champion = true, candidate = true }) =>
    Array.from({ length: count }, () => ({
      row: { text: `t${++line}`, locale: 'en-US', channel: 'sms', ...row, label, line },
      champion: verdictOf(champion ? label : other(label)),
      candidate: verdictOf(candidate ? label : other(label)),
    })),
  );
const dropsOf = (pairs: readonly Pair[]) => judgePairs(pairs).drops.map(({ slice }) => slice);

describe('gate', () => {
  it('lets an equal or better candidate through', () => {
    expect(dropsOf(pairsOf({ count: 100 }, { count: 100, label: 'transactional' }))).toEqual([]);
    expect(dropsOf(pairsOf({ count: 100 }, { count: 30, champion: false }))).toEqual([]);
  });

  it('takes a few lost and as many won for noise', () => {
    expect(
      dropsOf(pairsOf({ count: 200 }, { count: 6, candidate: false }, { count: 4, champion: false })),
    ).toEqual([]);
  });

  it('refuses for one slice that drops though all together are better, and names it', () => {
    const pairs = pairsOf(
      { count: 100, label: 'transactional', row: { industry: 'health' } },
      { count: 40, label: 'transactional', row: { industry: 'health' }, champion: false },
      { count: 60, row: { industry: 'health' } },
      { count: 40, row: { industry: 'retail', channel: 'push' } },
      { count: 20, row: { industry: 'retail', channel: 'push' }, candidate: false },
    );
    const { drops, slices } = judgePairs(pairs);
    expect(drops.map(({ slice }) => slice).sort()).toEqual([
      'channel=push',
      'class=promotional',
      'industry=retail',
      'promotional not treated as transactional',
    ]);
    expect(slices[0]).toMatchObject({ slice: 'all', messages: 260, lost: 20, won: 40, drops: false });
    expect(slices.find(({ slice }) => slice === 'industry=retail')).toMatchObject({
      messages: 60,
      champion: 60,
      candidate: 40,
    });
  });

  it('sees a treatment that drops where no class changes', () => {
    const pairs = pairsOf({ count: 100 }).map((pair, i) =>
      i < 80
        ? pair
        : { ...pair, champion: verdictOf('transactional', 'unsure'), candidate: verdictOf('transactional') },
    );
    expect(dropsOf(pairs)).toEqual(['promotional not treated as transactional']);
  });

  it('refuses an equal candidate for some finer slice no more often than it says', () => {
    const tosses = fc.array(fc.tuple(fc.nat(19), fc.boolean()), { minLength: 200, maxLength: 200 });
    const refused = fc.sample(tosses, { numRuns: 200, seed: 5 }).filter((run) => {
      const pairs = pairsOf(
        ...run.map(([industry, wins]) => ({
          count: 1,
          row: { industry: `i${industry % 5}` },
          ...(wins ? { champion: false } : { candidate: false }),
        })),
      );
      return dropsOf(pairs).some((slice) => slice.includes('='));
    });
    // 5% of the one class that is there and 5% of all finer slices together, with room for chance.
    expect(refused.length).toBeLessThan(200 * 0.15);
  });

  it('asks about each text and label once, both models the same, and refuses data without labels', async () => {
    const asked: string[] = [];
    const model = (named: MessageClass): Classifier => ({
      modelVersion: named,
      classify: async (inputs) => {
        asked.push(...inputs.map(({ text }) => `${named}:${text}`));
        return inputs.map(() => verdictOf(named));
      },
      close: async () => undefined,
    });
    const rows: LabelledRow[] = [
      { text: 'Your code is 111111', label: 'transactional', line: 1 },
      { text: 'Your code is 222222', label: 'transactional', line: 2 },
      { text: 'Your code is 333333', label: 'promotional', line: 3 },
      { text: 'Pay now', risk: true, line: 4 },
    ];
    const [champion, candidate] = [model('promotional'), model('transactional')];
    const pairs = await pairAnswers(rows, champion, candidate);
    expect(pairs.map(({ row }) => row.line)).toEqual([1, 3]);
    expect(pairs[0]).toMatchObject({
      champion: { class: 'promotional' },
      candidate: { class: 'transactional' },
    });
    expect(asked).toHaveLength(4);
    await expect(pairAnswers(rows.slice(3), champion, candidate)).rejects.toMatchObject({
      code: 'GATE_NO_LABELS',
    });
  });
});
