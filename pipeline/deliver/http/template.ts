import type { JsonValue } from '../../../models/base/json.ts';
import type { DeliveryRequest } from '../provider.ts';

/** What a template may ask for, and what it stands for. */
const FIELDS: Readonly<Record<string, (request: DeliveryRequest) => string>> = {
  to: (request) => request.to,
  /** The number without its plus sign. */
  toDigits: (request) => request.to.replace(/^\+/, ''),
  from: (request) => request.from,
  body: (request) => request.body,
  subject: (request) => request.subject ?? '',
  channel: (request) => request.channel,
  class: (request) => request.lane,
  messageId: (request) => request.messageId,
  tenant: (request) => request.tenant,
  key: (request) => request.idempotencyKey,
};

const PLACE = /\{\{\s*(\w+)\s*\}\}/g;

/** Names that a template asks for and nobody knows. */
export function unknownPlaces(text: string): string[] {
  return [...text.matchAll(PLACE)].map((match) => match[1]!).filter((name) => !(name in FIELDS));
}

export const PLACES = Object.keys(FIELDS);

/** @param escaped what a value goes through, e.g. for a URL */
export function fill(text: string, request: DeliveryRequest, escaped = (value: string) => value): string {
  return text.replace(PLACE, (_, name: string) => escaped(FIELDS[name]!(request)));
}

/** Fills every string of a JSON value; a value is never read as JSON itself, so nothing can break out of its place. */
export function fillJson(value: JsonValue, request: DeliveryRequest): JsonValue {
  if (typeof value === 'string') return fill(value, request);
  if (Array.isArray(value)) return value.map((item) => fillJson(item, request));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [name, fillJson(item ?? null, request)]),
    );
  }
  return value;
}

/** The value at a JSON pointer (RFC 6901), undefined where there is none. */
export function at(value: unknown, pointer: string): unknown {
  let here = value;
  for (const part of pointer.split('/').slice(1)) {
    if (here === null || typeof here !== 'object') return undefined;
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    here = Object.hasOwn(here, name) ? (here as Record<string, unknown>)[name] : undefined;
  }
  return here;
}

/** A string or a number there, as a string. */
export function textAt(value: unknown, pointer: string | undefined): string | undefined {
  const found = pointer === undefined ? undefined : at(value, pointer);
  if (typeof found === 'number') return String(found);
  return typeof found === 'string' && found !== '' ? found : undefined;
}
