import {
  areZones,
  dateOf,
  type LocalDay,
  localDayAt,
  offsetMs,
  type Span,
  spansOfDay,
  weekdayOf,
} from './localtime.ts';

/** Part of a day on some weekdays in which sending is allowed. */
export interface WeeklyWindow {
  /** 0 Sunday to 6 Saturday. */
  readonly days: readonly number[];
  /** Minutes of the local day, 0 to 1440, `fromMinute < toMinute`; the end is exclusive. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** `true`: a day on which the windows are shut. `undefined`: nobody vouches for that year, so it counts as shut. */
export type HolidayTest = (date: string) => boolean | undefined;

/** Windows over the week, with the days on which they stay shut. */
export interface Schedule {
  readonly windows: readonly WeeklyWindow[];
  readonly isHoliday?: HolidayTest | undefined;
  /**
   * Time kept free before the end, ms: an instant counts as open only if the window stays open that much longer,
   * because queue and carrier take their time.
   */
  readonly marginMs: number;
}

/** A recipient for whom no window opens within this many days has none in sight. */
const HORIZON_DAYS = 400;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function spansOn(schedule: Schedule, zone: string, day: LocalDay): Span[] {
  const weekday = weekdayOf(day);
  const todays = schedule.windows.filter((window) => window.days.includes(weekday));
  if (todays.length === 0) return [];
  if (schedule.isHoliday !== undefined && schedule.isHoliday(dateOf(day)) !== false) return [];
  if (todays.length === 1) return spansOfDay(zone, day, todays[0]!.fromMinute, todays[0]!.toMinute);
  return todays
    .flatMap((window) => spansOfDay(zone, day, window.fromMinute, window.toMinute))
    .sort((a, b) => a.fromMs - b.fromMs);
}

/** An answer of `nextSpan`, and the earliest instant that it was given for: it holds until the span ends. */
interface Kept extends Span {
  askedMs: number;
}
const kept = new WeakMap<Schedule, Map<string, Kept>>();
/** Zones come from callers too. */
const MOST_KEPT = 1_000;

const keptSpan = (schedule: Schedule, zone: string, fromMs: number): Span | undefined => {
  const span = kept.get(schedule)?.get(zone);
  return span !== undefined && span.askedMs <= fromMs && fromMs < span.toMs ? span : undefined;
};

/**
 * The first span that is open for sending, margin taken off, and ends after `fromMs`; it may begin before.
 * Spans that touch (24:00 and 00:00 of the next day) are one. `undefined`: none within 400 days.
 */
export function nextSpan(schedule: Schedule, zone: string, fromMs: number): Span | undefined {
  const known = keptSpan(schedule, zone, fromMs);
  if (known !== undefined) return known;
  const span = findSpan(schedule, zone, fromMs);
  // A longer one was cut short, and the end would be another for a later question.
  if (span !== undefined && span.toMs - Math.max(fromMs, span.fromMs) < 7 * DAY_MS) {
    const zones = kept.get(schedule) ?? new Map<string, Kept>();
    const before = zones.get(zone);
    if (before?.toMs === span.toMs) before.askedMs = Math.min(before.askedMs, fromMs);
    else {
      if (zones.size >= MOST_KEPT) zones.clear();
      zones.set(zone, { ...span, askedMs: fromMs });
      kept.set(schedule, zones);
    }
  }
  return span;
}

function findSpan(schedule: Schedule, zone: string, fromMs: number): Span | undefined {
  const firstDay = localDayAt(zone, fromMs) - 1;
  let open: { fromMs: number; toMs: number } | undefined;
  for (let day = firstDay; day <= firstDay + HORIZON_DAYS; day++) {
    for (const span of spansOn(schedule, zone, day)) {
      if (open !== undefined && span.fromMs <= open.toMs) {
        open.toMs = Math.max(open.toMs, span.toMs);
        continue;
      }
      const done = usable(open, schedule.marginMs, fromMs);
      if (done !== undefined) return done;
      open = { ...span };
    }
    // A window that never shuts would be joined for ever; a week is enough for any question asked of it.
    if (open !== undefined && open.toMs - fromMs > 8 * DAY_MS) break;
  }
  return usable(open, schedule.marginMs, fromMs);
}

function usable(open: Span | undefined, marginMs: number, fromMs: number): Span | undefined {
  if (open === undefined) return undefined;
  const toMs = open.toMs - marginMs;
  return toMs > fromMs && toMs > open.fromMs ? { fromMs: open.fromMs, toMs } : undefined;
}

/** Is it open for sending at this instant in this zone? */
function isOpenIn(schedule: Schedule, zone: string, atMs: number): boolean {
  const known = keptSpan(schedule, zone, atMs);
  if (known !== undefined) return known.fromMs <= atMs;
  const offset = offsetMs(zone, atMs);
  const local = atMs + offset;
  const day = Math.floor(local / DAY_MS);
  const minute = (local - day * DAY_MS) / MINUTE_MS;
  const weekday = weekdayOf(day);
  const steady = offsetMs(zone, atMs + schedule.marginMs) === offset;
  const enough = schedule.marginMs / MINUTE_MS;
  let inside = false;
  for (const window of schedule.windows) {
    if (minute < window.fromMinute || minute >= window.toMinute || !window.days.includes(weekday)) continue;
    if (schedule.isHoliday !== undefined && schedule.isHoliday(dateOf(day)) !== false) return false;
    if (steady && minute < window.toMinute - enough) return true;
    inside = true;
  }
  if (!inside) return false;
  // Near the end of a window, or of a clock change: what follows may touch it and keep it open.
  const span = nextSpan(schedule, zone, atMs);
  return span !== undefined && span.fromMs <= atMs;
}

/** Is it open in every zone? No zones at all is an error of the caller: unknown is never open. */
export function isOpen(schedule: Schedule, zones: readonly string[], atMs: number): boolean {
  for (const zone of zones) if (!isOpenIn(schedule, zone, atMs)) return false;
  return zones.length > 0;
}

/**
 * The earliest instant at or after `fromMs` that is open in every zone: the intersection of the windows, not the
 * latest of separate answers.
 * @returns epoch ms; `Infinity` when there is none within 400 days, or a zone does not exist
 */
export function nextOpening(schedule: Schedule, zones: readonly string[], fromMs: number): number {
  if (!areZones(zones)) return Infinity;
  const limit = fromMs + HORIZON_DAYS * DAY_MS;
  let at = fromMs;
  for (let moved = true; moved; ) {
    moved = false;
    for (const zone of zones) {
      const span = nextSpan(schedule, zone, at);
      if (span === undefined || span.fromMs > limit) return Infinity;
      if (span.fromMs > at) {
        at = span.fromMs;
        moved = true;
      }
    }
  }
  return at;
}

/** When an instant that is open in every zone may stop being so (epoch ms): the end of the first window to shut. */
export function nextClosing(schedule: Schedule, zones: readonly string[], openAtMs: number): number {
  let soonest = Infinity;
  for (const zone of zones) {
    const span = nextSpan(schedule, zone, openAtMs);
    if (span !== undefined) soonest = Math.min(soonest, span.toMs);
  }
  return soonest;
}
