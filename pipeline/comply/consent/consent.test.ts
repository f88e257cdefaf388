import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConsentEvent, consentStateAt, levelCovers } from './consent.ts';

const event = (
  id: string,
  kind: ConsentEvent['kind'],
  atMs: number,
  more: Partial<ConsentEvent> = {},
): ConsentEvent => ({
  id,
  kind,
  atMs,
  channel: 'sms',
  purpose: 'marketing',
  ...more,
});
const statusAt = (events: readonly ConsentEvent[], atMs: number) =>
  consentStateAt(events, atMs).map(({ channel, purpose, status }) => `${channel} ${purpose} ${status}`);

describe('consentStateAt', () => {
  const life = [
    event('1', 'granted', 10, {
      level: 'express',
      method: 'web-form',
      wordingVersion: 'v1',
      expiresAtMs: 100,
    }),
    event('2', 'confirmed', 20),
    event('3', 'revoked', 50),
    event('4', 'granted', 70, { level: 'express-written' }),
  ];

  it.each([
    [9, []],
    [10, ['sms marketing granted']],
    [20, ['sms marketing confirmed']],
    [50, ['sms marketing revoked']],
    [70, ['sms marketing granted']],
    [1000, ['sms marketing granted']],
  ])('at %i is %j', (atMs, expected) => {
    expect(statusAt(life, atMs)).toEqual(expected);
  });

  it('keeps level, terms and evidence through a confirmation', () => {
    expect(consentStateAt(life, 30)[0]).toEqual({
      channel: 'sms',
      purpose: 'marketing',
      status: 'confirmed',
      level: 'express',
      sinceMs: 20,
      expiresAtMs: 100,
      method: 'web-form',
      wordingVersion: 'v1',
    });
  });

  it('runs out at its own time, exclusive', () => {
    const events = life.slice(0, 2);
    expect(statusAt(events, 99)).toEqual(['sms marketing confirmed']);
    expect(consentStateAt(events, 100)[0]).toMatchObject({ status: 'expired', sinceMs: 100 });
  });

  it('lets no confirmation revive what was revoked, lapsed or never given', () => {
    expect(statusAt([event('1', 'confirmed', 10)], 20)).toEqual([]);
    expect(statusAt([...life.slice(0, 3), event('5', 'confirmed', 60)], 65)).toEqual([
      'sms marketing revoked',
    ]);
    expect(statusAt([life[0]!, event('5', 'confirmed', 150, { expiresAtMs: 500 })], 200)).toEqual([
      'sms marketing expired',
    ]);
  });

  it('lets a revocation win over a grant of the same instant, in either order', () => {
    const grant = event('1', 'granted', 10);
    const stop = event('2', 'revoked', 10);
    expect(statusAt([grant, stop], 10)).toEqual(['sms marketing revoked']);
    expect(statusAt([stop, grant], 10)).toEqual(['sms marketing revoked']);
  });

  it('ends narrower permissions by a wider stop, and leaves other purposes alone', () => {
    const events = [
      event('1', 'granted', 1, { brand: 'Acme' }),
      event('2', 'granted', 1, { channel: 'email' }),
      event('3', 'granted', 1, { purpose: 'informational' }),
      event('4', 'revoked', 2, { channel: 'any' }),
    ];
    expect(statusAt(events, 5)).toEqual([
      'any marketing revoked',
      'email marketing revoked',
      'sms informational granted',
      'sms marketing revoked',
    ]);
  });

  it('ends the whole of a permission for all channels when one channel is stopped', () => {
    const events = [event('1', 'granted', 1, { channel: 'any' }), event('2', 'revoked', 2)];
    expect(statusAt(events, 5)).toEqual(['any marketing revoked', 'sms marketing revoked']);
  });
});

const eventArb = fc
  .record({
    id: fc.integer({ min: 0, max: 30 }).map(String),
    kind: fc.constantFrom<ConsentEvent['kind']>('granted', 'confirmed', 'revoked', 'expired'),
    atMs: fc.nat(20),
    channel: fc.constantFrom<ConsentEvent['channel']>('sms', 'email', 'any'),
    purpose: fc.constantFrom('marketing', 'informational'),
    expiresAtMs: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
  })
  .map(
    ({ expiresAtMs, ...rest }): ConsentEvent => (expiresAtMs === undefined ? rest : { ...rest, expiresAtMs }),
  );
const eventsArb = fc.uniqueArray(eventArb, { selector: ({ id }) => id, maxLength: 12 });

describe('laws of the consent state', () => {
  it('only the past counts, and doubled deliveries change nothing', () => {
    fc.assert(
      fc.property(eventsArb, fc.nat(25), (events, atMs) => {
        const past = events.filter((e) => e.atMs <= atMs);
        expect(consentStateAt([...events, ...events], atMs)).toEqual(consentStateAt(past, atMs));
      }),
      { seed: 3, numRuns: 400 },
    );
  });

  it('after a stop of everything nothing stands until a later grant', () => {
    fc.assert(
      fc.property(eventsArb, (events) => {
        const stop = event('stop', 'revoked', 21, { channel: 'any', purpose: 'any' });
        const states = consentStateAt([...events, stop], 22);
        expect(states.some((s) => s.status === 'granted' || s.status === 'confirmed')).toBe(false);
      }),
      { seed: 4, numRuns: 400 },
    );
  });
});

describe('levels', () => {
  it('are no ladder: a register entry is not a signature', () => {
    expect(levelCovers('express-written', 'express')).toBe(true);
    expect(levelCovers('explicit-digital', 'express-written')).toBe(false);
    expect(levelCovers('implied', 'express')).toBe(false);
  });
});
