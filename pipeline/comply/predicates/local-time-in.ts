import { z } from 'zod';
import { LanewayError } from '../../../models/base/errors.ts';
import { type Facts, factReader } from '../facts.ts';
import { areZones, isZone, offsetMs } from '../time/localtime.ts';
import {
  type HolidayTest,
  isOpen,
  nextClosing,
  nextOpening,
  type Schedule,
  type WeeklyWindow,
} from '../time/window.ts';
import { type CompileContext, definePredicate } from './define.ts';

export const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const clock = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'must be a time of day such as 08:00, at most 24:00')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const windowSchema = z
  .strictObject({
    days: z.union([z.literal('every'), z.array(z.enum(DAYS)).min(1)]),
    from: clock,
    to: clock,
  })
  .refine(
    (window) => window.from < window.to,
    'must end after it begins; split a window that crosses midnight',
  );

const calendarName = z.string().min(1);
const shutOnSchema = z.union([
  calendarName,
  z.array(calendarName).min(1),
  z.strictObject({ byRegion: z.record(z.string().regex(/^[A-Z]{2}-[A-Z0-9]{1,3}$/), calendarName) }),
]);

const schema = z.strictObject({
  /** `recipient`: every candidate zone of the recipient; otherwise the zone that the rule names. */
  zone: z
    .string()
    .default('recipient')
    .refine((zone) => zone === 'recipient' || isZone(zone), 'must be "recipient" or an IANA time zone'),
  windows: z.array(windowSchema).min(1),
  /** Calendars of the pack on whose days the windows stay shut; `byRegion`: those of the recipient's regions. */
  shutOn: shutOnSchema.optional(),
});
type ShutOn = z.output<typeof shutOnSchema>;

const hhmm = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

const namesOf = (shutOn: ShutOn | undefined): readonly string[] => {
  if (shutOn === undefined) return [];
  if (typeof shutOn === 'string') return [shutOn];
  return Array.isArray(shutOn) ? shutOn : [...new Set(Object.values(shutOn.byRegion))];
};

function windowsInWords(windows: readonly WeeklyWindow[], shutOn: ShutOn | undefined): string {
  const parts = windows.map(({ days, fromMinute, toMinute }) => {
    const names = days.length === 7 ? 'every day' : days.map((day) => DAYS[day]).join(' ');
    return `${names} ${hhmm(fromMinute)}-${hhmm(toMinute)}`;
  });
  const names = namesOf(shutOn);
  return parts.join(', ') + (names.length === 0 ? '' : `, not on days of calendar ${names.join(' or ')}`);
}

function wallClock(zone: string, atMs: number): string {
  const local = new Date(atMs + offsetMs(zone, atMs));
  return `${DAYS[local.getUTCDay()]} ${local.toISOString().slice(11, 16)} in ${zone}`;
}

/** @throws {LanewayError} `RULE_CALENDAR_UNKNOWN` */
function calendarOf(context: CompileContext, name: string): HolidayTest {
  const test = context.calendar(name);
  if (test !== undefined) return test;
  throw new LanewayError('RULE_CALENDAR_UNKNOWN', `localTimeIn: no calendar "${name}" in this pack`, {
    fix: 'Declare it under "calendars", here or in a pack that this one extends.',
  });
}

/** Shut when one of them is; a calendar that has no answer has the last word. */
const unionOf =
  (tests: readonly HolidayTest[]): HolidayTest =>
  (date) => {
    let shut: boolean | undefined = false;
    for (const test of tests) {
      const answer = test(date);
      if (answer === undefined) return undefined;
      shut ||= answer;
    }
    return shut;
  };

/** The schedule for these facts: which days are shut may depend on the regions where the recipient may be. */
function schedules(
  windows: readonly WeeklyWindow[],
  shutOn: ShutOn | undefined,
  context: CompileContext,
): (facts: Facts) => Schedule {
  const marginMs = context.latencyMarginMs;
  if (shutOn === undefined || typeof shutOn === 'string' || Array.isArray(shutOn)) {
    const tests = namesOf(shutOn).map((name) => calendarOf(context, name));
    const isHoliday = tests.length === 0 ? undefined : tests.length === 1 ? tests[0] : unionOf(tests);
    const schedule = { windows, isHoliday, marginMs };
    return () => schedule;
  }
  const byRegion = new Map(
    Object.entries(shutOn.byRegion).map(([region, name]) => [region, calendarOf(context, name)] as const),
  );
  const known = new Map<string, Schedule>();
  return ({ recipient: { jurisdictions } }) => {
    const named = jurisdictions.filter((code) => byRegion.has(code));
    // A region that is not told may be any of them.
    const regions = named.length > 0 ? named : [...byRegion.keys()];
    const key = regions.join();
    let schedule = known.get(key);
    if (schedule === undefined) {
      schedule = { windows, isHoliday: unionOf(regions.map((region) => byRegion.get(region)!)), marginMs };
      known.set(key, schedule);
    }
    return schedule;
  };
}

/**
 * Met when the instant lies within the weekly windows in *every* candidate zone, end exclusive and with the latency
 * margin kept free. Unknown when there is no zone.
 */
export const localTimeIn = definePredicate({
  name: 'localTimeIn',
  schema,
  compile(args, context) {
    const windows = args.windows.map(({ days, from, to }) => ({
      days: days === 'every' ? [0, 1, 2, 3, 4, 5, 6] : days.map((day) => DAYS.indexOf(day)),
      fromMinute: from,
      toMinute: to,
    }));
    const scheduleOf = schedules(windows, args.shutOn, context);
    const readZones = factReader('recipient.zones');
    const fixed = args.zone === 'recipient' ? undefined : [args.zone];
    const zonesOf = (facts: Facts): readonly string[] =>
      fixed ?? (readZones(facts) as readonly string[] | undefined) ?? [];
    const words = windowsInWords(windows, args.shutOn);
    const reads = fixed === undefined ? ['recipient.zones'] : [];
    if (args.shutOn !== undefined && typeof args.shutOn === 'object' && 'byRegion' in args.shutOn) {
      reads.push('recipient.jurisdictions');
    }
    return {
      reads,
      test(facts, atMs) {
        const zones = zonesOf(facts);
        if (!areZones(zones)) return 'unknown';
        return isOpen(scheduleOf(facts), zones, atMs) ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const zones = zonesOf(facts);
        if (!areZones(zones)) return Infinity;
        const schedule = scheduleOf(facts);
        return isOpen(schedule, zones, atMs)
          ? nextClosing(schedule, zones, atMs)
          : nextOpening(schedule, zones, atMs);
      },
      explain(facts, atMs) {
        const zones = zonesOf(facts);
        if (!areZones(zones)) return `the recipient's time zone is not known (allowed: ${words})`;
        const schedule = scheduleOf(facts);
        const shut = zones.filter((zone) => !isOpen(schedule, [zone], atMs));
        const shown = (shut.length > 0 ? shut : zones).slice(0, 3).map((zone) => wallClock(zone, atMs));
        return `it is ${shown.join(' and ')} (allowed: ${words})`;
      },
    };
  },
});
