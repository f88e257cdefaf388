import Holidays from 'date-holidays';
import { LanewayError } from '../../../models/base/errors.ts';
import type { CalendarSpec } from '../types.ts';
import type { HolidayTest } from './window.ts';

/**
 * A calendar's test for holidays: the library's public and bank holidays with their observed days, plus and minus
 * what the pack says. Years outside of those vouched for have no answer, and a window that asks stays shut.
 * @throws {LanewayError} `RULE_CALENDAR_UNKNOWN` when the library knows no such country, state or region
 */
export function holidayTest(name: string, spec: CalendarSpec): HolidayTest {
  const [country, state, region] = spec.library ?? [];
  const source = country === undefined ? undefined : regional(name, country, state, region);
  const byYear = new Map<number, ReadonlySet<string>>();
  const daysOf = (year: number): ReadonlySet<string> => {
    let days = byYear.get(year);
    if (days === undefined) {
      const listed = source?.getHolidays(year) ?? [];
      const shut = new Set(
        listed
          .filter(({ type }) => type === 'public' || type === 'bank')
          .map(({ date }) => date.slice(0, 10)),
      );
      for (const date of spec.add) shut.add(date);
      for (const date of spec.remove) shut.delete(date);
      days = shut;
      byYear.set(year, days);
    }
    return days;
  };
  const [first, last] = spec.years;
  return (date) => {
    const year = Number(date.slice(0, 4));
    return year >= first && year <= last ? daysOf(year).has(date) : undefined;
  };
}

function regional(name: string, country: string, state?: string, region?: string): Holidays {
  // The library answers for the wider place, or for nothing at all, when it does not know the narrower one.
  const catalogue = new Holidays();
  const known =
    catalogue.getCountries()[country] !== undefined &&
    (state === undefined || catalogue.getStates(country)?.[state] !== undefined) &&
    (state === undefined ||
      region === undefined ||
      catalogue.getRegions(country, state)?.[region] !== undefined);
  if (!known) {
    throw new LanewayError('RULE_CALENDAR_UNKNOWN', `calendar ${name}: no holidays are known for it`, {
      fix: 'Correct "library", or list the days under "add" without it.',
    });
  }
  if (state === undefined) return new Holidays(country);
  return region === undefined ? new Holidays(country, state) : new Holidays(country, state, region);
}
