import { describe, expect, it } from 'vitest';
import { CHANNELS, INDUSTRIES, parseCorpusFile } from './corpus.ts';
import { coverageOf, formatCoverage } from './coverage.ts';
import { MARKETS } from './markets.ts';

const corpus = [
  ...parseCorpusFile(
    'banking',
    'a.txt',
    '# transactional sms US code\nYour login code is {code}\nUse {code} to sign in\n# scam sms GB prize\nYou have won, claim at {shorturl}',
  ),
  ...parseCorpusFile(
    'retail',
    'b.txt',
    '# promotional email GB sale hard\nSubject: Sale\\n\\nBig sale this week at {brand}',
  ),
];

describe('coverage', () => {
  const coverage = coverageOf(corpus);
  const cells = INDUSTRIES.length * 2 * MARKETS.length * CHANNELS.length;

  it('counts each combination once and no scam', () => {
    expect(coverage).toMatchObject({ cells, filled: 2, filledHard: 1 });
  });

  it('names every empty combination', () => {
    const missing = coverage.empty.reduce((sum, { markets }) => sum + markets.length, 0);
    expect(missing).toBe(cells - 2);
    const of = (industry: string, kind: string, channel: string) =>
      coverage.empty.find(
        (one) => one.industry === industry && one.class === kind && one.channel === channel,
      )!;
    expect(of('banking', 'transactional', 'sms').markets).not.toContain('US');
    expect(of('banking', 'transactional', 'sms').markets).toContain('GB');
    expect(of('retail', 'promotional', 'email').markets).not.toContain('GB');
  });

  it('prints them', () => {
    const lines = formatCoverage(coverage);
    expect(lines[0]).toContain(`2 of ${cells}`);
    expect(lines.find((line) => line.startsWith('  banking transactional sms:'))).not.toMatch(/ US/);
  });
});
