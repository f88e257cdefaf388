import { describe, expect, it } from 'vitest';
import type { LabelledRow } from '../../data/read/labelled.ts';
import type { MessageClass, Verdict } from '../../models/verdict.ts';
import {
  type Answered,
  bandFigures,
  groupsBy,
  histogramOf,
  outcomeOfItems,
  riskFigures,
  stageFigures,
  sweepOf,
} from './figures.ts';

/** A row of one class that was given a probability; `promotional` from 0.5 on, sure outside 0.2 to 0.8. */
function item(
  label: MessageClass,
  probability: number,
  row: Partial<LabelledRow> = {},
  verdict: Partial<Verdict> = {},
): Answered {
  return {
    row: { text: 'text', line: 1, ...row, label },
    verdict: {
      class: probability >= 0.5 ? 'promotional' : 'transactional',
      band: probability < 0.2 || probability >= 0.8 ? 'sure' : 'unsure',
      probability,
      risk: 0,
      reasons: [],
      modelVersion: 'test',
      fingerprint: '0',
      stage: 'lexical',
      ...verdict,
    },
  };
}

const ITEMS = [
  item('promotional', 0.9, { source: 'a', hard: true }),
  item('promotional', 0.6, { source: 'a' }),
  item('promotional', 0.1, { source: 'b' }),
  item('transactional', 0.05, { source: 'a' }),
  item('transactional', 0.3, { source: 'b' }),
  item('transactional', 0.7, { source: 'b' }),
  item('transactional', 0.95),
];

describe('outcomes', () => {
  it('counts by class', () => {
    const outcome = outcomeOfItems(ITEMS);
    expect(outcome.confusion).toEqual({
      transactionalAsTransactional: 2,
      transactionalAsPromotional: 2,
      promotionalAsTransactional: 1,
      promotionalAsPromotional: 2,
    });
    expect(outcome.accuracy.value).toBe(4 / 7);
    expect(outcome.leak).toMatchObject({ count: 1, of: 3 });
    expect(outcome.falsePositives).toMatchObject({ count: 2, of: 4 });
  });

  it('has no rate where the class is missing', () => {
    expect(outcomeOfItems(ITEMS.slice(0, 3)).falsePositives.value).toBeNull();
    expect(outcomeOfItems([]).accuracy.value).toBeNull();
  });
});

it('the unsure get promotional treatment', () => {
  const bands = bandFigures(ITEMS);
  expect(bands.coverage).toMatchObject({ count: 4, of: 7 });
  expect(bands.sureAccuracy).toMatchObject({ count: 2, of: 4 });
  expect(bands.unsureAccuracy).toMatchObject({ count: 2, of: 3 });
  expect(bands.treatmentLeak).toMatchObject({ count: 1, of: 3 });
  expect(bands.overTreated).toMatchObject({ count: 3, of: 4 });
});

describe('groups', () => {
  it('stand in order of size and name what is not stated', () => {
    const groups = groupsBy(ITEMS, 'source');
    expect(groups.map(({ key, rows }) => [key, rows])).toEqual([
      ['a', 3],
      ['b', 3],
      ['(not stated)', 1],
    ]);
    expect(groups[1]!.accuracy).toMatchObject({ count: 1, of: 3 });
  });

  it('are none where no row states the field', () => {
    expect(groupsBy(ITEMS, 'industry')).toEqual([]);
  });

  it('lose no row when the small ones are put together', () => {
    const many = Array.from({ length: 55 }, (_, i) => item('promotional', 0.9, { source: `s${i}` }));
    const groups = groupsBy(many, 'source');
    expect(groups.length).toBe(41);
    expect(groups[40]).toMatchObject({ key: '(15 smaller)', rows: 15 });
  });
});

it('the sweep agrees with counting at each threshold', () => {
  for (const { threshold, leak, falsePositives } of sweepOf(ITEMS)) {
    const share = (label: MessageClass, wrong: (p: number) => boolean) => {
      const of = ITEMS.filter(({ row }) => row.label === label);
      return of.filter(({ verdict }) => wrong(verdict.probability)).length / of.length;
    };
    expect(leak).toBe(share('promotional', (p) => p < threshold));
    expect(falsePositives).toBe(share('transactional', (p) => p >= threshold));
  }
});

it('the histogram holds every row, the ends included', () => {
  const { promotional, transactional } = histogramOf([
    ...ITEMS,
    item('promotional', 1),
    item('promotional', 0),
  ]);
  expect(promotional.reduce((sum, count) => sum + count, 0)).toBe(5);
  expect(transactional.reduce((sum, count) => sum + count, 0)).toBe(4);
  expect([promotional[0], promotional[19]]).toEqual([1, 1]);
});

it('stages are compared on the rows that were sent on', () => {
  const full = [
    item('promotional', 0.9, {}, { stage: 'semantic' }),
    item('transactional', 0.1, {}, { stage: 'semantic' }),
    item('transactional', 0.6, {}, { degraded: 'encoder-unavailable' }),
  ];
  const lexical = [item('promotional', 0.4), item('transactional', 0.2), item('transactional', 0.6)];
  const stages = stageFigures(full, lexical);
  expect(stages.shares.semantic).toMatchObject({ count: 2, of: 3 });
  expect(stages.sentOn).toMatchObject({ rows: 2 });
  expect(stages.sentOn!.agreement.value).toBe(0.5);
  expect(stages.sentOn!.lexicalAccuracy.value).toBe(0.5);
  expect(stages.sentOn!.semanticAccuracy.value).toBe(1);
  expect(stages.degraded).toEqual({ 'encoder-unavailable': 1 });
  expect(stages.lexicalAlone.accuracy).toMatchObject({ count: 1, of: 3 });
  expect(stageFigures(lexical, lexical).sentOn).toBeUndefined();
});

describe('risk', () => {
  const scam = (risk: number, verdict: Partial<Verdict> = {}) => {
    const { row, verdict: base } = item('promotional', 0.1, {}, { risk, ...verdict });
    const { label: _, ...unlabelled } = row;
    return { row: { ...unlabelled, risk: true }, verdict: base };
  };

  it('is measured against all other rows', () => {
    const others = ITEMS.map(({ row, verdict }, index) => ({
      row,
      verdict: { ...verdict, risk: index / 10 },
    }));
    const risk = riskFigures([...others, scam(0.9), scam(0.35), scam(0.8, { band: 'unsure' })])!;
    expect([risk.scam, risk.others]).toEqual([3, 7]);
    expect(risk.recallAt1Percent.recall.count).toBe(2);
    // 0.9 and 0.8 beat all 7, 0.35 beats 4 of them.
    expect(risk.auc).toBeCloseTo(18 / 21, 10);
    expect(risk.treatedAsTransactional).toMatchObject({ count: 2, of: 3 });
  });

  it('is left out where no scam is known', () => {
    expect(riskFigures(ITEMS)).toBeUndefined();
  });
});
