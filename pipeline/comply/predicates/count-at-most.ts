import { z } from 'zod';
import { addDuration, type Duration, durationInWords, upperBoundMs } from '../duration.ts';
import { type CounterFact, type Facts, factReader } from '../facts.ts';
import { isZone, localDayAt, spansOfDay, weekdayOf } from '../localtime.ts';
import type { Truth } from '../types.ts';
import { definePredicate, durationSchema } from './define.ts';

const windowSchema = z.union([
  z.strictObject({ rolling: durationSchema }),
  z.strictObject({
    calendar: z.enum(['day', 'week', 'month']),
    /** `recipient`: the strictest over all candidate zones. */
    zone: z
      .string()
      .default('recipient')
      .refine((zone) => zone === 'recipient' || isZone(zone), 'must be "recipient" or an IANA time zone'),
  }),
]);
type Window = z.output<typeof windowSchema>;

const schema = z.strictObject({
  /** Met while fewer than this many were counted: this message is the one that may fill it up. */
  max: z.number().int().min(1),
  /** What is counted, e.g. `solicitations`; the counter's adapter knows the word. */
  count: z.string().regex(/^[a-z][a-z-]*$/, 'must be lower-case words joined by dashes'),
  key: z.array(z.enum(['recipient', 'sender', 'brand', 'subject', 'campaign', 'channel', 'account'])).min(1),
  window: windowSchema,
});

const LOOKBACK_DAYS = { day: 2, week: 8, month: 32 } as const;
const DAY_MS = 86_400_000;

/** First local day of the calendar window that holds `day`; weeks begin on Monday. */
function firstDay(unit: 'day' | 'week' | 'month', day: number): number {
  switch (unit) {
    case 'day':
      return day;
    case 'week':
      return day - ((weekdayOf(day) + 6) % 7);
    case 'month':
      return day - (new Date(day * DAY_MS).getUTCDate() - 1);
  }
}

function nextFirstDay(unit: 'day' | 'week' | 'month', first: number): number {
  if (unit === 'day') return first + 1;
  if (unit === 'week') return first + 7;
  const date = new Date(first * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
}

/** The instant at which a local day begins: midnight, or the first moment after a gap at midnight. */
const startOf = (zone: string, day: number): number =>
  (spansOfDay(zone, day, 0, 1440)[0] ?? spansOfDay(zone, day + 1, 0, 1440)[0]!).fromMs;

const counted = (times: readonly number[], fromMs: number, atMs: number): number => {
  let count = 0;
  for (const time of times) if (time >= fromMs && time <= atMs) count++;
  return count;
};

/** How many count at an instant, and when that number can next fall. */
interface Clockwork {
  count(times: readonly number[], zones: readonly string[], atMs: number): number;
  next(times: readonly number[], zones: readonly string[], atMs: number): number;
}

function rolling(duration: Duration): Clockwork {
  return {
    count: (times, _zones, atMs) =>
      times.filter((time) => time <= atMs && addDuration(time, duration) > atMs).length,
    next: (times, _zones, atMs) => {
      let soonest = Infinity;
      for (const time of times) {
        const end = addDuration(time, duration);
        if (end > atMs) soonest = Math.min(soonest, end);
      }
      return soonest;
    },
  };
}

function calendar(unit: 'day' | 'week' | 'month'): Clockwork {
  return {
    count: (times, zones, atMs) => {
      let most = 0;
      for (const zone of zones) {
        const from = startOf(zone, firstDay(unit, localDayAt(zone, atMs)));
        most = Math.max(most, counted(times, from, atMs));
      }
      return most;
    },
    next: (_times, zones, atMs) => {
      let soonest = Infinity;
      for (const zone of zones) {
        const first = firstDay(unit, localDayAt(zone, atMs));
        soonest = Math.min(soonest, startOf(zone, nextFirstDay(unit, first)));
      }
      return soonest;
    },
  };
}

const windowName = (window: Window): string =>
  'rolling' in window
    ? `rolling-${durationInWords(window.rolling).replaceAll(' ', '-')}`
    : `calendar-${window.calendar}-${window.zone.replaceAll('.', '-')}`;

const windowInWords = (window: Window): string =>
  'rolling' in window ? `in ${durationInWords(window.rolling)}` : `in one calendar ${window.calendar}`;

/**
 * Met while fewer than `max` were counted in the window, sent, in flight and reserved alike. Unknown when the counter
 * was not asked, or a calendar window needs the recipient's zone and there is none.
 */
export const countAtMost = definePredicate({
  name: 'countAtMost',
  schema,
  compile({ max, count, key, window }, context) {
    const lookbackMs =
      'rolling' in window ? upperBoundMs(window.rolling) : LOOKBACK_DAYS[window.calendar] * DAY_MS;
    const id = `${count}:${key.join('+')}:${windowName(window)}`;
    context.need({ counter: { id, count, key, lookbackMs } });
    const path = `counters.${id}`;
    const read = factReader(path);
    const readZones = factReader('recipient.zones');
    const clockwork = 'rolling' in window ? rolling(window.rolling) : calendar(window.calendar);
    const byRecipient = 'calendar' in window && window.zone === 'recipient';
    const fixed = 'calendar' in window && !byRecipient ? [window.zone] : [];
    const zonesOf = (facts: Facts): readonly string[] =>
      byRecipient ? ((readZones(facts) as readonly string[] | undefined) ?? []) : fixed;
    const timesOf = (facts: Facts): readonly number[] | undefined =>
      (read(facts) as CounterFact | undefined)?.timesMs;
    const zoneless = (zones: readonly string[]): boolean =>
      byRecipient && (zones.length === 0 || !zones.every(isZone));
    return {
      reads: byRecipient ? [path, 'recipient.zones'] : [path],
      test(facts, atMs): Truth {
        const times = timesOf(facts);
        const zones = zonesOf(facts);
        if (times === undefined || zoneless(zones)) return 'unknown';
        return clockwork.count(times, zones, atMs) < max ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const times = timesOf(facts);
        const zones = zonesOf(facts);
        if (times === undefined || zoneless(zones)) return Infinity;
        const later = times.find((time) => time > atMs) ?? Infinity;
        return Math.min(later, clockwork.next(times, zones, atMs));
      },
      explain(facts, atMs) {
        const times = timesOf(facts);
        const zones = zonesOf(facts);
        if (times === undefined || zoneless(zones)) return `how many ${count} there were is not known`;
        return `there were ${clockwork.count(times, zones, atMs)} ${count} ${windowInWords(window)} (at most ${max} are allowed)`;
      },
    };
  },
});
