import { z } from 'zod';
import { CONSENT_LEVELS, type ConsentState, levelCovers } from '../consent.ts';
import { type Facts, factReader } from '../facts.ts';
import { CHANNELS } from '../types.ts';
import { definePredicate } from './define.ts';

const schema = z.strictObject({
  /** The least that will do. */
  level: z.enum(CONSENT_LEVELS),
  purpose: z.string().min(1),
  /** `this`: the message's own channel. */
  channel: z.union([z.enum(['this', 'any']), z.enum(CHANNELS)]).default('this'),
  /** The record must say how it was given and what wording was shown. */
  evidenced: z.boolean().default(false),
});

/**
 * Met when a permission of this level or better stands for the purpose, channel and brand. An empty ledger is an
 * answer: not met. Unknown only when the ledger was not asked.
 */
export const consent = definePredicate({
  name: 'consent',
  schema,
  compile({ level, purpose, channel, evidenced }) {
    const readStates = factReader('consent');
    const readChannel = factReader('message.channel');
    const readBrand = factReader('sender.brand');
    const statesOf = (facts: Facts): readonly ConsentState[] | undefined =>
      readStates(facts) as readonly ConsentState[] | undefined;

    const concerns = (state: ConsentState, facts: Facts): boolean => {
      const wanted = channel === 'this' ? readChannel(facts) : channel;
      return (
        (state.purpose === purpose || state.purpose === 'any') &&
        (wanted === 'any' || state.channel === 'any' || state.channel === wanted) &&
        (state.brand === undefined || state.brand === readBrand(facts))
      );
    };
    const stands = (state: ConsentState, facts: Facts, atMs: number): boolean =>
      (state.status === 'granted' || state.status === 'confirmed') &&
      state.sinceMs <= atMs &&
      atMs < (state.expiresAtMs ?? Infinity) &&
      levelCovers(state.level, level) &&
      (!evidenced || (state.method !== undefined && state.wordingVersion !== undefined)) &&
      concerns(state, facts);

    return {
      reads: ['consent', 'message.channel', 'sender.brand'],
      test(facts, atMs) {
        const states = statesOf(facts);
        if (states === undefined) return 'unknown';
        return states.some((state) => stands(state, facts, atMs)) ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        let soonest = Infinity;
        for (const { sinceMs, expiresAtMs } of statesOf(facts) ?? []) {
          if (sinceMs > atMs) soonest = Math.min(soonest, sinceMs);
          if (expiresAtMs !== undefined && expiresAtMs > atMs) soonest = Math.min(soonest, expiresAtMs);
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
          const evidence =
            evidenced && (state.method === undefined || state.wordingVersion === undefined)
              ? ' without method and wording'
              : '';
          return `${state.level}, ${lapsed ? 'expired' : state.status}${evidence}`;
        });
        return `the consent on record is ${found.join(' / ')} (wanted: ${wanted})`;
      },
    };
  },
});
