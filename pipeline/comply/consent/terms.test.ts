import { describe, expect, it } from 'vitest';
import type { ConsentEvent } from './consent.ts';
import { legalEnd, withLegalEnd } from './terms.ts';

const at = Date.parse('2026-01-31T12:00:00Z');
const grant: ConsentEvent = {
  id: '1',
  kind: 'granted',
  atMs: at,
  channel: 'sms',
  purpose: 'marketing',
  level: 'implied',
  basis: 'purchase',
};
const ends = (event: ConsentEvent, ...places: string[]): string | undefined => {
  const end = legalEnd(event, places);
  return end && new Date(end.endsAtMs).toISOString().slice(0, 10);
};

describe('legalEnd', () => {
  it.each<[string, Partial<ConsentEvent>, string[], string | undefined]>([
    ['a purchase in Canada', {}, ['CA', 'CA-QC'], '2028-01-31'],
    ['an inquiry in Canada', { basis: 'inquiry' }, ['CA'], '2026-07-31'],
    ['nobody says what it rests on', { basis: undefined } as never, ['CA'], '2026-07-31'],
    ['express consent in Canada', { level: 'express' }, ['CA'], undefined],
    ['a purchase in the US', {}, ['US', 'US-FL'], '2027-07-31'],
    ['a sale in Ireland', {}, ['IE'], '2027-01-31'],
    ['express consent in Korea', { level: 'express' }, ['KR'], '2028-01-31'],
    ['a confirmation in Korea', { kind: 'confirmed', level: 'express' }, ['KR'], '2028-01-31'],
    ['a country without a term', {}, ['GB'], undefined],
    ['which of two countries is not known', {}, ['CA', 'US'], '2027-07-31'],
    ['a revocation', { kind: 'revoked' }, ['CA'], undefined],
  ])('%s', (_, change, places, expected) => {
    expect(ends({ ...grant, ...change }, ...places)).toBe(expected);
  });

  it('says which law, and leaves an earlier end of the terms alone', () => {
    expect(withLegalEnd(grant, ['CA'])).toMatchObject({ expiresBy: 'CASL s. 10(9), (10): 24 months' });
    const shorter = { ...grant, expiresAtMs: at + 1 };
    expect(withLegalEnd(shorter, ['CA'])).toBe(shorter);
    expect(withLegalEnd(grant, ['GB'])).toBe(grant);
  });
});
