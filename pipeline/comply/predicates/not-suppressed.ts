import { z } from 'zod';
import { type Facts, factReader, type SuppressionEntry } from '../facts.ts';
import { definePredicate, inWords } from './define.ts';

const schema = z.strictObject({
  /** Kinds of entries that count; `all` entries stop every kind of message. */
  purposes: z.array(z.enum(['all', 'marketing', 'informational'])).min(1),
  /** `any`: an entry of any channel counts, as for an objection to all marketing. */
  channel: z.enum(['this', 'any']).default('this'),
});

/** Met when no entry in force stops this message. Unknown when the suppression list was not asked. */
export const notSuppressed = definePredicate({
  name: 'notSuppressed',
  schema,
  compile({ purposes, channel }) {
    const readEntries = factReader('suppression');
    const readChannel = factReader('message.channel');
    const readBrand = factReader('sender.brand');
    const entriesOf = (facts: Facts) => readEntries(facts) as readonly SuppressionEntry[] | undefined;
    const stops = (entry: SuppressionEntry, facts: Facts, atMs: number): boolean =>
      entry.sinceMs <= atMs &&
      atMs < (entry.untilMs ?? Infinity) &&
      purposes.includes(entry.purpose) &&
      (channel === 'any' || entry.channel === 'any' || entry.channel === readChannel(facts)) &&
      (entry.brand === undefined || entry.brand === readBrand(facts));
    return {
      reads: ['suppression', 'message.channel', 'sender.brand'],
      test(facts, atMs) {
        const entries = entriesOf(facts);
        if (entries === undefined) return 'unknown';
        return entries.some((entry) => stops(entry, facts, atMs)) ? 'fail' : 'pass';
      },
      nextChange(facts, atMs) {
        let soonest = Infinity;
        for (const { sinceMs, untilMs } of entriesOf(facts) ?? []) {
          if (sinceMs > atMs) soonest = Math.min(soonest, sinceMs);
          if (untilMs !== undefined && untilMs > atMs) soonest = Math.min(soonest, untilMs);
        }
        return soonest;
      },
      explain(facts, atMs) {
        const entries = entriesOf(facts);
        if (entries === undefined) return 'the suppression list was not asked';
        const found = entries.filter((entry) => stops(entry, facts, atMs));
        const words = found.map((e) => `${e.purpose} (${e.reason}) since ${inWords(e.sinceMs)}`);
        return words.length === 0
          ? 'nothing stops this address'
          : `the address is suppressed: ${words.join(', ')}`;
      },
    };
  },
});
