import { type CountryCode, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { LRUCache } from 'lru-cache';

/** What the numbering plans say of a number. */
export interface Phone {
  /** E.164. */
  readonly number: string;
  readonly valid: boolean;
  readonly country: CountryCode | undefined;
  readonly callingCode: string;
  /** Countries that it may belong to where no plan knows it; empty when it is no possible number. */
  readonly possible: readonly CountryCode[];
}

/** A number is asked about when its message comes in and again when it is judged, a moment later. */
const MOST_IN_MEMORY = 20_000;
const asked = new LRUCache<string, Phone | 'none'>({ max: MOST_IN_MEMORY });

/** @returns undefined: no phone number at all */
export function phoneOf(text: string): Phone | undefined {
  let phone = asked.get(text);
  if (phone === undefined) {
    phone = look(text) ?? 'none';
    asked.set(text, phone);
  }
  return phone === 'none' ? undefined : phone;
}

function look(text: string): Phone | undefined {
  const parsed = parsePhoneNumberFromString(text);
  if (parsed === undefined) return undefined;
  const valid = parsed.isValid();
  return {
    number: parsed.number,
    valid,
    country: parsed.country,
    callingCode: parsed.countryCallingCode,
    possible:
      (parsed.country === undefined || !valid) && parsed.isPossible() ? parsed.getPossibleCountries() : [],
  };
}
