import type { Random } from '../models/base/random.ts';
import type { Market } from './markets.ts';

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Whole hours east of Greenwich, winter time: enough for believable sending hours. */
export const OFFSET_HOURS: Readonly<Record<Market, number>> = {
  US: -6, GB: 0, IE: 0, CA: -5, IN: 5.5, PK: 5, PH: 8, SG: 8, MY: 8, NG: 1, KE: 3, ZA: 2, AE: 4, AU: 10, NZ: 12,
}; // biome-ignore format: one table

/** When people are written to, local hours 0 to 23: campaigns in business hours, everything else around the clock. */
export const PROMOTIONAL_HOURS: readonly number[] = [
  0, 0, 0, 0, 0, 0, 0, 1, 3, 8, 11, 11, 9, 7, 7, 8, 9, 10, 9, 6, 3, 1, 0, 0,
];
export const TRANSACTIONAL_HOURS: readonly number[] = [
  3, 2, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 10, 10, 9, 9, 9, 10, 10, 9, 8, 7, 5, 4,
];

/** Draws an index with probability proportional to its weight. */
export function weighted(weights: readonly number[], random: Random): number {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index]!;
    if (left < 0) return index;
  }
  return weights.length - 1;
}
