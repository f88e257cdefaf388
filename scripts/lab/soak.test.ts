import { expect, test } from 'vitest';
import { grows, trendOf } from './soak.ts';

const line = (slopePerMinute: number, noise = 0) =>
  Array.from({ length: 60 }, (_, minute) => ({
    minute,
    mb: 100 + slopePerMinute * minute + noise * Math.sin(minute * 12.9898),
  }));

test('a leak is told from noise, and from a level that stays', () => {
  expect(trendOf(line(0.5))).toMatchObject({ perHour: expect.closeTo(30), uncertainty: expect.closeTo(0) });
  expect(grows(trendOf(line(0.5, 3)))).toBe(true);
  expect(grows(trendOf(line(0, 20)))).toBe(false);
  expect(grows(trendOf(line(-0.5)))).toBe(false);
  // A twentieth an hour is not told from the life of caches.
  expect(grows(trendOf(line(0.05)))).toBe(false);
  expect(grows(trendOf([]))).toBe(false);
});
