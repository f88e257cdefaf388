import { dateOf, weekdayOf } from './localtime.ts';
import type { HolidayTest } from './window.ts';

const DAY_MS = 86_400_000;

/**
 * The end of the n-th business day after the day of an instant (UTC days; Saturdays, Sundays and the calendar's days
 * do not count). The day itself never counts.
 * @returns epoch ms, exclusive; `undefined` when the calendar has no answer for a day on the way
 */
export function addBusinessDays(atMs: number, days: number, isHoliday: HolidayTest): number | undefined {
  let day = Math.floor(atMs / DAY_MS);
  for (let left = days; left > 0; ) {
    day++;
    const weekday = weekdayOf(day);
    if (weekday === 0 || weekday === 6) continue;
    const shut = isHoliday(dateOf(day));
    if (shut === undefined) return undefined;
    if (!shut) left--;
  }
  return (day + 1) * DAY_MS;
}
