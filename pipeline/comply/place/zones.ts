import { isZone, offsetMs } from '../time/localtime.ts';
import { type AreaCode, areaCode, regionsOf, regionZones } from './areacodes.ts';
import { phoneOf } from './phone.ts';

/** What is known about where a recipient is. All of it optional but the address itself. */
export interface WhereaboutsHints {
  /** E.164 number (`+12125550123`), e-mail address or device token. */
  readonly to: string;
  /** IANA zone the recipient stated. */
  readonly statedZone?: string | undefined;
  /** IANA zone the recipient's device last reported. */
  readonly deviceZone?: string | undefined;
  /** ISO 3166-1 alpha-2 country of a stored postal address. */
  readonly addressCountry?: string | undefined;
  /** ISO 3166-2 subdivision of a stored postal address, e.g. `US-FL`. */
  readonly addressSubdivision?: string | undefined;
}

/** Every place that may be the recipient's: rules ask for the strictest over all of them. */
export interface Whereabouts {
  /** Sorted ISO countries, e.g. `['US']`; empty: unknown. */
  readonly countries: readonly string[];
  /** Countries and subdivisions, sorted, e.g. `['US', 'US-FL']`. */
  readonly jurisdictions: readonly string[];
  /** IANA zones, sorted; empty: unknown, and then no window is ever open. */
  readonly zones: readonly string[];
  /** What the zones rest on, e.g. `area-code`, `area-code+stated-zone`, `country`, `unknown`. */
  readonly basis: string;
  /** Three digits of a number of the North American plan, whether a region is known for them or not. */
  readonly areaCode?: string;
  /** Hints that could not be used, in plain words. */
  readonly problems: readonly string[];
}

/** Names that read better than the legacy ones some ICU versions report. */
const MODERN: Readonly<Record<string, string>> = {
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Asia/Rangoon': 'Asia/Yangon',
  'Europe/Kiev': 'Europe/Kyiv',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
};

/** Zones of a country where ICU lists none, or lists a place where nobody receives messages. */
const COUNTRY_ZONES: Readonly<Record<string, readonly string[]>> = {
  XK: ['Europe/Belgrade'],
  AC: ['Atlantic/St_Helena'],
  TA: ['Atlantic/St_Helena'],
};
const UNINHABITED: ReadonlySet<string> = new Set(['Antarctica/Macquarie']);

/** Instants at which zones are compared; zones that agree in all of them count as one. */
const SAMPLES_MS = Array.from({ length: 72 }, (_, month) => Date.UTC(2025, month, 15, 12));

function distinct(zones: readonly string[]): string[] {
  const byRhythm = new Map<string, string>();
  for (const zone of zones) {
    const rhythm = SAMPLES_MS.map((at) => offsetMs(zone, at)).join();
    if (!byRhythm.has(rhythm)) byRhythm.set(rhythm, zone);
  }
  return [...byRhythm.values()];
}

function zonesFromIcu(country: string): readonly string[] {
  // The accessor became a method between Node 20 and later versions; the standard library's types have neither.
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    readonly timeZones?: readonly string[];
    getTimeZones?(): readonly string[] | undefined;
  };
  return locale.timeZones ?? locale.getTimeZones?.() ?? [];
}

const countryZones = new Map<string, readonly string[]>();

/** All zones observed in a country, one of each kind; empty when the country is not known. */
export function zonesOfCountry(country: string): readonly string[] {
  if (!/^[A-Z]{2}$/.test(country)) return [];
  let zones = countryZones.get(country);
  if (zones === undefined) {
    const regions = regionsOf(country);
    const listed =
      regions.length > 0
        ? [...new Set(regions.flatMap((region) => regionZones(region)!))]
        : (COUNTRY_ZONES[country] ?? zonesFromIcu(country));
    zones = distinct(
      listed.filter((zone) => !UNINHABITED.has(zone) && isZone(zone)).map((z) => MODERN[z] ?? z),
    );
    countryZones.set(country, zones);
  }
  return zones;
}

