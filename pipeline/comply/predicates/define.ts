import { z } from 'zod';
import { FIELDS, type FieldType, nearest } from '../fields.ts';
import { type Duration, parseDuration } from '../language/duration.ts';
import type { HolidayTest } from '../time/window.ts';
import type { Compiled, Need, PredicateNode } from '../types.ts';

/** What a predicate may use while it is compiled. */
export interface CompileContext {
  compile(node: PredicateNode): Compiled;
  /** The calendar of that name in the pack or one it extends; `undefined` when there is none. */
  calendar(name: string): HolidayTest | undefined;
  /** Margin before the end of a window, ms. */
  readonly latencyMarginMs: number;
  /** Collects what the pipeline must look up; called by predicates that need a lookup. */
  need(what: Need): unknown;
}

/** One predicate of the rule language: a name, the shape of its arguments, and how it becomes closures. */
export interface PredicateDefinition {
  readonly name: string;
  /** Checks the arguments; the pack loader turns its issues into file, rule and line. */
  readonly schema: z.ZodType;
  /** Predicates inside the arguments, with the path that leads to each; checked by the loader as well. */
  children(args: unknown): readonly { readonly path: readonly (string | number)[]; readonly node: unknown }[];
  compile(args: unknown, context: CompileContext): Compiled;
}

/** Ties the type of the arguments to their schema, so that `compile` receives what `schema` let through. */
export function definePredicate<S extends z.ZodType>(definition: {
  readonly name: string;
  readonly schema: S;
  readonly children?: (args: z.output<S>) => { path: (string | number)[]; node: unknown }[];
  readonly compile: (args: z.output<S>, context: CompileContext) => Compiled;
}): PredicateDefinition {
  const parse = (args: unknown): z.output<S> => definition.schema.parse(args);
  return Object.freeze({
    name: definition.name,
    schema: definition.schema,
    children: (args: unknown) => definition.children?.(parse(args)) ?? [],
    compile: (args: unknown, context: CompileContext) => definition.compile(parse(args), context),
  });
}

/** Answers that only new facts can change. */
export const never = (): number => Infinity;

/** An ISO 8601 duration in a pack. */
export const durationSchema = z.string().transform((text, context): Duration => {
  const duration = parseDuration(text);
  if (duration !== undefined) return duration;
  context.addIssue({
    code: 'custom',
    message: `"${text}" is not an ISO 8601 duration such as P31D or PT24H`,
  });
  return z.NEVER;
});

/** Path of a fact that the catalogue lists, of one of these types. */
export const fieldSchema = (...types: FieldType[]) =>
  z.string().superRefine((path, context) => {
    const type = FIELDS.get(path);
    if (type === undefined) {
      const near = nearest(path, FIELDS.keys());
      context.addIssue({
        code: 'custom',
        message: `unknown field "${path}"${near === undefined ? '' : `; did you mean ${near}?`}`,
      });
    } else if (types.length > 0 && !types.includes(type)) {
      context.addIssue({ code: 'custom', message: `${path} is ${type}, needed is ${types.join(' or ')}` });
    }
  });

/** A name of a register, event, list, detector... */
export const nameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be lower-case words joined by dashes');

/** One word or several. */
export const wordsSchema = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value): readonly string[] => (typeof value === 'string' ? [value] : value));

/** An instant as people read it: `2026-03-08 12:00 UTC`. */
export const inWords = (atMs: number): string =>
  `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
