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
  if (country !== undefined) check(name, country, state, region);
  let source: Holidays | undefined;
  // Opened when a day is first asked for: most processes ask for few countries.
  const library = (): Holidays | undefined => {
    if (country !== undefined) source ??= open(country, state, region);
    return source;
  };
  const byYear = new Map<number, ReadonlySet<string>>();
  const daysOf = (year: number): ReadonlySet<string> => {
    let days = byYear.get(year);
    if (days === undefined) {
      const listed = library()?.getHolidays(year) ?? [];
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

let catalogue: Holidays | undefined;
/** Places that were looked up. */
const known = new Map<string, boolean>();

function check(name: string, country: string, state?: string, region?: string): void {
  const place = [country, state, region].join();
  let found = known.get(place);
  if (found === undefined) {
    found = isKnown(country, state, region);
    known.set(place, found);
  }
  if (!found) {
    throw new LanewayError('RULE_CALENDAR_UNKNOWN', `calendar ${name}: no holidays are known for it`, {
      fix: 'Correct "library", or list the days under "add" without it.',
    });
  }
}

/** The library answers for the wider place, or for nothing at all, when it does not know the narrower one. */
function isKnown(country: string, state?: string, region?: string): boolean {
  catalogue ??= new Holidays();
  return (
    catalogue.getCountries()[country] !== undefined &&
    (state === undefined || catalogue.getStates(country)?.[state] !== undefined) &&
    (state === undefined ||
      region === undefined ||
      catalogue.getRegions(country, state)?.[region] !== undefined)
  );
}

function open(country: string, state?: string, region?: string): Holidays {
  if (state === undefined) return new Holidays(country);
  return region === undefined ? new Holidays(country, state) : new Holidays(country, state, region);
}
