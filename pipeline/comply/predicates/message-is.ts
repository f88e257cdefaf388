import { z } from 'zod';
import { factReader } from '../facts.ts';
import { CHANNELS } from '../types.ts';
import { definePredicate, never, wordsSchema } from './define.ts';

const schema = z
  .strictObject({
    treatment: z.enum(['transactional', 'promotional']).optional(),
    class: z.enum(['transactional', 'promotional']).optional(),
    channel: z.union([z.enum(CHANNELS), z.array(z.enum(CHANNELS)).min(1)]).optional(),
    category: wordsSchema.optional(),
    purpose: wordsSchema.optional(),
    exemption: wordsSchema.optional(),
    template: wordsSchema.optional(),
    emergency: z.boolean().optional(),
    mixed: z.boolean().optional(),
    firstAfterOptIn: z.boolean().optional(),
    firstMarketing: z.boolean().optional(),
  })
  .refine(
    (args) => Object.values(args).some((value) => value !== undefined),
    'must name at least one property',
  );

/**
 * Is the message of this kind? All named properties must agree. What the sender did not state (category, purpose,
 * exemption, emergency) is not the case: nobody gets an exception by silence. Where silence must count against the
 * message (`mixed`, `firstMarketing`), ask with `field`, which is unknown then.
 */
export const messageIs = definePredicate({
  name: 'messageIs',
  schema,
  compile(args) {
    const checks = Object.entries(args)
      .filter(([, wanted]) => wanted !== undefined)
      .map(([name, wanted]) => ({
        name,
        path: `message.${name}`,
        read: factReader(`message.${name}`),
        wanted: (Array.isArray(wanted) ? wanted : [wanted]) as readonly unknown[],
      }));
    return {
      reads: checks.map((check) => check.path),
      test(facts) {
        for (const { wanted, read } of checks) if (!wanted.includes(read(facts))) return 'fail';
        return 'pass';
      },
      nextChange: never,
      explain: (facts) =>
        checks
          .map(({ name, read, wanted }) => {
            const found = read(facts);
            return `the message's ${name} is ${found === undefined ? 'not stated' : String(found)} (asked for: ${wanted.join(' or ')})`;
          })
          .join(', '),
    };
  },
});