interface NumberOrigin {
  /** One for a number that is in use; every country of its calling code when no plan knows it. */
  readonly countries: readonly string[];
  readonly area: AreaCode | undefined;
}

/** Where a number comes from; `undefined` when it is no possible number of any country. */
function fromNumber(to: string): NumberOrigin | undefined {
  if (!/^\+[1-9]\d{6,14}$/.test(to)) return undefined;
  const number = phoneOf(to);
  if (number === undefined) return undefined;
  if (number.country === undefined || !number.valid) {
    return number.possible.length === 0 ? undefined : { countries: number.possible, area: undefined };
  }
  const area = number.callingCode === '1' ? areaCode(to.slice(2, 5)) : undefined;
  return { countries: [area?.regions[0]?.slice(0, 2) ?? number.country], area };
}

/**
 * Where a recipient may be, from everything at hand. A number tells its country and, in the United States and
 * Canada, the states behind its area code; an area code that tells nothing stands for the whole country. A stored
 * address and a stated zone *add* candidates, because a number may have been ported or carried along (12 CFR
 * 1006.6(b)(1), comment 2: convenient in all of them). Only where a number names nothing but a country of many zones
 * does a stated zone or an address inside that country narrow it down.
 */
export function candidateZones(hints: WhereaboutsHints): Whereabouts {
  const problems: string[] = [];
  const countries = new Set<string>();
  const regions = new Set<string>();
  const exact = new Set<string>();
  const basis: string[] = [];
  let wide: readonly string[] = [];

  const subdivision = hints.addressSubdivision?.toUpperCase();
  const number = fromNumber(hints.to);
  if (number !== undefined) {
    for (const country of number.countries) countries.add(country);
    if (number.area === undefined) {
      wide = distinct(number.countries.flatMap(zonesOfCountry));
      for (const country of number.countries) {
        if (!subdivision?.startsWith(`${country}-`)) addAll(regions, regionsOf(country));
      }
    } else {
      basis.push('area-code');
      addAll(regions, number.area.regions);
      addAll(exact, number.area.zones);
    }
  } else if (hints.to.startsWith('+')) problems.push('the number belongs to no country');

  const country = (hints.addressCountry ?? subdivision?.slice(0, 2))?.toUpperCase();
  if (country !== undefined) {
    const inCountry = zonesOfCountry(country);
    if (inCountry.length === 0) problems.push(`the address names no known country: ${country}`);
    else {
      const inRegion = subdivision === undefined ? undefined : regionZones(subdivision);
      const alreadyKnown = countries.has(country);
      countries.add(country);
      basis.push('address');
      if (subdivision !== undefined) regions.add(subdivision);
      else if (!alreadyKnown) addAll(regions, regionsOf(country));
      // The country alone says no more than a number of that country already does.
      if (inRegion !== undefined) addAll(exact, inRegion);
      else if (!alreadyKnown) addAll(exact, inCountry);
    }
  }

  for (const [zone, name] of [
    [hints.statedZone, 'stated-zone'],
    [hints.deviceZone, 'device-zone'],
  ] as const) {
    if (zone === undefined) continue;
    if (isZone(zone)) {
      exact.add(MODERN[zone] ?? zone);
      basis.push(name);
    } else problems.push(`no such time zone: ${zone}`);
  }

  if (wide.length > 0 && !insideCountry(exact, wide)) {
    addAll(exact, wide);
    basis.unshift('country');
  }
  return {
    countries: [...countries].sort(),
    jurisdictions: [...countries, ...regions].sort(),
    zones: [...exact].sort(),
    basis: basis.length === 0 ? 'unknown' : basis.join('+'),
    ...(/^\+1[2-9]\d{9}$/.test(hints.to) ? { areaCode: hints.to.slice(2, 5) } : {}),
    problems,
  };
}

function addAll(set: Set<string>, items: readonly string[]): void {
  for (const item of items) set.add(item);
}

/** Do all the exact zones keep a time that the country keeps somewhere? */
function insideCountry(exact: ReadonlySet<string>, wide: readonly string[]): boolean {
  if (exact.size === 0) return false;
  return distinct([...wide, ...exact]).length === wide.length;
}
