import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HALF_LIFE_MS, INCIDENT_WEIGHTS, reputationOf, type Standing, withNews } from './standing.ts';

const fresh: Standing = { reached: 0, incidents: 0, penalty: 0, atMs: 0 };

describe('reputation', () => {
  it('is unknown at first, and good when many were reached and nobody complained', () => {
    expect(reputationOf(fresh, 0)).toBeUndefined();
    const known = withNews(fresh, { reached: 1_000, atMs: 1 });
    expect(reputationOf(known, 1)).toBe(1);
    const bad = withNews(known, { incidents: 20 * INCIDENT_WEIGHTS['opt-out'], atMs: 2 });
    expect(reputationOf(bad, 2)).toBeCloseTo(0.5, 3);
    expect(reputationOf(bad, 2 + HALF_LIFE_MS)).toBeGreaterThan(0.6);
  });

  it('is not raised by anything that a sender can do: after an incident sending more changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ reached: fc.nat(10_000), incidents: fc.nat(20) }), {
          minLength: 1,
          maxLength: 20,
        }),
        fc.nat(1_000_000),
        (news, more) => {
          const before = news.reduce<Standing>(
            (standing, one) => withNews(standing, { ...one, atMs: 5 }),
            fresh,
          );
          const after = withNews(before, { reached: more, atMs: 5 });
          const [was, is] = [reputationOf(before, 5), reputationOf(after, 5)];
          if (was !== undefined) expect(is).toBeCloseTo(was, 12);
        },
      ),
      { seed: 5, numRuns: 500 },
    );
  });
});
