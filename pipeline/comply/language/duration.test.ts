import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addDuration, hasPassed } from './duration.ts';

it('has passed exactly when the instant plus the duration is reached, also at the ends of months', () => {
  const instant = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2040, 0) });
  fc.assert(
    fc.property(
      instant,
      fc.record({ months: fc.nat(30), ms: fc.oneof(fc.constant(0), fc.nat(90 * 86_400_000)) }),
      fc.oneof(fc.integer({ min: -4 * 86_400_000, max: 4 * 86_400_000 }), fc.constantFrom(-1, 0, 1)),
      (sinceMs, duration, aroundMs) => {
        const end = addDuration(sinceMs, duration);
        for (const at of [end, end + aroundMs, sinceMs, sinceMs + aroundMs]) {
          expect(hasPassed(sinceMs, duration, at)).toBe(at >= end);
        }
      },
    ),
    { seed: 2026, numRuns: 2_000 },
  );
});
