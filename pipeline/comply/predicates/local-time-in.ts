import { z } from 'zod';
import { LanewayError } from '../../../models/base/errors.ts';
import { type Facts, factReader } from '../facts.ts';
import { isZone, offsetMs } from '../localtime.ts';
import { isOpen, nextClosing, nextOpening, type Schedule, type WeeklyWindow } from '../window.ts';
import { definePredicate } from './define.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
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

const schema = z.strictObject({
  /** `recipient`: every candidate zone of the recipient; otherwise the zone that the rule names. */
  zone: z
    .string()
    .default('recipient')
    .refine((zone) => zone === 'recipient' || isZone(zone), 'must be "recipient" or an IANA time zone'),
  windows: z.array(windowSchema).min(1),
  /** Calendar of the pack on whose days the windows stay shut. */
  shutOn: z.string().optional(),
});

const hhmm = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

function windowsInWords(windows: readonly WeeklyWindow[], calendar: string | undefined): string {
  const parts = windows.map(({ days, fromMinute, toMinute }) => {
    const names = days.length === 7 ? 'every day' : days.map((day) => DAYS[day]).join(' ');
    return `${names} ${hhmm(fromMinute)}-${hhmm(toMinute)}`;
  });
  return parts.join(', ') + (calendar === undefined ? '' : `, not on days of calendar ${calendar}`);
}

function wallClock(zone: string, atMs: number): string {
  const local = new Date(atMs + offsetMs(zone, atMs));
  return `${DAYS[local.getUTCDay()]} ${local.toISOString().slice(11, 16)} in ${zone}`;
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
    const isHoliday = args.shutOn === undefined ? undefined : context.calendar(args.shutOn);
    if (args.shutOn !== undefined && isHoliday === undefined) {
      throw new LanewayError(
        'RULE_CALENDAR_UNKNOWN',
        `localTimeIn: no calendar "${args.shutOn}" in this pack`,
        {
          fix: 'Declare it under "calendars".',
        },
      );
    }
    const schedule: Schedule = { windows, isHoliday, marginMs: context.latencyMarginMs };
    const readZones = factReader('recipient.zones');
    const fixed = args.zone === 'recipient' ? undefined : [args.zone];
    const zonesOf = (facts: Facts): readonly string[] =>
      fixed ?? (readZones(facts) as readonly string[] | undefined) ?? [];
    const usable = (zones: readonly string[]): boolean => zones.length > 0 && zones.every(isZone);
    const words = windowsInWords(windows, args.shutOn);
    return {
      reads: fixed === undefined ? ['recipient.zones'] : [],
      test(facts, atMs) {
        const zones = zonesOf(facts);
        if (!usable(zones)) return 'unknown';
        return isOpen(schedule, zones, atMs) ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const zones = zonesOf(facts);
        if (!usable(zones)) return Infinity;
        return isOpen(schedule, zones, atMs)
          ? nextClosing(schedule, zones, atMs)
          : nextOpening(schedule, zones, atMs);
      },
      explain(facts, atMs) {
        const zones = zonesOf(facts);
        if (!usable(zones)) return `the recipient's time zone is not known (allowed: ${words})`;
        const shut = zones.filter((zone) => !isOpen(schedule, [zone], atMs));
        const shown = (shut.length > 0 ? shut : zones).slice(0, 3).map((zone) => wallClock(zone, atMs));
        return `it is ${shown.join(' and ')} (allowed: ${words})`;
      },
    };
  },
});
