import { z } from 'zod';
import { addDuration, durationInWords } from '../duration.ts';
import { factReader } from '../facts.ts';
import { definePredicate, durationSchema, inWords } from './define.ts';

const schema = z.strictObject({
  /** Name in `facts.events`. */
  event: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words joined by dashes'),
  duration: durationSchema,
  /** What it means that nobody looked it up: `fail` where the event grants an exception. */
  absent: z.enum(['unknown', 'fail']).default('unknown'),
});

/** Met when the event happened and is less than the duration ago. Never happened: not met. Not looked up: unknown. */
export const withinOfEvent = definePredicate({
  name: 'withinOfEvent',
  schema,
  compile({ event, duration, absent }, context) {
    context.need({ event });
    const path = `events.${event}`;
    const read = factReader(path);
    const words = durationInWords(duration);
    return {
      reads: [path],
      test(facts, atMs) {
        const happened = read(facts);
        if (happened === null) return 'fail';
        if (typeof happened !== 'number') return absent;
        return happened <= atMs && atMs < addDuration(happened, duration) ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const happened = read(facts);
        if (typeof happened !== 'number') return Infinity;
        if (happened > atMs) return happened;
        const end = addDuration(happened, duration);
        return end > atMs ? end : Infinity;
      },
      explain(facts) {
        const happened = read(facts);
        if (happened === null) return `there never was a ${event}`;
        if (typeof happened !== 'number') return `the last ${event} is not known`;
        return `the last ${event} was on ${inWords(happened)} (asked for: less than ${words} ago)`;
      },
    };
  },
});
