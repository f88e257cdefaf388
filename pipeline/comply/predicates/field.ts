import { z } from 'zod';
import { factReader } from '../facts.ts';
import { FIELDS, isOfType } from '../fields.ts';
import type { Truth } from '../types.ts';
import { definePredicate, fieldSchema } from './define.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
type Scalar = z.infer<typeof scalar>;

/** What an absent fact means: unknown, or, where the rule grants an exception, that the exception is not claimed. */
const absent = z.enum(['unknown', 'fail', 'pass']).default('unknown');
const anyField = fieldSchema();
const number = fieldSchema('number', 'instant');

const schema = z
  .discriminatedUnion('is', [
    z.strictObject({
      path: anyField,
      is: z.enum(['==', '!=']),
      value: scalar.optional(),
      /** Path of another fact of the same type, in place of `value`. */
      other: anyField.optional(),
      absent,
    }),
    z.strictObject({
      path: number,
      is: z.enum(['<', '<=', '>', '>=']),
      value: z.number().optional(),
      other: number.optional(),
      absent,
    }),
    z.strictObject({ path: anyField, is: z.enum(['in', 'not-in']), value: z.array(scalar).min(1), absent }),
    /** `absent` here: what is not known; `null` or an empty list says that there is none. */
    z.strictObject({ path: anyField, is: z.enum(['present', 'absent']), absent }),
    z.strictObject({ path: fieldSchema('instant'), is: z.enum(['past', 'future']), absent }),
  ])
  .superRefine((args, context) => {
    const type = FIELDS.get(args.path);
    if (type === undefined || !('value' in args || 'other' in args)) return;
    const other = 'other' in args ? args.other : undefined;
    if ((args.value === undefined) === (other === undefined)) {
      context.addIssue({ code: 'custom', message: 'needs either "value" or "other"' });
    }
    if (other !== undefined && FIELDS.get(other) !== type) {
      context.addIssue({
        code: 'custom',
        message: `${other} is not ${type} like ${args.path}`,
        path: ['other'],
      });
    }
    for (const value of args.value === undefined ? [] : [args.value].flat()) {
      if (!isOfType(type === 'words' ? 'text' : type, value)) {
        context.addIssue({
          code: 'custom',
          message: `${JSON.stringify(value)} is not ${type} like ${args.path}`,
          path: ['value'],
        });
      }
    }
  });
type Args = z.output<typeof schema>;

/** Is one of a list's words the value? Elsewhere plain equality. */
const equal = (found: unknown, wanted: unknown): boolean =>
  Array.isArray(found) ? found.includes(wanted) : found === wanted;

function holds(args: Args, found: unknown, wanted: unknown, atMs: number): boolean | undefined {
  switch (args.is) {
    case '==':
      return equal(found, wanted);
    case '!=':
      return !equal(found, wanted);
    case 'in':
      return args.value.some((value: Scalar) => equal(found, value));
    case 'not-in':
      return !args.value.some((value: Scalar) => equal(found, value));
    case 'present':
      return true;
    case 'absent':
      return false;
  }
  if (typeof found !== 'number' || Number.isNaN(found)) return undefined;
  if (args.is === 'past') return found <= atMs;
  if (args.is === 'future') return found > atMs;
  if (typeof wanted !== 'number') return undefined;
  switch (args.is) {
    case '<':
      return found < wanted;
    case '<=':
      return found <= wanted;
    case '>':
      return found > wanted;
    case '>=':
      return found >= wanted;
  }
}

/**
 * Compares one fact with a value, or with another fact. A fact that is absent, or no number where one is needed, is
 * unknown unless `absent` says otherwise. `present` is met when there is something, unknown when nobody asked.
 */
export const field = definePredicate({
  name: 'field',
  schema,
  compile(args) {
    const read = factReader(args.path);
    const other = 'other' in args ? args.other : undefined;
    const readOther = other === undefined ? undefined : factReader(other);
    const value = 'value' in args ? args.value : undefined;
    const timed = args.is === 'past' || args.is === 'future';
    const ifAbsent = args.absent;
    return {
      reads: other === undefined ? [args.path] : [args.path, other],
      test(facts, atMs): Truth {
        const found = read(facts);
        if (found === null || (Array.isArray(found) && found.length === 0)) {
          if (args.is === 'present') return 'fail';
          if (args.is === 'absent') return 'pass';
        }
        const wanted = readOther === undefined ? value : readOther(facts);
        if (readOther !== undefined && (wanted === undefined || wanted === null)) return ifAbsent;
        const held = found === undefined || found === null ? undefined : holds(args, found, wanted, atMs);
        return held === undefined ? ifAbsent : held ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const found = read(facts);
        return timed && typeof found === 'number' && found > atMs ? found : Infinity;
      },
      explain(facts) {
        const found = read(facts);
        const asked =
          other !== undefined
            ? ` (asked for: ${args.is} ${other})`
            : value === undefined
              ? ` (asked for: ${args.is})`
              : ` (asked for: ${args.is} ${[value].flat().join(' or ')})`;
        return `${args.path} is ${found === undefined ? 'not known' : JSON.stringify(found)}${asked}`;
      },
    };
  },
});

/** Met when two facts agree, where `map` gives the word of the second for each word of the first. */
export const equals = definePredicate({
  name: 'equals',
  schema: z.strictObject({
    a: fieldSchema('text'),
    b: fieldSchema('text'),
    map: z.record(z.string(), z.string()).optional(),
  }),
  compile({ a, b, map }) {
    const readA = factReader(a);
    const readB = factReader(b);
    return {
      reads: [a, b],
      test(facts): Truth {
        const left = readA(facts);
        const right = readB(facts);
        if (typeof left !== 'string' || typeof right !== 'string') return 'unknown';
        return (map === undefined ? left : (map[left] ?? left)) === right ? 'pass' : 'fail';
      },
      nextChange: () => Infinity,
      explain: (facts) =>
        `${a} is ${JSON.stringify(readA(facts) ?? 'not known')} and ${b} is ${JSON.stringify(readB(facts) ?? 'not known')} (they must agree)`,
    };
  },
});
