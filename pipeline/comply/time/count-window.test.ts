import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountWindow, clockworkOf } from './count-window.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-03-06T00:00:00Z');
const ZONES = ['America/New_York', 'Europe/London', 'Asia/Kathmandu', 'Australia/Lord_Howe'];

/** Reads the wall clock as text; shares nothing with the engine but the runtime's tzdata. */
const formats = new Map(
  ZONES.map((timeZone) => [timeZone, new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })]),
);
function period(unit: 'day' | 'week' | 'month', zone: string, ms: number): string {
  const date = formats.get(zone)!.format(ms);
  if (unit === 'day') return date;
  if (unit === 'month') return date.slice(0, 7);
  const noon = new Date(`${date}T12:00:00Z`);
  const monday = noon.getTime() - ((noon.getUTCDay() + 6) % 7) * DAY;
  return new Date(monday).toISOString().slice(0, 10);
}

/** What stands in the window at an instant, found without the engine. */
function slowCount(window: CountWindow, times: readonly number[], atMs: number, zone: string): number {
  if (window === 'lifetime') return times.length;
  if ('since' in window) throw new Error('not asked here');
  if ('rolling' in window) {
    const spanMs = (window.rolling as { ms: number }).ms;
    return times.filter((time) => time > atMs - spanMs).length;
  }
  const now = period(window.calendar, zone, atMs);
  return times.filter((time) => period(window.calendar, zone, time) >= now).length;
}

describe('counting windows against a slow oracle', () => {
  it('count what the wall clock says, over clock changes, and change no later than they say', () => {
    const windows = fc.constantFrom<CountWindow>(
      { rolling: { months: 0, ms: DAY } },
      { rolling: { months: 0, ms: 7 * DAY } },
      { calendar: 'day', zone: 'recipient' },
      { calendar: 'week', zone: 'recipient' },
      { calendar: 'month', zone: 'recipient' },
      'lifetime',
    );
    fc.assert(
      fc.property(
        windows,
        fc.constantFrom(...ZONES),
        fc.array(fc.integer({ min: -40 * 96, max: 0 }), { maxLength: 8 }),
        fc.integer({ min: 0, max: 30 * 96 }),
        (window, zone, quarters, later) => {
          const atMs = START + later * (HOUR / 4);
          const times = quarters.map((quarter) => atMs + quarter * (HOUR / 4)).sort((a, b) => a - b);
          const clockwork = clockworkOf(window);
          const fast = (ms: number): number =>
            times.filter((time) => clockwork.counts(time, ms, zone, 0)).length;
          expect(fast(atMs)).toBe(slowCount(window, times, atMs, zone));
          const next = clockwork.next(times, atMs, [zone]);
          const changes = Array.from({ length: 8 * 96 }, (_, i) => atMs + i * (HOUR / 4)).find(
            (ms) => slowCount(window, times, ms, zone) < slowCount(window, times, atMs, zone),
          );
          if (changes !== undefined) expect(next).toBeLessThanOrEqual(changes);
        },
      ),
      { seed: 20_260_306, numRuns: 400 },
    );
  });

  it('counts what was sent before the clock went back', () => {
    for (const window of [
      { rolling: { months: 0, ms: DAY } },
      { calendar: 'day', zone: 'Europe/London' },
      'lifetime',
    ] as const) {
      expect(clockworkOf(window).counts(START + HOUR, START, 'Europe/London', 0)).toBe(true);
    }
  });
});
