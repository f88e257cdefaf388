import { z } from 'zod';
import type { Facts } from '../facts.ts';
import type { Compiled, PredicateNode, Truth } from '../types.ts';
import { definePredicate } from './define.ts';

const nodes = z.array(z.record(z.string(), z.unknown())).min(1);
const childrenOf = (args: readonly unknown[]) => args.map((node, index) => ({ path: [index], node }));
const readsOf = (parts: readonly Compiled[]): string[] => parts.flatMap((part) => part.reads);

const soonest =
  (parts: readonly Compiled[]) =>
  (facts: Facts, atMs: number): number => {
    let next = Infinity;
    for (const part of parts) next = Math.min(next, part.nextChange(facts, atMs));
    return next;
  };

/** Met when every part is; unknown when a part is unknown and none fails. */
export const all = definePredicate({
  name: 'all',
  schema: nodes,
  children: childrenOf,
  compile(args, context) {
    const parts = args.map((node) => context.compile(node as PredicateNode));
    return {
      reads: readsOf(parts),
      test(facts, atMs): Truth {
        let result: Truth = 'pass';
        for (const part of parts) {
          const truth = part.test(facts, atMs);
          if (truth === 'fail') return 'fail';
          if (truth === 'unknown') result = 'unknown';
        }
        return result;
      },
      nextChange: soonest(parts),
      explain: (facts, atMs) =>
        parts
          .filter((part) => part.test(facts, atMs) !== 'pass')
          .map((part) => part.explain(facts, atMs))
          .join('; '),
    };
  },
});

/** Met when one part is; unknown when none is but one may be. */
export const any = definePredicate({
  name: 'any',
  schema: nodes,
  children: childrenOf,
  compile(args, context) {
    const parts = args.map((node) => context.compile(node as PredicateNode));
    return {
      reads: readsOf(parts),
      test(facts, atMs): Truth {
        let result: Truth = 'fail';
        for (const part of parts) {
          const truth = part.test(facts, atMs);
          if (truth === 'pass') return 'pass';
          if (truth === 'unknown') result = 'unknown';
        }
        return result;
      },
      nextChange: soonest(parts),
      explain: (facts, atMs) => parts.map((part) => part.explain(facts, atMs)).join(', and '),
    };
  },
});

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
