import { z } from 'zod';
import { CONSENT_LEVELS, type ConsentState, coversPurpose, levelCovers } from '../consent/consent.ts';
import { type Facts, factReader, type RegistryAnswer } from '../facts.ts';
import { addDuration, durationInWords, hasPassed, parseDuration } from '../language/duration.ts';
import { CHANNELS } from '../types.ts';
import { definePredicate, durationSchema, nameSchema, never, wordsSchema } from './define.ts';

const schema = z.strictObject({
  /** The least that will do. */
  level: z.enum(CONSENT_LEVELS),
  purpose: z.string().min(1),
  /** `this`: the message's own channel. */
  channel: z.union([z.enum(['this', 'any']), z.enum(CHANNELS)]).default('this'),
  /** The record must say how it was given and what wording was shown. */
  evidenced: z.boolean().default(false),
  /** What the record must prove besides, e.g. `signature`, `seller-name`, `collected-in-app`. */
  evidence: z.array(nameSchema).default([]),
  /** Only permissions that rest on one of these, e.g. `purchase`, `inquiry`, `conspicuous-publication`. */
  bases: z.array(nameSchema).default([]),
  /** Not permissions that came from there, e.g. `purchased`, `rented`. */
  notSources: z.array(nameSchema).default([]),
  /** Only permissions given for the campaign of the message. */
  sameCampaign: z.boolean().default(false),
  /** Given, or confirmed, less than this ago. */
  maxAge: durationSchema.optional(),
  /** Given after the recipient went on this register, so it overrides the entry. */
  afterRegistry: nameSchema.optional(),
});

const readStates = factReader('consent');
const statesOf = (facts: Facts) => readStates(facts) as readonly ConsentState[] | undefined;
const readCampaign = factReader('campaign.id');

function soonestOf(states: readonly ConsentState[], atMs: number): number {
  let soonest = Infinity;
  for (const { sinceMs, expiresAtMs } of states) {
    if (sinceMs > atMs) soonest = Math.min(soonest, sinceMs);
    if (expiresAtMs !== undefined && expiresAtMs > atMs) soonest = Math.min(soonest, expiresAtMs);
  }
  return soonest;
}

/**
 * Met when a permission of this level or better stands for the purpose, channel and brand. An empty ledger is an
 * answer: not met. Unknown only when the ledger was not asked.
 */
export const consent = definePredicate({
  name: 'consent',
  schema,
  compile(args, context) {
    const { level, purpose, channel, evidenced, evidence, bases, notSources, maxAge, afterRegistry } = args;
    if (afterRegistry !== undefined) context.need({ registry: afterRegistry });
    const readRegistry = factReader(`registries.${afterRegistry ?? ''}`);

    const concerns = (state: ConsentState, facts: Facts): boolean => {
      const wanted = channel === 'this' ? facts.message.channel : channel;
      return (
        coversPurpose(state, purpose) &&
        (wanted === 'any' || state.channel === 'any' || state.channel === wanted) &&
        (state.brand === undefined || state.brand === facts.sender.brand)
      );
    };
    const newEnough = (state: ConsentState, facts: Facts, atMs: number): boolean => {
      if (maxAge !== undefined && hasPassed(state.sinceMs, maxAge, atMs)) return false;
      if (afterRegistry === undefined) return true;
      const answer = readRegistry(facts) as RegistryAnswer | undefined;
      if (answer === undefined) return false;
      return !answer.listed || (answer.listedSinceMs !== undefined && state.sinceMs > answer.listedSinceMs);
    };
    const proves = (state: ConsentState): boolean =>
      (!evidenced || (state.method !== undefined && state.wordingVersion !== undefined)) &&
      (evidence.length === 0 || evidence.every((item) => state.evidence?.includes(item) === true)) &&
      (bases.length === 0 || (state.basis !== undefined && bases.includes(state.basis))) &&
      (notSources.length === 0 || (state.source !== undefined && !notSources.includes(state.source)));
    const stands = (state: ConsentState, facts: Facts, atMs: number): boolean =>
      (state.status === 'granted' || state.status === 'confirmed') &&
      state.sinceMs <= atMs &&
      atMs < (state.expiresAtMs ?? Infinity) &&
      levelCovers(state.level, level) &&
      proves(state) &&
      (!args.sameCampaign || (state.campaign !== undefined && state.campaign === readCampaign(facts))) &&
      newEnough(state, facts, atMs) &&
      concerns(state, facts);

    return {
      reads: [
        'consent',
        'message.channel',
        'sender.brand',
        ...(args.sameCampaign ? ['campaign.id'] : []),
        ...(afterRegistry === undefined ? [] : [`registries.${afterRegistry}`]),
      ],
      test(facts, atMs) {
        const states = statesOf(facts);
        if (states === undefined) return 'unknown';
        for (const state of states) if (stands(state, facts, atMs)) return 'pass';
        return 'fail';
      },
      nextChange(facts, atMs) {
        const states = statesOf(facts) ?? [];
        let soonest = soonestOf(states, atMs);
        if (maxAge !== undefined) {
          for (const { sinceMs } of states) {
            const end = addDuration(sinceMs, maxAge);
            if (end > atMs) soonest = Math.min(soonest, end);
          }
        }
        return soonest;
      },
      explain(facts, atMs) {
        const states = statesOf(facts);
        const wanted = `${level} consent to ${purpose}`;
        if (states === undefined) return `the consent ledger was not asked (wanted: ${wanted})`;
        const near = states.filter((state) => concerns(state, facts));
        if (near.length === 0) return `there is no record of ${wanted}`;
        const found = near.map((state) => {
          const lapsed = (state.expiresAtMs ?? Infinity) <= atMs && state.status !== 'revoked';
          const lacks = [
            ...(evidenced && (state.method === undefined || state.wordingVersion === undefined)
              ? ['method and wording']
              : []),
            ...evidence.filter((item) => state.evidence?.includes(item) !== true),
          ];
          return `${state.level}, ${lapsed ? 'expired' : state.status}${lacks.length === 0 ? '' : ` without ${lacks.join(', ')}`}${newEnough(state, facts, atMs) ? '' : ', too old'}`;
        });
        return `the consent on record is ${found.join(' / ')} (wanted: ${wanted})`;
      },
    };
  },
});

