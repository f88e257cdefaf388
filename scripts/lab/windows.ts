import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import { monotonicMs } from '../../models/base/clock.ts';
import { isOpen, nextOpening, type Schedule, type WeeklyWindow } from '../../pipeline/comply/time/window.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** The oracle looks so far ahead for an opening; every schedule below opens within. */
const AHEAD_MINUTES = 6 * 1_440;

interface Plan {
  readonly name: string;
  readonly windows: readonly WeeklyWindow[];
  /** Local dates, `MM-DD`, of every year. */
  readonly shut: readonly string[];
  readonly marginMinutes: number;
}

const DAILY = [0, 1, 2, 3, 4, 5, 6];
const WEEKDAYS = [1, 2, 3, 4, 5];

/** Kinds of statutory windows: every day, split, by weekday with holidays, to midnight, through the night of changes. */
export const PLANS: readonly Plan[] = [
  {
    name: 'daytime',
    windows: [{ days: DAILY, fromMinute: 480, toMinute: 1_260 }],
    shut: [],
    marginMinutes: 1,
  },
  {
    name: 'split',
    windows: [
      { days: WEEKDAYS, fromMinute: 600, toMinute: 780 },
      { days: WEEKDAYS, fromMinute: 840, toMinute: 1_200 },
    ],
    shut: ['07-14', '12-25'],
    marginMinutes: 5,
  },
  {
    name: 'weekday',
    windows: [
      { days: WEEKDAYS, fromMinute: 540, toMinute: 1_080 },
      { days: [6], fromMinute: 600, toMinute: 1_020 },
    ],
    shut: ['01-01', '07-03', '07-04'],
    marginMinutes: 1,
  },
  {
    name: 'night',
    windows: [
      { days: DAILY, fromMinute: 0, toMinute: 255 },
      { days: DAILY, fromMinute: 1_395, toMinute: 1_440 },
    ],
    shut: [],
    marginMinutes: 0,
  },
];

export interface WindowsReport {
  readonly zones: number;
  readonly hours: number;
  readonly compared: number;
  /** The first disagreements, in words; empty when there is none. */
  readonly wrong: readonly string[];
  readonly tookMs: number;
}

interface WallClock {
  readonly date: string;
  readonly weekday: number;
  readonly minute: number;
}

/** Quarter of an hour: where the wall clock went on by exactly as much, nothing happened to it in between. */
const STEP = 15;

/**
 * The wall clock of every minute, read at every quarter of an hour, and minute by minute where a quarter was longer or
 * shorter on the wall; shares nothing with the engine but the runtime's tzdata.
 */
function wallClocks(zone: string, fromMs: number, minutes: number): WallClock[] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const weekdays = new Map<string, number>();
  const read = (index: number): WallClock => {
    const text = format.format(fromMs + index * MINUTE_MS);
    const date = text.slice(0, 10);
    let weekday = weekdays.get(date);
    if (weekday === undefined) {
      weekday = new Date(`${date}T12:00:00Z`).getUTCDay();
      weekdays.set(date, weekday);
    }
    return { date, weekday, minute: Number(text.slice(11, 13)) * 60 + Number(text.slice(14, 16)) };
  };
  const clocks: WallClock[] = [];
  for (let begin = read(0); clocks.length < minutes; ) {
    const at = clocks.length;
    const end = read(at + STEP);
    const steady = end.date === begin.date && end.minute === begin.minute + STEP;
    for (let i = 0; i < STEP; i++) {
      clocks.push(
        steady
          ? { date: begin.date, weekday: begin.weekday, minute: begin.minute + i }
          : i === 0
            ? begin
            : read(at + i),
      );
    }
    begin = end;
  }
  clocks.length = minutes;
  return clocks;
}

/** The wall clock of every hour: zones that agree in all of them keep one time, and share what a scan found. */
function rhythmOf(zone: string, fromMs: number, hours: number): string {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' });
  const hash = createHash('sha256');
  for (let hour = 0; hour < hours; hour++) hash.update(format.format(fromMs + hour * HOUR_MS));
  return hash.digest('hex');
}

