import { z } from 'zod';
import { nearest } from '../fields.ts';
import { PREDICATES } from '../predicates/index.ts';
import { CHANNELS, EFFECTS, LAYERS } from '../types.ts';
import { parseDuration } from './duration.ts';

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-01-31');
const instant = z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-01-31T09:00:00Z' });
const words = z.string().trim().min(1, 'must not be empty');

const predicate = z
  .record(z.string(), z.unknown())
  .superRefine((node, context) => checkNode(node, [], context));

/** Reports what is wrong with a predicate tree, at the place where it is wrong. */
function checkNode(
  node: unknown,
  path: readonly (string | number)[],
  context: { addIssue(issue: { code: 'custom'; message: string; path: (string | number)[] }): void },
): void {
  const wrong = (message: string, at: readonly (string | number)[] = path): void =>
    context.addIssue({ code: 'custom', message, path: [...at] });
  if (node === null || typeof node !== 'object' || Array.isArray(node)) {
    wrong('a predicate is one key, its name, with its arguments');
    return;
  }
  const names = Object.keys(node);
  const name = names[0];
  if (name === undefined || names.length > 1) {
    wrong(`a predicate has exactly one key, found ${names.length === 0 ? 'none' : names.join(', ')}`);
    return;
  }
  const definition = PREDICATES.get(name);
  if (definition === undefined) {
    const near = nearest(name, PREDICATES.keys());
    const help =
      near === undefined ? `known are ${[...PREDICATES.keys()].join(', ')}` : `did you mean ${near}?`;
    wrong(`unknown predicate "${name}"; ${help}`, [...path, name]);
    return;
  }
  const args = (node as Record<string, unknown>)[name];
  const parsed = definition.schema.safeParse(args);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      wrong(`${name}: ${issue.message}`, [
        ...path,
        name,
        ...issue.path.map((step) => step as string | number),
      ]);
    }
    return;
  }
  for (const child of definition.children(args))
    checkNode(child.node, [...path, name, ...child.path], context);
}

const example = z.strictObject({
  name: words,
  expect: z.enum(['allow', 'deny', 'unknown', 'not-applicable']),
  at: instant.default('2026-07-15T16:00:00Z'),
  until: instant.optional(),
  facts: z.record(z.string(), z.unknown()).default({}),
});

const ruleId = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)+$/, 'must be lower-case words joined by dashes');

const rule = z
  .strictObject({
    id: ruleId,
    title: words,
    basis: words,
    reference: z.strictObject({
      kind: z.enum(['lookup', 'lookup+knowledge', 'knowledge']),
      of: z.array(words).default([]),
    }),
    layer: z.enum(LAYERS),
    confidence: z.enum(['high', 'medium', 'low']),
    needsVerification: z.boolean(),
    doubt: words.optional(),
    jurisdiction: z
      .string()
      .regex(/^([A-Z]{2}(-[A-Z0-9]{1,3})?|\*)$/, 'must be a code such as US or US-FL, ZZ, or *')
      .optional(),
    channels: z.array(z.enum(CHANNELS)).min(1),
    treatment: z.enum(['transactional', 'promotional', 'both']),
    categories: z.array(words).min(1).optional(),
    status: z.enum(['active', 'vacated', 'repealed']).default('active'),
    preempts: z.array(ruleId).default([]),
    effective: z.strictObject({ from: date, to: date.optional() }),
    appliesWhen: predicate.optional(),
    require: predicate,
    effect: z.enum(EFFECTS),
    onMissingData: z.enum(['strict', 'warn', 'skip']),
    addition: z.strictObject({ what: words, autoInsert: z.boolean() }).optional(),
    explanation: words,
    examples: z.array(example),
  })
  .superRefine((value, context) => {
    const wrong = (message: string, ...path: string[]): void =>
      context.addIssue({ code: 'custom', message, path });
    for (const kind of ['allow', 'deny'] as const) {
      if (!value.examples.some((item) => item.expect === kind)) {
        wrong(`needs at least one example with "expect: ${kind}"`, 'examples');
      }
    }
    const adds = value.effect === 'require-element' || value.effect === 'require-label';
    if (adds !== (value.addition !== undefined)) {
      wrong(
        adds ? `${value.effect} must say what to add` : 'only require-element and require-label add',
        'addition',
      );
    }
    const { from, to } = value.effective;
    if (to !== undefined && to <= from) wrong('must be later than "from"', 'effective', 'to');
    if (value.confidence !== 'high' && !value.needsVerification) {
      wrong(`must be true where confidence is ${value.confidence}`, 'needsVerification');
    }
    const names = new Set<string>();
    for (const [index, { name }] of value.examples.entries()) {
      if (names.has(name)) {
        context.addIssue({
          code: 'custom',
          message: `two examples are called "${name}"`,
          path: ['examples', index],
        });
      }
      names.add(name);
    }
  });

const calendar = z.strictObject({
  library: z.array(z.string()).min(1).max(3).optional(),
  add: z.array(date).default([]),
  remove: z.array(date).default([]),
  years: z.tuple([z.number().int(), z.number().int()]),
});

const packId = z.string().regex(/^[a-z]+(-[a-z]+)*$/, 'must be lower-case words joined by dashes');

/** A pack file. Dates are local to nothing: `effective` switches at midnight UTC. */
export const packSchema = z.strictObject({
  pack: packId,
  title: words,
  /** Default of its rules' `jurisdiction`. */
  jurisdiction: z.string().regex(/^([A-Z]{2}|\*)$/, 'must be a country such as US, or ZZ, or *'),
  extends: z.array(packId).default([]),
  without: z.array(z.strictObject({ rule: ruleId, because: words })).default([]),
  members: z.array(z.string().regex(/^[A-Z]{2}$/, 'must be a country such as DE')).default([]),
  /** How long decisions that its rules bound are kept; absent: 5 years. */
  retention: z
    .string()
    .refine((text) => parseDuration(text) !== undefined, 'must be a duration such as P5Y')
    .optional(),
  calendars: z.record(z.string(), calendar).default({}),
  rules: z.array(rule).min(1),
});

export type PackFile = z.output<typeof packSchema>;
