import { z } from 'zod';
import { factReader } from '../facts.ts';
import type { Truth } from '../types.ts';
import { definePredicate, factPathSchema, never } from './define.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
type Scalar = z.infer<typeof scalar>;

/** What an absent fact means: unknown, or, where the rule grants an exception, that the exception is not claimed. */
const absent = z.enum(['unknown', 'fail']).default('unknown');

const schema = z.discriminatedUnion('is', [
  z.strictObject({ path: factPathSchema, is: z.enum(['==', '!=']), value: scalar, absent }),
  z.strictObject({ path: factPathSchema, is: z.enum(['<', '<=', '>', '>=']), value: z.number(), absent }),
  z.strictObject({
    path: factPathSchema,
    is: z.enum(['in', 'not-in']),
    value: z.array(scalar).min(1),
    absent,
  }),
]);
type Args = z.output<typeof schema>;

function holds(args: Args, found: unknown): boolean | undefined {
  switch (args.is) {
    case '==':
      return found === args.value;
    case '!=':
      return found !== args.value;
    case 'in':
      return args.value.includes(found as Scalar);
    case 'not-in':
      return !args.value.includes(found as Scalar);
    case '<':
      return typeof found === 'number' ? found < args.value : undefined;
    case '<=':
      return typeof found === 'number' ? found <= args.value : undefined;
    case '>':
      return typeof found === 'number' ? found > args.value : undefined;
    case '>=':
      return typeof found === 'number' ? found >= args.value : undefined;
  }
}

/** Compares one fact with a value. A fact that is absent, or no number where one is needed, is unknown. */
export const field = definePredicate({
  name: 'field',
  schema,
  compile(args) {
    const read = factReader(args.path);
    return {
      reads: [args.path],
      test(facts): Truth {
        const found = read(facts);
        const held = found === undefined || found === null ? undefined : holds(args, found);
        return held === undefined ? args.absent : held ? 'pass' : 'fail';
      },
      nextChange: never,
      explain(facts) {
        const found = read(facts);
        return `${args.path} is ${found === undefined ? 'not known' : JSON.stringify(found)}`;
      },
    };
  },
});
