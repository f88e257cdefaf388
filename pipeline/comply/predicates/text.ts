import { z } from 'zod';
import { factReader } from '../facts.ts';
import type { Compiled, PatternSpec } from '../types.ts';
import { type CompileContext, definePredicate, never } from './define.ts';
import { checkPattern, matcher, patternSchema } from './pattern.ts';

const where = z.enum(['body', 'subject', 'subject-or-body']);
const read = factReader('message.patterns');

/** A question to the text: asked when the message is read, its answer is the fact that the rule reads. */
function question(context: CompileContext, spec: PatternSpec, words: string): Compiled {
  context.need({ pattern: spec });
  const answerOf = (found: unknown): boolean | undefined =>
    (found as Readonly<Record<string, boolean>> | undefined)?.[spec.id];
  return {
    reads: ['message.patterns'],
    test(facts) {
      const answer = answerOf(read(facts));
      return answer === undefined ? 'unknown' : answer ? 'pass' : 'fail';
    },
    nextChange: never,
    explain(facts) {
      const answer = answerOf(read(facts));
      if (answer === undefined) return `it was not looked whether ${words}`;
      return answer ? words : `it is not so that ${words}`;
    },
  };
}

const place = { body: 'the text', subject: 'the subject', 'subject-or-body': 'subject or text' } as const;
const quoted = (texts: readonly string[]): string => texts.map((text) => `"${text}"`).join(' or ');

function startsWith(context: CompileContext, any: readonly string[], at: keyof typeof place, exact: boolean) {
  const form = (text: string): string => (exact ? text : text.trimStart().toLocaleLowerCase('en'));
  const labels = any.map(form);
  return question(
    context,
    {
      id: `starts:${at}:${exact ? 'exact:' : ''}${any.join('|')}`,
      where: at,
      test: (text) => labels.some((label) => form(text).startsWith(label)),
    },
    `${place[at]} starts with ${quoted(any)}`,
  );
}

/**
 * Met when the text begins with one of the labels: after white space and in any case, unless `exact`.
 * `subject-or-body` is the subject where there is one, otherwise the text.
 */
export const textStartsWith = definePredicate({
  name: 'textStartsWith',
  schema: z.strictObject({
    any: z.array(z.string().min(1)).min(1),
    where: where.default('body'),
    exact: z.boolean().default(false),
  }),
  compile: ({ any, where: at, exact }, context) => startsWith(context, any, at, exact),
});

/** The same of the subject alone. */
export const subjectStartsWith = definePredicate({
  name: 'subjectStartsWith',
  schema: z.strictObject({ any: z.array(z.string().min(1)).min(1), exact: z.boolean().default(false) }),
  compile: ({ any, exact }, context) => startsWith(context, any, 'subject', exact),
});

/** Met when the pattern is found somewhere in the text; `^` and `$` are its ends. */
export const textMatches = definePredicate({
  name: 'textMatches',
  schema: z
    .strictObject({
      pattern: patternSchema,
      where: where.default('body'),
      ignoreCase: z.boolean().optional(),
    })
    .superRefine(checkPattern),
  compile: ({ pattern, where: at, ignoreCase }, context) =>
    question(
      context,
      {
        id: `matches:${at}:${ignoreCase === true ? 'i:' : ''}${pattern}`,
        where: at,
        test: matcher(pattern, { ignoreCase }),
      },
      `${place[at]} has the form ${pattern}`,
    ),
});

const headerName = z.string().regex(/^[A-Za-z0-9-]+$/, 'must be the name of a header');

/** Met when the e-mail header is there and has the pattern in it. */
export const headerMatches = definePredicate({
  name: 'headerMatches',
  schema: z
    .strictObject({ name: headerName, pattern: patternSchema, ignoreCase: z.boolean().optional() })
    .superRefine(checkPattern),
  compile: ({ name, pattern, ignoreCase }, context) =>
    question(
      context,
      {
        id: `header:${name.toLowerCase()}:${ignoreCase === true ? 'i:' : ''}${pattern}`,
        where: `header:${name.toLowerCase()}`,
        test: matcher(pattern, { ignoreCase }),
      },
      `header ${name} has the form ${pattern}`,
    ),
});

/** Met when the e-mail header is exactly this, white space around it apart. */
export const headerEquals = definePredicate({
  name: 'headerEquals',
  schema: z.strictObject({ name: headerName, value: z.string().min(1) }),
  compile: ({ name, value }, context) =>
    question(
      context,
      {
        id: `header-is:${name.toLowerCase()}:${value}`,
        where: `header:${name.toLowerCase()}`,
        test: (text) => text.trim() === value,
      },
      `header ${name} is "${value}"`,
    ),
});
