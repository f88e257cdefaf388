import { describe, expect, it } from 'vitest';
import { parseCorpusFile } from './corpus.ts';
import { corpusStats, formatStats } from './stats.ts';

const corpus = parseCorpusFile(
  'banking',
  'a.txt',
  [
    '# transactional sms US code',
    '{brand}: your login code is {code}, never share it with anyone',
    '{brand}: your login code is {code}, never share it with people',
    '# promotional email GB sale hard',
    'Subject: Sale\\n\\nEverything is {pct} off until {weekday}',
    '# scam sms GB parcel',
    'Your parcel is held, pay the fee at {shorturl}',
  ].join('\n'),
);

describe('corpusStats', () => {
  const stats = corpusStats(corpus);

  it('counts by class and property', () => {
    expect(stats.all).toEqual({ transactional: 2, promotional: 1, scam: 1, total: 4 });
    expect(stats.hard).toEqual({ transactional: 0, promotional: 1, scam: 0, total: 1 });
    expect(stats.byMarket).toEqual({
      GB: { transactional: 0, promotional: 1, scam: 1, total: 2 },
      US: { transactional: 2, promotional: 0, scam: 0, total: 2 },
    });
    expect(Object.keys(stats.byChannel)).toEqual(['sms', 'email']);
    expect(Object.keys(stats.byIntent)).toEqual(['code', 'parcel', 'sale']);
  });

  it('names a near-duplicate with the earlier template', () => {
    expect(stats.nearDuplicates).toHaveLength(1);
    expect(stats.nearDuplicates[0]).toMatchObject({ id: 'banking/a.txt:3', of: 'banking/a.txt:2' });
    expect(stats.nearDuplicateShare).toBe(0.25);
  });

  it('ends the growth curve with the whole corpus and never falls', () => {
    const { growth } = stats;
    expect(growth).toHaveLength(10);
    expect(growth[9]!.templates).toBe(4);
    growth.slice(1).forEach((point, i) => {
      expect(point.distinctTrigrams).toBeGreaterThanOrEqual(growth[i]!.distinctTrigrams);
    });
  });

  it('prints every count', () => {
    const text = formatStats(stats);
    expect(text).toMatch(/^all +2 +1 +1 +4$/m);
    expect(text).toMatch(/^GB +0 +1 +1 +2$/m);
    expect(text).toContain('1 of 4 (25.00%)');
  });

  it('counts an empty corpus', () => {
    expect(corpusStats([]).nearDuplicateShare).toBe(0);
  });
});
