import { z } from 'zod';
import { factReader } from '../facts.ts';
import { definePredicate, never } from './define.ts';
import { whyUnsafe } from './pattern.ts';

const schema = z.strictObject({
  pattern: z.string().superRefine((pattern, context) => {
    const why = whyUnsafe(pattern);
    if (why !== undefined) context.addIssue({ code: 'custom', message: why });
  }),
});

/** Met when the whole sender identity (number, short code, header) has the form. Unknown without one. */
export const senderIdMatches = definePredicate({
  name: 'senderIdMatches',
  schema,
  compile({ pattern }) {
    const read = factReader('sender.id');
    const form = new RegExp(`^(?:${pattern})$`, 'u');
    return {
      reads: ['sender.id'],
      test(facts) {
        const id = read(facts);
        if (typeof id !== 'string' || id === '') return 'unknown';
        return form.test(id) ? 'pass' : 'fail';
      },
      nextChange: never,
      explain: (facts) => `the sender is "${String(read(facts) ?? '')}"`,
    };
  },
});
