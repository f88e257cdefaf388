import { z } from 'zod';
import type { JsonValue } from '../../models/base/json.ts';
import type { FieldType } from '../comply/fields.ts';
import { parseDuration } from '../comply/language/duration.ts';

/** An instant as people write it, ISO 8601 with its offset; epoch ms inside. */
const instant = z.iso
  .datetime({ offset: true, message: 'must be an instant such as 2026-01-31T09:00:00Z' })
  .transform((text) => Date.parse(text));
const word = z.string().trim().min(1).max(2_000);
const words = z.array(word).max(10_000);
const number = z.number();

/** What facts of single values may be; `fields.ts` has the type of each. */
export const FIELD_VALUES = {
  text: { value: word, form: 'a text' },
  number: { value: number, form: 'a number' },
  boolean: { value: z.boolean(), form: 'true or false' },
  instant: { value: instant, form: 'an instant such as 2026-01-31T09:00:00Z' },
  words: { value: words, form: 'a list of texts' },
} as const satisfies Readonly<Record<FieldType, { readonly value: z.ZodType; readonly form: string }>>;

const registration = z
  .strictObject({
    state: word.describe('As the authority calls it: active, approved, ...'),
    attributes: words.optional(),
    until: instant.optional(),
    checkedAt: instant.optional(),
  })
  .transform(({ state, attributes, until, checkedAt }) => ({
    state,
    ...(attributes === undefined ? {} : { attributes }),
    ...(until === undefined ? {} : { untilMs: until }),
    ...(checkedAt === undefined ? {} : { checkedAtMs: checkedAt }),
  }));

const duty = z
  .strictObject({ since: instant, doneAt: instant.optional() })
  .transform(({ since, doneAt }) => ({
    sinceMs: since,
    ...(doneAt === undefined ? {} : { doneAtMs: doneAt }),
  }));

const feed = z
  .strictObject({
    checkedAt: instant.optional(),
    active: z.array(z.strictObject({ area: word, since: instant, until: instant.optional() })).max(10_000),
  })
  .transform(({ checkedAt, active }) => ({
    ...(checkedAt === undefined ? {} : { checkedAtMs: checkedAt }),
    active: active.map(({ area, since, until }) => ({
      area,
      sinceMs: since,
      ...(until === undefined ? {} : { untilMs: until }),
    })),
  }));

const shutBands = z
  .array(
    z
      .strictObject({
        days: z.array(z.int().min(0).max(6)).min(1),
        fromMinute: z.int().min(0).max(1_439),
        toMinute: z.int().min(1).max(1_440),
      })
      .refine(({ fromMinute, toMinute }) => fromMinute < toMinute, 'fromMinute must lie before toMinute'),
  )
  .max(50);

const retention = z.strictObject({
  keeps: z
    .string()
    .refine(
      (text) => text === 'forever' || parseDuration(text) !== undefined,
      'must be an ISO 8601 duration such as P5Y, or "forever"',
    ),
});

/** What members of a section may be: how they are stated, and in what words that is said. */
export const SECTION_VALUES = {
  registrations: {
    value: registration.nullable(),
    form: '{"state", "attributes"?, "until"?, "checkedAt"?}, or null: there is none',
  },
  lists: { value: words, form: 'a list of texts' },
  events: { value: instant.nullable(), form: 'the instant of the last one, or null: never' },
  duties: { value: duty.nullable(), form: '{"since", "doneAt"?}, or null: nothing is owed' },
  feeds: { value: feed, form: '{"checkedAt"?, "active": [{"area", "since", "until"?}]}' },
  preferences: {
    value: shutBands,
    form: 'a list of {"days", "fromMinute", "toMinute"}, empty: no such wish',
  },
  replies: { value: z.strictObject({ elements: words }), form: '{"elements": [...]}' },
  retention: { value: retention, form: '{"keeps"}' },
  metrics: { value: number, form: 'a number' },
} as const satisfies Readonly<Record<string, { readonly value: z.ZodType; readonly form: string }>>;

export type SectionName = keyof typeof SECTION_VALUES;

/** Back to how it was stated: `sinceMs: 0` is `since: "1970-01-01T00:00:00.000Z"`. */
export function asStated(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(asStated);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) =>
      name.endsWith('Ms') && typeof held === 'number'
        ? [name.slice(0, -2), new Date(held).toISOString()]
        : [name, asStated(held as JsonValue)],
    ),
  );
}
