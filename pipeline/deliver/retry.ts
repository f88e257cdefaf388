import type { Random } from '../../models/base/random.ts';

export interface RetryPolicy {
  /** Attempts in all, 1 to 100. */
  readonly maxAttempts: number;
  /** Ceiling of the first wait, ms. */
  readonly baseMs: number;
  /** Ceiling of any wait, ms. */
  readonly capMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { maxAttempts: 8, baseMs: 500, capMs: 300_000 };

/**
 * Exponential backoff with full jitter: uniform in [0, min(cap, base 2^(n-1))) after the n-th failure, as
 * M. Brooker's "Exponential Backoff And Jitter" (AWS, 2015) found best under contention. A provider's
 * Retry-After is a floor.
 *
 * @param failures how many attempts have failed, 1 or more
 * @returns milliseconds to wait, or undefined when the attempts are used up
 */
export function retryDelayMs(
  policy: RetryPolicy,
  failures: number,
  random: Random,
  retryAfterMs = 0,
): number | undefined {
  if (failures >= policy.maxAttempts) return undefined;
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** (failures - 1));
  return Math.max(retryAfterMs, Math.floor(random.next() * ceiling));
}
