import {
  addDuration,
  type Duration,
  durationInWords,
  hasPassed,
  upperBoundMs,
} from '../language/duration.ts';
import { localDayAt, spansOfDay, weekdayOf } from './localtime.ts';

const DAY_MS = 86_400_000;
const LOOKBACK_DAYS = { day: 2, week: 8, month: 32 } as const;

/** The time over which a frequency rule counts. */
export type CountWindow =
  | { readonly rolling: Duration }
  | { readonly calendar: 'day' | 'week' | 'month'; readonly zone: string }
  /** Since the last event of that name; nothing counts before there was one. */
  | { readonly since: string }
  | 'lifetime';

/** When the counted window began, and when what is in it can next become less. */
export interface Clockwork {
  readonly lookbackMs: number;
  /** Does it need the recipient's zones? */
  readonly byRecipient: boolean;
  /**
   * Does a message at `timeMs` count at `atMs`? One that lies ahead does: then the clock went back, and it was sent.
   * Strictest over the zones: `zone` is one of them. */
  counts(timeMs: number, atMs: number, zone: string | undefined, sinceMs: number): boolean;
  zones(recipientZones: readonly string[]): readonly (string | undefined)[];
  next(times: readonly number[], atMs: number, zones: readonly (string | undefined)[]): number;
  readonly name: string;
  readonly words: string;
}

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

const ONE: readonly undefined[] = [undefined];

/** Compiles a window; pure functions without state. */
export function clockworkOf(window: CountWindow): Clockwork {
  if (window === 'lifetime') {
    return {
      lookbackMs: Infinity,
      byRecipient: false,
      counts: () => true,
      zones: () => ONE,
      next: () => Infinity,
      name: 'lifetime',
      words: 'ever',
    };
  }
  if ('since' in window) {
    return {
      lookbackMs: Infinity,
      byRecipient: false,
      counts: (timeMs, _atMs, _zone, sinceMs) => timeMs >= sinceMs,
      zones: () => ONE,
      next: () => Infinity,
      name: `since-${window.since}`,
      words: `since the last ${window.since}`,
    };
  }
  if ('rolling' in window) {
    const { rolling } = window;
    return {
      lookbackMs: upperBoundMs(rolling),
      byRecipient: false,
      counts: (timeMs, atMs) => !hasPassed(timeMs, rolling, atMs),
      zones: () => ONE,
      next(times, atMs) {
        let soonest = Infinity;
        for (const time of times) {
          const end = addDuration(time, rolling);
          if (end > atMs) soonest = Math.min(soonest, end);
        }
        return soonest;
      },
      name: `rolling-${durationInWords(rolling).replaceAll(' ', '-')}`,
      words: `in ${durationInWords(rolling)}`,
    };
  }
  const { calendar: unit, zone: named } = window;
  const byRecipient = named === 'recipient';
  const fixed = [named];
  return {
    lookbackMs: LOOKBACK_DAYS[unit] * DAY_MS,
    byRecipient,
    counts: (timeMs, atMs, zone) => timeMs >= startOf(zone!, firstDay(unit, localDayAt(zone!, atMs))),
    zones: (recipientZones) => (byRecipient ? recipientZones : fixed),
    next(_times, atMs, zones) {
      let soonest = Infinity;
      for (const zone of zones) {
        const first = firstDay(unit, localDayAt(zone!, atMs));
        soonest = Math.min(soonest, startOf(zone!, nextFirstDay(unit, first)));
      }
      return soonest;
    },
    name: `calendar-${unit}-${named.replaceAll('.', '-')}`,
    words: `in one calendar ${unit}`,
  };
}
