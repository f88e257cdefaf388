import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bindingAt, type ConsentEvent, consentStateAt, coversPurpose } from './consent.ts';
import { oraclePermits, oracleStatus } from './oracle.fixture.ts';

const eventArb = fc
  .record(
    {
      id: fc.integer({ min: 0, max: 40 }).map(String),
      kind: fc.constantFrom<ConsentEvent['kind']>('granted', 'granted', 'confirmed', 'revoked', 'expired'),
      atMs: fc.nat(20),
      channel: fc.constantFrom<ConsentEvent['channel']>('sms', 'email', 'any'),
      purpose: fc.constantFrom('marketing', 'informational', 'any'),
      brand: fc.constantFrom('a', 'b'),
      expiresAtMs: fc.integer({ min: 1, max: 30 }),
    },
    { requiredKeys: ['id', 'kind', 'atMs', 'channel', 'purpose'] },
  )
  .map((event) => event as ConsentEvent);
const eventsArb = fc.array(eventArb, { maxLength: 12 });
const RUNS = Number(process.env['LANEWAY_PROPERTY_RUNS'] ?? 3_000);

describe('consent against the slow oracle', () => {
  it('has the same status for every scope at every instant', () => {
    fc.assert(
      fc.property(eventsArb, fc.nat(25), (events, atMs) => {
        const states = consentStateAt(events, atMs);
        for (const scope of events) {
          const found = states.find(
            (state) =>
              state.channel === scope.channel &&
              state.purpose === scope.purpose &&
              state.brand === scope.brand,
          );
          expect(found?.status).toBe(oracleStatus(events, scope, atMs));
        }
      }),
      { seed: 11, numRuns: RUNS },
    );
  });

  it('permits the same', () => {
    const wantedArb = fc.record({
      channel: fc.constantFrom('sms', 'email'),
      purpose: fc.constantFrom('marketing', 'informational'),
      brand: fc.constantFrom('a', 'b'),
    });
    fc.assert(
      fc.property(eventsArb, wantedArb, fc.nat(25), (events, wanted, atMs) => {
        const permitted = consentStateAt(events, atMs).some(
          (state) =>
            (state.status === 'granted' || state.status === 'confirmed') &&
            coversPurpose(state, wanted.purpose) &&
            (state.channel === 'any' || state.channel === wanted.channel) &&
            (state.brand === undefined || state.brand === wanted.brand),
        );
        expect(permitted).toBe(oraclePermits(events, wanted, atMs));
      }),
      { seed: 12, numRuns: RUNS },
    );
  });

  it('after the clock went back nobody has more than before, and who said stop has said it', () => {
    fc.assert(
      fc.property(eventsArb, fc.nat(25), (events, atMs) => {
        const ids = events.map((event, i) => ({ ...event, id: String(i) }));
        const states = consentStateAt(bindingAt(ids, atMs), atMs);
        for (const { kind, atMs: saidMs, ...scope } of ids) {
          if (kind !== 'revoked' || saidMs <= atMs) continue;
          const own = states.find(
            (state) =>
              state.channel === scope.channel &&
              state.purpose === scope.purpose &&
              state.brand === scope.brand,
          );
          expect(own?.status).toBe('revoked');
        }
        for (const state of states.filter(({ status }) => status === 'granted' || status === 'confirmed')) {
          expect(['granted', 'confirmed']).toContain(oracleStatus(ids, state, atMs));
        }
      }),
      { seed: 13, numRuns: RUNS },
    );
  });
});