/** By minute: index of the next minute that is open for at least the margin, or the number of minutes. */
function nextOpenMinutes(plan: Plan, clocks: readonly WallClock[]): Int32Array {
  const next = new Int32Array(clocks.length + 1).fill(clocks.length);
  let run = 0;
  let opening = clocks.length;
  for (let i = clocks.length - 1; i >= 0; i--) {
    const { date, weekday, minute } = clocks[i]!;
    const open =
      !plan.shut.includes(date.slice(5)) &&
      plan.windows.some((w) => w.days.includes(weekday) && w.fromMinute <= minute && minute < w.toMinute);
    run = open ? run + 1 : 0;
    if (run > plan.marginMinutes) opening = i;
    next[i] = opening;
  }
  return next;
}

/** The same by hour; -1: no opening in sight. */
function openingsByHour(plan: Plan, clocks: readonly WallClock[], hours: number): Int32Array {
  const next = nextOpenMinutes(plan, clocks);
  return Int32Array.from({ length: hours }, (_, hour) =>
    next[hour * 60] === clocks.length ? -1 : next[hour * 60]!,
  );
}

const iso = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString() : 'never');

/**
 * Compares the window engine with a scan of every minute, at every hour of a span, in zones one by one.
 */
export function checkWindows(options: {
  readonly zones: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Told after each zone. */
  readonly onZone?: (zone: string, done: number) => void;
  /** What is checked; default: the engine. */
  readonly engine?: { readonly isOpen: typeof isOpen; readonly nextOpening: typeof nextOpening };
}): WindowsReport {
  const started = monotonicMs();
  const { zones, fromMs, toMs, engine = { isOpen, nextOpening } } = options;
  const hours = Math.floor((toMs - fromMs) / HOUR_MS);
  const wrong: string[] = [];
  let compared = 0;
  const scans = new Map<string, readonly Int32Array[]>();
  for (const [done, zone] of zones.entries()) {
    const rhythm = rhythmOf(zone, fromMs, hours + AHEAD_MINUTES / 60);
    let scan = scans.get(rhythm);
    if (scan === undefined) {
      const clocks = wallClocks(zone, fromMs, hours * 60 + AHEAD_MINUTES);
      scan = PLANS.map((plan) => openingsByHour(plan, clocks, hours));
      scans.set(rhythm, scan);
    }
    for (const [index, plan] of PLANS.entries()) {
      const schedule: Schedule = {
        windows: plan.windows,
        isHoliday: (date) => plan.shut.includes(date.slice(5)),
        marginMs: plan.marginMinutes * MINUTE_MS,
      };
      const next = scan[index]!;
      for (let hour = 0; hour < hours; hour++) {
        const atMs = fromMs + hour * HOUR_MS;
        const minute = next[hour]!;
        const slow = minute < 0 ? Infinity : fromMs + minute * MINUTE_MS;
        const fast = engine.nextOpening(schedule, [zone], atMs);
        const open = engine.isOpen(schedule, [zone], atMs);
        compared++;
        const agree = open === (slow === atMs) && (slow === Infinity ? fast >= atMs + 1_440 : fast === slow);
        if (!agree && wrong.length < 20) {
          wrong.push(
            `${zone}, ${plan.name}, asked ${iso(atMs)}: engine ${open ? 'open' : iso(fast)}, minutes ${iso(slow)}`,
          );
        }
      }
    }
    options.onZone?.(zone, done + 1);
  }
  return { zones: zones.length, hours, compared, wrong, tookMs: Math.round(monotonicMs() - started) };
}

// Every zone of tzdata and every hour of 2026 and 2027: `npx tsx scripts/lab/windows.ts [first zone] [zones]`.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const from = Number(process.argv[2] ?? 0);
  const all = Intl.supportedValuesOf('timeZone');
  const zones = all.slice(from, from + Number(process.argv[3] ?? all.length));
  const report = checkWindows({
    zones,
    fromMs: Date.UTC(2026, 0, 1),
    toMs: Date.UTC(2028, 0, 1),
    onZone: (zone, done) => process.stderr.write(`${done}/${zones.length} ${zone}\n`),
  });
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  if (report.wrong.length > 0) process.exitCode = 1;
}
