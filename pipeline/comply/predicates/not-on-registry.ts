import { z } from 'zod';
import { LanewayError } from '../../../models/base/errors.ts';
import { type Facts, factReader, type RegistryAnswer } from '../facts.ts';
import { addDuration, durationInWords, hasPassed } from '../language/duration.ts';
import { addBusinessDays } from '../time/business-days.ts';
import type { Compiled } from '../types.ts';
import { type CompileContext, definePredicate, durationSchema, inWords, nameSchema } from './define.ts';

const graceSchema = z.union([
  durationSchema,
  z.strictObject({ businessDays: z.number().int().min(1).max(90), calendar: z.string().min(1) }),
]);

const schema = z.strictObject({
  registry: nameSchema,
  /** How old the copy or answer may be; an older one is no answer. */
  maxAge: durationSchema,
  /** An entry younger than this does not bind yet. */
  grace: graceSchema.optional(),
  /** An entry that names channels, categories or sectors binds only those; what is not known counts as named. */
  by: z.array(z.enum(['channel', 'category', 'sector'])).default([]),
});
type Args = z.output<typeof schema>;

const answerOf = (read: (facts: Facts) => unknown, facts: Facts) => read(facts) as RegistryAnswer | undefined;

/** First instant at which an entry binds. */
function bindsFrom(args: Args, context: CompileContext): (answer: RegistryAnswer) => number {
  const { grace } = args;
  if (grace === undefined) return () => -Infinity;
  const late =
    'months' in grace
      ? (sinceMs: number) => addDuration(sinceMs, grace)
      : (() => {
          const isHoliday = context.calendar(grace.calendar);
          if (isHoliday === undefined) {
            throw new LanewayError('RULE_CALENDAR_UNKNOWN', `no calendar "${grace.calendar}" in this pack`, {
              fix: 'Declare it under "calendars", here or in a pack that this one extends.',
            });
          }
          // A year that nobody vouches for gives no grace.
          return (sinceMs: number) => addBusinessDays(sinceMs, grace.businessDays, isHoliday) ?? -Infinity;
        })();
  return ({ listedSinceMs }) => (listedSinceMs === undefined ? -Infinity : late(listedSinceMs));
}

const DIMENSIONS = {
  channel: { list: 'channels', path: 'message.channel' },
  category: { list: 'categories', path: 'message.commercialCategory' },
  sector: { list: 'sectors', path: 'sender.sector' },
} as const;

function compileListing(args: Args, context: CompileContext, what: string): Compiled {
  const { registry, maxAge, by } = args;
  context.need({ registry });
  const path = `registries.${registry}`;
  const read = factReader(path);
  const begins = bindsFrom(args, context);
  const dimensions = by.map((name) => ({ ...DIMENSIONS[name], read: factReader(DIMENSIONS[name].path) }));
  const concerns = (answer: RegistryAnswer, facts: Facts): boolean =>
    dimensions.length === 0 ||
    dimensions.every((dimension) => {
      const named = answer[dimension.list];
      const own = dimension.read(facts);
      return named === undefined || typeof own !== 'string' || named.includes(own);
    });
  const fresh = (answer: RegistryAnswer, atMs: number): boolean =>
    !hasPassed(answer.checkedAtMs, maxAge, atMs);
  return {
    reads: [path, ...dimensions.map((dimension) => dimension.path)],
    test(facts, atMs) {
      const answer = answerOf(read, facts);
      // An old "listed" still counts: entries rarely vanish, and unknown is never "go".
      if (answer?.listed === true && concerns(answer, facts)) return atMs < begins(answer) ? 'pass' : 'fail';
      return answer === undefined || !fresh(answer, atMs) ? 'unknown' : 'pass';
    },
    nextChange(facts, atMs) {
      const answer = answerOf(read, facts);
      if (answer === undefined) return Infinity;
      const change =
        answer.listed && concerns(answer, facts) ? begins(answer) : addDuration(answer.checkedAtMs, maxAge);
      return change > atMs ? change : Infinity;
    },
    explain(facts, atMs) {
      const answer = answerOf(read, facts);
      if (answer === undefined) return `register ${registry} gave no answer`;
      if (answer.listed && concerns(answer, facts)) return `${what} is on register ${registry}`;
      const age = fresh(answer, atMs) ? 'fresh' : `older than the ${durationInWords(maxAge)} allowed`;
      return `the answer of register ${registry} is from ${inWords(answer.checkedAtMs)}, ${age}`;
    },
  };
}

/** Met when a fresh answer says "not listed", or the entry is within its grace. Unknown without a fresh answer. */
export const notOnRegistry = definePredicate({
  name: 'notOnRegistry',
  schema,
  compile: (args, context) => compileListing(args, context, 'the address'),
});

