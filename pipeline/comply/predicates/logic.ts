import { z } from 'zod';
import type { Facts } from '../facts.ts';
import type { Compiled, PredicateNode, Truth } from '../types.ts';
import { definePredicate } from './define.ts';

const nodes = z.array(z.record(z.string(), z.unknown())).min(1);

function soonest(parts: readonly Compiled[], facts: Facts, atMs: number): number {
  let next = Infinity;
  for (const part of parts) next = Math.min(next, part.nextChange(facts, atMs));
  return next;
}

/**
 * Kleene's conjunction (`neutral` pass, `decisive` fail) or disjunction (the other way round): the decisive answer of
 * one part is the answer; without it an unknown part makes the whole unknown.
 */
const junction = (name: 'all' | 'any', neutral: 'pass' | 'fail', decisive: 'pass' | 'fail') =>
  definePredicate({
    name,
    schema: nodes,
    children: (args) => args.map((node, index) => ({ path: [index], node })),
    compile(args, context) {
      const parts = args.map((node) => context.compile(node as PredicateNode));
      return {
        reads: parts.flatMap((part) => part.reads),
        test(facts, atMs): Truth {
          let result: Truth = neutral;
          for (const part of parts) {
            const truth = part.test(facts, atMs);
            if (truth === decisive) return decisive;
            if (truth === 'unknown') result = 'unknown';
          }
          return result;
        },
        nextChange: (facts, atMs) => soonest(parts, facts, atMs),
        explain: (facts, atMs) =>
          parts
            .filter((part) => name === 'any' || part.test(facts, atMs) !== 'pass')
            .map((part) => part.explain(facts, atMs))
            .join(name === 'any' ? ', and ' : '; '),
      };
    },
  });

/** Met when every part is; unknown when a part is unknown and none fails. */
export const all = junction('all', 'pass', 'fail');

/** Met when one part is; unknown when none is but one may be. */
export const any = junction('any', 'fail', 'pass');

const NEGATION: Readonly<Record<Truth, Truth>> = { pass: 'fail', fail: 'pass', unknown: 'unknown' };

/** Met when its part is not; unknown stays unknown. */
export const not = definePredicate({
  name: 'not',
  schema: z.record(z.string(), z.unknown()),
  children: (node) => [{ path: [], node }],
  compile(node, context) {
    const part = context.compile(node as PredicateNode);
    return {
      reads: part.reads,
      test: (facts, atMs) => NEGATION[part.test(facts, atMs)],
      nextChange: part.nextChange,
      explain: (facts, atMs) => `against the rule, ${part.explain(facts, atMs)}`,
    };
  },
});
