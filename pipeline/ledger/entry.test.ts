import { describe, expect, it } from 'vitest';
import { importEntry } from './entry.ts';

const NOW = Date.parse('2026-07-15T16:00:00Z');
const row = { recipient: '+12125550123', at: '2026-01-31T12:00:00Z', level: 'express', method: 'web-form' };
const problemOf = (change: Record<string, string>): string | undefined => {
  const made = importEntry('import-1', 7, { ...row, ...change }, NOW);
  return made.ok ? undefined : `${made.problems[0]!.field} ${made.problems[0]!.code}`;
};

describe('a row of an import', () => {
  it('becomes an event with its proof: the import and the line', () => {
    const made = importEntry('import-1', 7, { ...row, evidence: 'signature; seller-name', brand: '' }, NOW);
    expect(made).toEqual({
      ok: true,
      entry: {
        recipient: '+12125550123',
        event: {
          id: 'import-1:7',
          kind: 'granted',
          atMs: Date.parse(row.at),
          channel: 'any',
          purpose: 'marketing',
          level: 'express',
          method: 'web-form',
          evidence: ['signature', 'seller-name'],
          imported: 'import-1#7',
        },
      },
    });
  });

  it('gets the end that the law of the number sets', () => {
    const made = importEntry(
      'i',
      1,
      { ...row, recipient: '+14165550123', level: 'implied', basis: 'inquiry' },
      NOW,
    );
    expect(made.ok && made.entry.event).toMatchObject({
      expiresAtMs: Date.parse('2026-07-31T12:00:00Z'),
      expiresBy: expect.stringContaining('CASL') as string,
    });
  });

  it.each<[string, Record<string, string>, string]>([
    ['no date', { at: '' }, '/at MISSING'],
    ['no recipient', { recipient: ' ' }, '/recipient MISSING'],
    ['a number of no country', { recipient: '+9991234567' }, '/recipient INVALID_PHONE'],
    ['a date to come', { at: '2027-01-01T00:00:00Z' }, '/at IN_FUTURE'],
    ['a date that is none', { at: 'yesterday' }, '/at INVALID_VALUE'],
    ['an unknown level', { level: 'maybe' }, '/level INVALID_VALUE'],
    ['a level of a revocation', { kind: 'revoked' }, '/level INVALID_VALUE'],
    ['no ISO code', { jurisdiction: 'usa' }, '/jurisdiction INVALID_VALUE'],
  ])('%s is named', (_, change, expected) => {
    expect(problemOf(change)).toBe(expected);
  });
});
