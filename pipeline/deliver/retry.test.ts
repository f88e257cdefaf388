import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { retryDelayMs } from './retry.ts';

const policy = { maxAttempts: 8, baseMs: 500, capMs: 30_000 };

test('waits stay below the doubling ceiling and the cap, and above Retry-After', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 1, max: 7 }),
      fc.nat(60_000),
      (seed, failures, retryAfterMs) => {
        const waitMs = retryDelayMs(policy, failures, createRandom(seed), retryAfterMs)!;
        expect(waitMs).toBeGreaterThanOrEqual(retryAfterMs);
        expect(waitMs).toBeLessThanOrEqual(
          Math.max(retryAfterMs, Math.min(30_000, 500 * 2 ** (failures - 1))),
        );
      },
    ),
    { seed: 11 },
  );
});

test('attempts come to an end', () => {
  expect(retryDelayMs(policy, 8, createRandom(1))).toBeUndefined();
  expect(retryDelayMs(policy, 7, createRandom(1))).toBeDefined();
});
