import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { isOpen, nextOpening } from '../../pipeline/comply/time/window.ts';
import { checkWindows } from './windows.ts';

describe('the window engine against a scan of every minute', () => {
  it('agrees in a seeded sample of zones, in the weeks in which clocks change', () => {
    const random = createRandom(20_260_301);
    const all = Intl.supportedValuesOf('timeZone');
    const zones = Array.from({ length: 4 }, () => random.pick(all));
    for (const [month, day] of [
      [2, 5],
      [3, 1],
      [9, 22],
      [11, 20],
    ] as const) {
      const fromMs = Date.UTC(2026, month, day);
      const report = checkWindows({ zones, fromMs, toMs: fromMs + 11 * 86_400_000 });
      expect(report.wrong).toEqual([]);
      expect(report.compared).toBe(4 * 4 * 11 * 24);
    }
  });

  it('sees an engine that adds hours to now instead of reading the clock', () => {
    const fromMs = Date.UTC(2026, 2, 6);
    const report = checkWindows({
      zones: ['America/New_York'],
      fromMs,
      toMs: fromMs + 4 * 86_400_000,
      engine: {
        isOpen,
        nextOpening: (schedule, zones, atMs) =>
          isOpen(schedule, zones, atMs) ? atMs : nextOpening(schedule, zones, atMs - 86_400_000) + 86_400_000,
      },
    });
    expect(report.wrong.length).toBeGreaterThan(0);
  });
});
