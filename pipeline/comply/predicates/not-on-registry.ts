import { z } from 'zod';
import { addDuration, type Duration, durationInWords } from '../duration.ts';
import { type Facts, factReader, type RegistryAnswer } from '../facts.ts';
import { definePredicate, durationSchema, inWords } from './define.ts';

const schema = z.strictObject({
  registry: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case words joined by dashes'),
  /** How old the copy or answer may be; an older one is no answer. */
  maxAge: durationSchema,
  /** An entry younger than this does not bind yet. */
  grace: durationSchema.optional(),
});

/** Met when a fresh answer says "not listed", or the entry is within its grace. Unknown without a fresh answer. */
export const notOnRegistry = definePredicate({
  name: 'notOnRegistry',
  schema,
  compile({ registry, maxAge, grace }, context) {
    context.need({ registry });
    const path = `registries.${registry}`;
    const read = factReader(path);
    const answerOf = (facts: Facts) => read(facts) as RegistryAnswer | undefined;
    const fresh = (answer: RegistryAnswer, atMs: number): boolean =>
      atMs < addDuration(answer.checkedAtMs, maxAge);
    const bindsFrom = (answer: RegistryAnswer, wait: Duration | undefined): number =>
      wait === undefined || answer.listedSinceMs === undefined
        ? -Infinity
        : addDuration(answer.listedSinceMs, wait);
    return {
      reads: [path],
      test(facts, atMs) {
        const answer = answerOf(facts);
        // An old "listed" still counts: entries rarely vanish, and unknown is never "go".
        if (answer?.listed === true) return atMs < bindsFrom(answer, grace) ? 'pass' : 'fail';
        return answer === undefined || !fresh(answer, atMs) ? 'unknown' : 'pass';
      },
      nextChange(facts, atMs) {
        const answer = answerOf(facts);
        if (answer === undefined) return Infinity;
        const change = answer.listed ? bindsFrom(answer, grace) : addDuration(answer.checkedAtMs, maxAge);
        return change > atMs ? change : Infinity;
      },
      explain(facts, atMs) {
        const answer = answerOf(facts);
        if (answer === undefined) return `register ${registry} gave no answer`;
        if (answer.listed) return `the address is on register ${registry}`;
        const age = fresh(answer, atMs) ? 'fresh' : `older than the ${durationInWords(maxAge)} allowed`;
        return `the answer of register ${registry} is from ${inWords(answer.checkedAtMs)}, ${age}`;
      },
    };
  },
});
