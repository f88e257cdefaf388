import { z } from 'zod';
import { type Facts, factReader } from '../facts.ts';
import { addDuration, durationInWords, hasPassed } from '../language/duration.ts';
import type { Truth } from '../types.ts';
import { definePredicate, durationSchema, inWords, nameSchema } from './define.ts';

const schema = z.strictObject({
  /** Name in `facts.events`, or several: the latest of them counts. */
  event: z.union([nameSchema, z.array(nameSchema).min(1)]),
  duration: durationSchema,
  /** What it means that nobody looked it up: `fail` where the event grants an exception. */
  absent: z.enum(['unknown', 'fail']).default('unknown'),
});

/** Met when the event happened and is less than the duration ago. Never happened: not met. Not looked up: unknown. */
export const withinOfEvent = definePredicate({
  name: 'withinOfEvent',
  schema,
  compile({ event, duration, absent }, context) {
    const names = typeof event === 'string' ? [event] : event;
    for (const name of names) context.need({ event: name });
    const paths = names.map((name) => `events.${name}`);
    const readers = paths.map(factReader);
    const words = durationInWords(duration);
    const name = names.join(' or ');
    const within = (happened: number, atMs: number): boolean =>
      happened <= atMs && !hasPassed(happened, duration, atMs);
    return {
      reads: paths,
      test(facts, atMs) {
        let result: Truth = 'fail';
        for (const read of readers) {
          const happened = read(facts);
          if (happened === null) continue;
          if (typeof happened !== 'number') {
            if (absent === 'unknown') result = 'unknown';
          } else if (within(happened, atMs)) return 'pass';
        }
        return result;
      },
      nextChange(facts, atMs) {
        let soonest = Infinity;
        for (const read of readers) {
          const happened = read(facts);
          if (typeof happened !== 'number') continue;
          const change = happened > atMs ? happened : addDuration(happened, duration);
          if (change > atMs) soonest = Math.min(soonest, change);
        }
        return soonest;
      },
      explain(facts) {
        const found = readers.map((read) => read(facts));
        const instants = found.filter((happened): happened is number => typeof happened === 'number');
        if (instants.length > 0)
          return `the last ${name} was on ${inWords(Math.max(...instants))} (asked for: less than ${words} ago)`;
        return found.every((happened) => happened === null)
          ? `there never was a ${name}`
          : `the last ${name} is not known`;
      },
    };
  },
});

/**
 * Met when nothing is owed, the duty is done, or its time has not run out. Not met after the deadline. Unknown when
 * nobody looked.
 */
export const dutyDoneWithin = definePredicate({
  name: 'dutyDoneWithin',
  schema: z.strictObject({ duty: nameSchema, within: durationSchema }),
  compile({ duty, within }, context) {
    context.need({ duty });
    const path = `duties.${duty}`;
    const read = factReader(path);
    const dutyOf = (facts: Facts) =>
      read(facts) as { readonly sinceMs: number; readonly doneAtMs?: number } | null | undefined;
    return {
      reads: [path],
      test(facts, atMs) {
        const owed = dutyOf(facts);
        if (owed === undefined) return 'unknown';
        if (owed === null) return 'pass';
        const end = addDuration(owed.sinceMs, within);
        if (owed.doneAtMs !== undefined && owed.doneAtMs <= atMs) return 'pass';
        return atMs < end ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const owed = dutyOf(facts);
        if (owed === undefined || owed === null) return Infinity;
        const changes = [addDuration(owed.sinceMs, within), owed.doneAtMs ?? Infinity];
        return Math.min(...changes.map((change) => (change > atMs ? change : Infinity)));
      },
      explain(facts) {
        const owed = dutyOf(facts);
        if (owed === undefined) return `whether ${duty} is due is not known`;
        if (owed === null) return `no ${duty} is due`;
        return `${duty} is due since ${inWords(owed.sinceMs)} (within ${durationInWords(within)})`;
      },
    };
  },
});
