import { z } from 'zod';
import { LanewayError } from '../../../models/base/errors.ts';
import { type Facts, factReader, type SuppressionEntry } from '../facts.ts';
import { addDuration, type Duration } from '../language/duration.ts';
import { addBusinessDays } from '../time/business-days.ts';
import { type CompileContext, definePredicate, durationSchema, inWords } from './define.ts';

const deadlineSchema = z.union([
  durationSchema,
  z.strictObject({ businessDays: z.number().int().min(0).max(90), calendar: z.string().min(1) }),
]);

const schema = z.strictObject({
  /** Kinds of entries that count; `all` entries stop every kind of message. */
  purposes: z.array(z.enum(['all', 'marketing', 'informational'])).min(1),
  /** `any`: an entry of any channel counts, as for an objection to all marketing. */
  channel: z.enum(['this', 'any']).default('this'),
  /** `any`: an entry that names another brand of the tenant counts too. */
  brand: z.enum(['this', 'any']).default('this'),
  /** Only entries for these reasons, e.g. `carrier-stop`, `hard-bounce`. */
  reasons: z.array(z.string().min(1)).min(1).optional(),
  /** An entry holds at least so long, whatever its own end says. */
  minDuration: durationSchema.optional(),
  /** By when the law wants a wish to be honoured. Laneway honours it at once; the date is shown as evidence. */
  deadline: deadlineSchema.optional(),
});

/** The last instant by which a wish must be honoured. */
function deadlineOf(
  context: CompileContext,
  deadline: z.output<typeof deadlineSchema> | undefined,
): ((sinceMs: number) => number | undefined) | undefined {
  if (deadline === undefined) return undefined;
  if ('months' in deadline) return (sinceMs) => addDuration(sinceMs, deadline as Duration);
  const isHoliday = context.calendar(deadline.calendar);
  if (isHoliday === undefined) {
    throw new LanewayError(
      'RULE_CALENDAR_UNKNOWN',
      `notSuppressed: no calendar "${deadline.calendar}" in this pack`,
      { fix: 'Declare it under "calendars", here or in a pack that this one extends.' },
    );
  }
  return (sinceMs) => addBusinessDays(sinceMs, deadline.businessDays, isHoliday);
}

/** Met when no entry in force stops this message. Unknown when the suppression list was not asked. */
export const notSuppressed = definePredicate({
  name: 'notSuppressed',
  schema,
  compile({ purposes, channel, brand, reasons, minDuration, deadline }, context) {
    const readEntries = factReader('suppression');
    const entriesOf = (facts: Facts) => readEntries(facts) as readonly SuppressionEntry[] | undefined;
    const due = deadlineOf(context, deadline);
    const endOf = ({ sinceMs, untilMs = Infinity }: SuppressionEntry): number =>
      minDuration === undefined ? untilMs : Math.max(untilMs, addDuration(sinceMs, minDuration));
    const stops = (entry: SuppressionEntry, facts: Facts, atMs: number): boolean =>
      // One that begins ahead was made before the clock went back: a wish is never younger than its record.
      atMs < endOf(entry) &&
      purposes.includes(entry.purpose) &&
      (reasons === undefined || reasons.includes(entry.reason)) &&
      (channel === 'any' || entry.channel === 'any' || entry.channel === facts.message.channel) &&
      (brand === 'any' || entry.brand === undefined || entry.brand === facts.sender.brand);
    return {
      reads: ['suppression', 'message.channel', 'sender.brand'],
      test(facts, atMs) {
        const entries = entriesOf(facts);
        if (entries === undefined) return 'unknown';
        for (const entry of entries) if (stops(entry, facts, atMs)) return 'fail';
        return 'pass';
      },
      nextChange(facts, atMs) {
        let soonest = Infinity;
        for (const entry of entriesOf(facts) ?? []) {
          const end = endOf(entry);
          if (end > atMs) soonest = Math.min(soonest, end);
        }
        return soonest;
      },
      explain(facts, atMs) {
        const entries = entriesOf(facts);
        if (entries === undefined) return 'the suppression list was not asked';
        const found = entries.filter((entry) => stops(entry, facts, atMs));
        const words = found.map((entry) => {
          const last = due?.(entry.sinceMs);
          const by = last === undefined ? '' : `, to be honoured by ${inWords(last)} at the latest`;
          return `${entry.purpose} (${entry.reason}) since ${inWords(entry.sinceMs)}${by}`;
        });
        return words.length === 0
          ? 'nothing stops this address'
          : `the address is suppressed: ${words.join(', ')}`;
      },
    };
  },
});
