import { z } from 'zod';
import { factReader } from '../facts.ts';
import { definePredicate, never } from './define.ts';
import { checkPattern, matcher, patternSchema } from './pattern.ts';

const schema = z
  .strictObject({ pattern: patternSchema, ignoreCase: z.boolean().optional() })
  .superRefine(checkPattern);

/** Met when the *whole* sender identity (number, short code, header) has the form. Unknown without one. */
export const senderIdMatches = definePredicate({
  name: 'senderIdMatches',
  schema,
  compile({ pattern, ignoreCase }) {
    const read = factReader('sender.id');
    const form = matcher(pattern, { whole: true, ignoreCase });
    return {
      reads: ['sender.id'],
      test(facts) {
        const id = read(facts);
        if (typeof id !== 'string' || id === '') return 'unknown';
        return form(id) ? 'pass' : 'fail';
      },
      nextChange: never,
      explain: (facts) => `the sender is "${String(read(facts) ?? '')}"`,
    };
  },
});