const RECORD_FIELDS = [
  'method',
  'wordingVersion',
  'proof',
  'jurisdiction',
  'source',
  'basis',
  'campaign',
] as const;

/**
 * Met when a standing permission for the purpose has a record that holds all the fields: `method`, `wordingVersion`,
 * `proof`, `source`..., or anything that its list of evidence names. Address, time, channel and purpose are always
 * there.
 */
export const consentRecordHas = definePredicate({
  name: 'consentRecordHas',
  schema: z.strictObject({
    fields: wordsSchema,
    purpose: z.string().min(1).default('marketing'),
  }),
  compile({ fields, purpose }) {
    const lacks = (state: ConsentState): string[] =>
      fields.filter((name) =>
        (RECORD_FIELDS as readonly string[]).includes(name)
          ? (state as unknown as Record<string, unknown>)[name] === undefined
          : state.evidence?.includes(name) !== true,
      );
    const standing = (states: readonly ConsentState[], facts: Facts, atMs: number) =>
      states.filter(
        (state) =>
          (state.status === 'granted' || state.status === 'confirmed') &&
          state.sinceMs <= atMs &&
          atMs < (state.expiresAtMs ?? Infinity) &&
          coversPurpose(state, purpose) &&
          (state.channel === 'any' || state.channel === facts.message.channel) &&
          (state.brand === undefined || state.brand === facts.sender.brand),
      );
    return {
      reads: ['consent', 'message.channel', 'sender.brand'],
      test(facts, atMs) {
        const states = statesOf(facts);
        if (states === undefined) return 'unknown';
        return standing(states, facts, atMs).some((state) => lacks(state).length === 0) ? 'pass' : 'fail';
      },
      nextChange: (facts, atMs) => soonestOf(statesOf(facts) ?? [], atMs),
      explain(facts, atMs) {
        const found = standing(statesOf(facts) ?? [], facts, atMs);
        if (found.length === 0) return `there is no standing record of consent to ${purpose}`;
        return `the record of consent lacks ${[...new Set(found.flatMap(lacks))].join(', ') || 'nothing'}`;
      },
    };
  },
});

/** Met when records of this kind are kept here at least so long. Unknown when no such setting was looked up. */
export const retains = definePredicate({
  name: 'retains',
  schema: z.strictObject({ what: nameSchema, duration: durationSchema, from: nameSchema.optional() }),
  compile({ what, duration, from }, context) {
    context.need({ retention: what });
    const path = `retention.${what}`;
    const read = factReader(path);
    const keepsOf = (facts: Facts) => (read(facts) as { readonly keeps: string } | undefined)?.keeps;
    return {
      reads: [path],
      test(facts) {
        const keeps = keepsOf(facts);
        if (keeps === undefined) return 'unknown';
        if (keeps === 'forever') return 'pass';
        const kept = parseDuration(keeps);
        if (kept === undefined) return 'unknown';
        // From any start: the shortest that is kept against the longest that is asked for.
        return addDuration(0, kept) >= addDuration(0, duration) ? 'pass' : 'fail';
      },
      nextChange: never,
      explain: (facts) =>
        `records of ${what} are kept ${keepsOf(facts) ?? 'for an unknown time'} (asked for: ${durationInWords(duration)}${from === undefined ? '' : ` from ${from}`})`,
    };
  },
});
