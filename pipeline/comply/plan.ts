import { factReader } from './facts.ts';
import type { CompiledRule, Effect } from './types.ts';

/** What can be worked out about the rules of one selection before any message is seen; made once for each. */
export interface Plan {
  readonly rules: readonly CompiledRule[];
  /** Those that put others aside. */
  readonly preempting: readonly CompiledRule[];
  /** Those that make messages wait. */
  readonly timed: readonly CompiledRule[];
  /** Getters of every fact that the rules may read, by path, sorted. */
  readonly readers: readonly (readonly [string, ReturnType<typeof factReader>])[];
  /** The latest answer of `inForceAt`. */
  inForce: InForce;
}

/** Places of the rules that are in force from `fromMs` to `toMs` (exclusive). */
interface InForce {
  readonly fromMs: number;
  readonly toMs: number;
  readonly places: readonly number[];
}

const ALWAYS_READ = [
  'message.category',
  'message.channel',
  'message.treatment',
  'recipient.jurisdictions',
  'recipient.zoneBasis',
  'recipient.zones',
];

/** Does it make a message wait, rather than forbid or change it? */
export const isTimed = (consequence: Effect | 'none'): boolean =>
  consequence === 'defer' || consequence === 'cap';

const plans = new WeakMap<readonly CompiledRule[], Plan>();

/** @param rules a selection (`RuleSet.select`): the same array for the same question */
export function planOf(rules: readonly CompiledRule[]): Plan {
  let plan = plans.get(rules);
  if (plan === undefined) {
    const paths = [...new Set([...ALWAYS_READ, ...rules.flatMap((rule) => rule.reads)])].sort();
    plan = {
      rules,
      preempting: rules.filter(({ rule }) => rule.preempts.length > 0),
      timed: rules.filter(({ rule }) => isTimed(rule.effect)),
      readers: paths.map((path) => [path, factReader(path)] as const),
      inForce: { fromMs: 0, toMs: 0, places: [] },
    };
    plans.set(rules, plan);
  }
  return plan;
}

/** Places of the rules in force at an instant, in order. Between two dates of law the answer is kept. */
export function inForceAt(plan: Plan, atMs: number): readonly number[] {
  const kept = plan.inForce;
  if (kept.fromMs <= atMs && atMs < kept.toMs) return kept.places;
  let fromMs = -Infinity;
  let toMs = Infinity;
  const places: number[] = [];
  plan.rules.forEach(({ rule: { effective, status } }, place) => {
    if (status !== 'active') return;
    for (const edge of [effective.fromMs, effective.toMs]) {
      if (edge <= atMs) fromMs = Math.max(fromMs, edge);
      else toMs = Math.min(toMs, edge);
    }
    if (effective.fromMs <= atMs && atMs < effective.toMs) places.push(place);
  });
  plan.inForce = { fromMs, toMs, places };
  return places;
}
