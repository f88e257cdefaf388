import { z } from 'zod';
import { type Facts, type FeedFact, factReader } from '../facts.ts';
import { addDuration } from '../language/duration.ts';
import { areaCode } from '../place/areacodes.ts';
import type { PredicateNode } from '../types.ts';
import { definePredicate, durationSchema, inWords, nameSchema, never } from './define.ts';

const region = z
  .string()
  .regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'must be a country or subdivision such as US or US-FL');

/**
 * Met when the recipient's number has an area code of one of the regions, or one of the codes. Not met for numbers of
 * other plans; unknown when the code tells no region.
 */
export const areaCodeIn = definePredicate({
  name: 'areaCodeIn',
  schema: z
    .strictObject({
      regions: z.array(region).min(1).optional(),
      codes: z
        .array(z.string().regex(/^[2-9]\d\d$/, 'must be three digits'))
        .min(1)
        .optional(),
    })
    .refine((args) => args.regions !== undefined || args.codes !== undefined, 'needs "regions" or "codes"'),
  compile({ regions = [], codes = [] }) {
    const read = factReader('recipient.areaCode');
    const matches = (place: string): boolean =>
      regions.some((wanted) => place === wanted || place.startsWith(`${wanted}-`));
    return {
      reads: ['recipient.areaCode'],
      test(facts) {
        const code = read(facts);
        // A number without an area code of this plan has none, which is an answer.
        if (typeof code !== 'string') return 'fail';
        if (codes.includes(code)) return 'pass';
        if (regions.length === 0) return 'fail';
        const places = areaCode(code)?.regions;
        return places === undefined ? 'unknown' : places.some(matches) ? 'pass' : 'fail';
      },
      nextChange: never,
      explain: (facts) =>
        `the area code of the number is ${String(read(facts) ?? 'none of the North American plan')} (asked for: ${[...regions, ...codes].join(' or ')})`,
    };
  },
});

/** Met when the place is among the recipient's candidate jurisdictions, or the condition for it does not hold. */
export const candidateIncluded = definePredicate({
  name: 'candidateIncluded',
  schema: z.strictObject({ candidate: region, when: z.record(z.string(), z.unknown()).optional() }),
  children: ({ when }) => (when === undefined ? [] : [{ path: ['when'], node: when }]),
  compile({ candidate, when }, context) {
    const condition = when === undefined ? undefined : context.compile(when as PredicateNode);
    return {
      reads: ['recipient.jurisdictions', ...(condition?.reads ?? [])],
      test(facts, atMs) {
        if (facts.recipient.jurisdictions.includes(candidate)) return 'pass';
        const bound = condition?.test(facts, atMs) ?? 'pass';
        return bound === 'fail' ? 'pass' : bound === 'unknown' ? 'unknown' : 'fail';
      },
      nextChange: (facts, atMs) => condition?.nextChange(facts, atMs) ?? Infinity,
      explain: (facts) =>
        `the recipient may be in ${facts.recipient.jurisdictions.join(', ') || 'an unknown place'} (${candidate} must be considered)`,
    };
  },
});

/** Does an area of the feed cover the place, or may it? `US-LA/Orleans` may cover someone known to be in `US-LA`. */
const covers = (area: string, places: readonly string[], county: string | undefined): boolean => {
  const [place, part] = area.split('/');
  if (!places.some((code) => code === place || (code.length === 2 && place!.startsWith(`${code}-`)))) {
    return false;
  }
  return part === undefined || county === undefined || county.toLowerCase() === part.toLowerCase();
};

/** Met while no state of emergency of the feed covers the recipient. Unknown without a fresh answer of the feed. */
export const notInEmergencyArea = definePredicate({
  name: 'notInEmergencyArea',
  schema: z.strictObject({ feed: nameSchema, maxAge: durationSchema }),
  compile({ feed, maxAge }, context) {
    context.need({ feed });
    const path = `feeds.${feed}`;
    const read = factReader(path);
    const readCounty = factReader('recipient.county');
    const found = (facts: Facts) => read(facts) as FeedFact | undefined;
    const hits = (facts: Facts, answer: FeedFact) =>
      answer.active.filter(({ area }) =>
        covers(area, facts.recipient.jurisdictions, readCounty(facts) as string | undefined),
      );
    const stands = (one: FeedFact['active'][number], atMs: number): boolean =>
      one.sinceMs <= atMs && atMs < (one.untilMs ?? Infinity);
    return {
      reads: [path, 'recipient.jurisdictions', 'recipient.county'],
      test(facts, atMs) {
        const answer = found(facts);
        if (answer === undefined) return 'unknown';
        if (hits(facts, answer).some((one) => stands(one, atMs))) return 'fail';
        return atMs < addDuration(answer.checkedAtMs, maxAge) ? 'pass' : 'unknown';
      },
      nextChange(facts, atMs) {
        const answer = found(facts);
        if (answer === undefined) return Infinity;
        let soonest = addDuration(answer.checkedAtMs, maxAge);
        if (soonest <= atMs) soonest = Infinity;
        for (const { sinceMs, untilMs = Infinity } of hits(facts, answer)) {
          if (sinceMs > atMs) soonest = Math.min(soonest, sinceMs);
          else if (untilMs > atMs) soonest = Math.min(soonest, untilMs);
        }
        return soonest;
      },
      explain(facts, atMs) {
        const answer = found(facts);
        if (answer === undefined) return `feed ${feed} gave no answer`;
        const standing = hits(facts, answer).filter((one) => stands(one, atMs));
        if (standing.length === 0) return `feed ${feed} is of ${inWords(answer.checkedAtMs)}`;
        return `a state of emergency stands in ${standing.map(({ area }) => area).join(', ')}`;
      },
    };
  },
});

/** Met when the recipient is at least so old; by country where ages differ, the highest of all candidates. */
export const ageAtLeast = definePredicate({
  name: 'ageAtLeast',
  schema: z.strictObject({
    years: z.number().int().min(1).max(130),
    /** By country; elsewhere `years`. */
    byCountry: z.record(z.string().regex(/^[A-Z]{2}$/), z.number().int().min(1).max(130)).default({}),
  }),
  compile({ years, byCountry }) {
    const read = factReader('recipient.age');
    const needed = (facts: Facts): number => {
      const countries = facts.recipient.jurisdictions.filter((code) => code.length === 2);
      return countries.length === 0
        ? Math.max(years, ...Object.values(byCountry))
        : Math.max(...countries.map((country) => byCountry[country] ?? years));
    };
    return {
      reads: ['recipient.age', 'recipient.jurisdictions'],
      test(facts) {
        const age = read(facts);
        if (typeof age !== 'number') return 'unknown';
        return age >= needed(facts) ? 'pass' : 'fail';
      },
      nextChange: never,
      explain: (facts) =>
        `the recipient's age is ${String(read(facts) ?? 'not known')} (asked for: ${needed(facts)} or more)`,
    };
  },
});
