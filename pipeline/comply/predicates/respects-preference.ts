import { z } from 'zod';
import { type Facts, factReader, type ShutBand } from '../facts.ts';
import { areZones } from '../time/localtime.ts';
import { isOpen, nextClosing, nextOpening, type Schedule, type WeeklyWindow } from '../time/window.ts';
import { definePredicate, nameSchema } from './define.ts';

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];

/** What the bands leave of the week. */
function openHours(bands: readonly ShutBand[]): WeeklyWindow[] {
  return EVERY_DAY.flatMap((day) => {
    const shut = bands.filter((band) => band.days.includes(day)).sort((a, b) => a.fromMinute - b.fromMinute);
    const open: WeeklyWindow[] = [];
    let from = 0;
    for (const { fromMinute, toMinute } of shut) {
      if (fromMinute > from) open.push({ days: [day], fromMinute: from, toMinute: fromMinute });
      from = Math.max(from, toMinute);
    }
    if (from < 1440) open.push({ days: [day], fromMinute: from, toMinute: 1440 });
    return open;
  });
}

/**
 * Met outside the hours in which this recipient wants no contact, in every candidate zone. An empty list says that
 * they have no such wish. Unknown when they were not looked up, or there is no zone.
 */
export const respectsPreference = definePredicate({
  name: 'respectsPreference',
  schema: z.strictObject({ preference: nameSchema }),
  compile({ preference }, context) {
    context.need({ preference });
    const path = `preferences.${preference}`;
    const read = factReader(path);
    const bandsOf = (facts: Facts) => read(facts) as readonly ShutBand[] | undefined;
    const known = new WeakMap<readonly ShutBand[], Schedule>();
    const scheduleOf = (bands: readonly ShutBand[]): Schedule => {
      let schedule = known.get(bands);
      if (schedule === undefined) {
        schedule = { windows: openHours(bands), marginMs: context.latencyMarginMs };
        known.set(bands, schedule);
      }
      return schedule;
    };
    return {
      reads: [path, 'recipient.zones'],
      test(facts, atMs) {
        const bands = bandsOf(facts);
        if (bands === undefined) return 'unknown';
        if (bands.length === 0) return 'pass';
        const { zones } = facts.recipient;
        if (!areZones(zones)) return 'unknown';
        return isOpen(scheduleOf(bands), zones, atMs) ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const bands = bandsOf(facts);
        const { zones } = facts.recipient;
        if (bands === undefined || bands.length === 0 || !areZones(zones)) return Infinity;
        const schedule = scheduleOf(bands);
        return isOpen(schedule, zones, atMs)
          ? nextClosing(schedule, zones, atMs)
          : nextOpening(schedule, zones, atMs);
      },
      explain(facts) {
        return bandsOf(facts) === undefined
          ? `the recipient's ${preference} were not looked up`
          : `the recipient asked not to be contacted at this time (${preference})`;
      },
    };
  },
});
