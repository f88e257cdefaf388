import type { Clock } from '../../models/base/clock.ts';

/**
 * Lets so many through in each second and no more: for work that is worth doing on some of what comes.
 *
 * @param perSecond at least 1
 * @returns true while the second's share is not used up
 */
export function createBudget(clock: Clock, perSecond: number): () => boolean {
  let second = Number.NEGATIVE_INFINITY;
  let used = 0;
  return () => {
    const now = Math.floor(clock() / 1_000);
    if (now !== second) {
      second = now;
      used = 0;
    }
    return used++ < perSecond;
  };
}