/** The same for the domain of an e-mail address, e.g. the list of wireless mail domains. */
export const domainNotOnList = definePredicate({
  name: 'domainNotOnList',
  schema: z.strictObject({ list: nameSchema, maxAge: durationSchema, grace: graceSchema.optional() }),
  compile: ({ list, ...rest }, context) =>
    compileListing({ ...rest, registry: list, by: [] }, context, 'the domain of the address'),
});

/** Met when a fresh answer of the register is one of the words. Unknown without one, or for another date. */
export const registryAnswer = definePredicate({
  name: 'registryAnswer',
  schema: z
    .strictObject({
      registry: nameSchema,
      maxAge: durationSchema,
      is: z.array(z.string().min(1)).min(1).optional(),
      isNot: z.array(z.string().min(1)).min(1).optional(),
      /** The register must have been asked about the date of the consent on record, or an earlier one. */
      asOf: z.literal('consent').optional(),
    })
    .refine((args) => (args.is === undefined) !== (args.isNot === undefined), 'needs either "is" or "isNot"'),
  compile({ registry, maxAge, is, isNot, asOf }, context) {
    context.need({ registry });
    const path = `registries.${registry}`;
    const read = factReader(path);
    const wordOf = (answer: RegistryAnswer, facts: Facts): string | undefined =>
      answer.answers?.[facts.message.channel] ?? answer.answer;
    /** The oldest permission that still stands: a reassignment since then would have killed it. */
    const asked = (answer: RegistryAnswer, facts: Facts): boolean => {
      if (asOf === undefined) return true;
      const dates = (facts.consent ?? [])
        .filter(({ status }) => status === 'granted' || status === 'confirmed')
        .map(({ sinceMs }) => sinceMs);
      return dates.length > 0 && answer.asOfMs !== undefined && answer.asOfMs <= Math.max(...dates);
    };
    return {
      reads: [path, 'message.channel', ...(asOf === undefined ? [] : ['consent'])],
      test(facts, atMs) {
        const answer = answerOf(read, facts);
        if (answer === undefined || atMs >= addDuration(answer.checkedAtMs, maxAge)) return 'unknown';
        const word = wordOf(answer, facts);
        if (word === undefined || !asked(answer, facts)) return 'unknown';
        return (is === undefined ? !isNot!.includes(word) : is.includes(word)) ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const answer = answerOf(read, facts);
        if (answer === undefined) return Infinity;
        const change = addDuration(answer.checkedAtMs, maxAge);
        return change > atMs ? change : Infinity;
      },
      explain(facts, atMs) {
        const answer = answerOf(read, facts);
        if (answer === undefined) return `register ${registry} gave no answer`;
        if (atMs >= addDuration(answer.checkedAtMs, maxAge))
          return `the answer of register ${registry} is older than the ${durationInWords(maxAge)} allowed`;
        if (!asked(answer, facts)) return `register ${registry} was not asked about the date of the consent`;
        return `register ${registry} says ${wordOf(answer, facts) ?? 'nothing'}`;
      },
    };
  },
});

/** Met when the registration with the authority is there, in the state, unexpired and with all the attributes. */
export const registered = definePredicate({
  name: 'registered',
  schema: z.strictObject({
    what: nameSchema,
    authority: nameSchema,
    state: z.array(z.string().min(1)).min(1).default(['active', 'approved', 'verified']),
    has: z.array(nameSchema).default([]),
  }),
  compile({ what, authority, state, has }, context) {
    const id = `${authority}/${what}`;
    context.need({ registration: id });
    const path = `registrations.${id}`;
    const read = factReader(path);
    const found = (facts: Facts) => read(facts) as NonNullable<Facts['registrations']>[string] | undefined;
    return {
      reads: [path],
      test(facts, atMs) {
        const registration = found(facts);
        if (registration === undefined) return 'unknown';
        if (registration === null) return 'fail';
        if (!state.includes(registration.state) || atMs >= (registration.untilMs ?? Infinity)) return 'fail';
        return has.every((attribute) => registration.attributes?.includes(attribute) === true)
          ? 'pass'
          : 'fail';
      },
      nextChange(facts, atMs) {
        const untilMs = found(facts)?.untilMs ?? Infinity;
        return untilMs > atMs ? untilMs : Infinity;
      },
      explain(facts, atMs) {
        const registration = found(facts);
        if (registration === undefined)
          return `whether the ${what} is registered with ${authority} is not known`;
        if (registration === null) return `the ${what} is not registered with ${authority}`;
        const lacks = has.filter((attribute) => registration.attributes?.includes(attribute) !== true);
        if (lacks.length > 0)
          return `the registration of the ${what} with ${authority} lacks ${lacks.join(', ')}`;
        const over = atMs >= (registration.untilMs ?? Infinity) ? ' and has run out' : '';
        return `the ${what} is ${registration.state} with ${authority}${over} (asked for: ${state.join(' or ')})`;
      },
    };
  },
});
