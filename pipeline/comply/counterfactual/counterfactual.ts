import { evaluate, ruleChangesAt } from '../evaluate.ts';
import type { Facts } from '../facts.ts';
import { zonesOfCountry } from '../place/zones.ts';
import type { CompiledRule, Evaluation, RuleSet } from '../types.ts';
import { type Repair, repairsOf } from './repair.ts';

/** The smallest change of facts that was found to let a message through. */
export interface Counterfactual {
  /** In plain words; all of them together. */
  readonly changes: readonly string[];
  /** When it would go then, epoch ms. */
  readonly atMs: number;
}

const MOST_STEPS = 400;
const HORIZON_MS = 400 * 86_400_000;
/** Sets of up to so many changes are all tried; larger ones are found by leaving out what is not needed. */
const TRIED_SIZE = 3;
const MOST_CANDIDATES = 14;

const isFinal = (consequence: string): boolean =>
  consequence === 'suppress-recipient' || consequence === 'block' || consequence.startsWith('require-');

/**
 * The earliest instant from `nowMs` on at which the rules would let a message of these facts go.
 * @returns epoch ms; `Infinity`: not while the facts stay as they are
 */
export function earliestAllowed(ruleset: RuleSet, facts: Facts, nowMs: number): number {
  const rules = new Map(ruleset.rules.map((compiled) => [compiled.rule.id, compiled]));
  let at = nowMs;
  for (let step = 0; step < MOST_STEPS && at - nowMs <= HORIZON_MS; step++) {
    const evaluation = evaluate(ruleset, facts, at);
    const { outcome } = evaluation;
    if (outcome.kind === 'send') return at;
    if (outcome.kind === 'defer') {
      at = outcome.untilMs;
      continue;
    }
    // What forbids it may lapse: an entry that ends, a registration that begins, a rule that goes out of force.
    let next = Infinity;
    for (const ruleId of [...outcome.ruleIds, ...evaluation.reclassifiedBy]) {
      const compiled = rules.get(ruleId);
      if (compiled !== undefined) next = Math.min(next, ruleChangesAt(compiled, facts, at));
    }
    if (next === Infinity || next <= at) return Infinity;
    at = next;
  }
  return Infinity;
}

/** The recipient's zone found out: what a rule that does not know it waits for. */
const zoneKnown: Repair = {
  words: "the recipient's time zone is known",
  apply: (facts) => {
    const country = facts.recipient.jurisdictions.find((code) => code.length === 2) ?? '';
    const zone = zonesOfCountry(country)[0] ?? 'Etc/UTC';
    return { ...facts, recipient: { ...facts.recipient, zones: [zone] } };
  },
};

function standingInTheWay(ruleset: RuleSet, evaluation: Evaluation): CompiledRule[] {
  const ids = new Set([
    ...evaluation.verdicts.filter(({ consequence }) => isFinal(consequence)).map(({ ruleId }) => ruleId),
    ...evaluation.reclassifiedBy,
  ]);
  return ruleset.rules.filter(({ rule }) => ids.has(rule.id));
}

const unique = (repairs: readonly Repair[]): Repair[] => [
  ...new Map(repairs.map((repair) => [repair.words, repair])).values(),
];

/** Every set of `size` of the items, in order. */
function* subsets<T>(items: readonly T[], size: number, from = 0): Generator<T[]> {
  if (size === 0) yield [];
  else {
    for (let i = from; i <= items.length - size; i++) {
      for (const rest of subsets(items, size - 1, i + 1)) yield [items[i]!, ...rest];
    }
  }
}

/**
 * The smallest set of changes, among those that the rules in the way suggest, after which the message would go, now or
 * when the next window opens. Every answer has been tried on the rules, never guessed. Sets of up to three changes are
 * tried all; beyond that the answer is one from which nothing can be left out.
 * @returns `undefined`: none was found, or the message goes as it is
 */
export function smallestChange(
  ruleset: RuleSet,
  facts: Facts,
  nowMs: number,
  evaluation: Evaluation = evaluate(ruleset, facts, nowMs),
): Counterfactual | undefined {
  if (evaluation.outcome.kind === 'send' || evaluation.outcome.kind === 'defer') return undefined;
  const alternatives = standingInTheWay(ruleset, evaluation).map((compiled) => repairsOf(compiled));
  const zoneless = facts.recipient.zones.length === 0 ? [zoneKnown] : [];
  const candidates = [...unique(alternatives.flat(2)), ...zoneless].slice(0, MOST_CANDIDATES);

  const opens = (repairs: readonly Repair[]): number | undefined => {
    const changed = repairs.reduce((before, repair) => repair.apply(before, nowMs), facts);
    const { outcome } = evaluate(ruleset, changed, nowMs);
    if (outcome.kind === 'send') return nowMs;
    return outcome.kind === 'defer' ? outcome.untilMs : undefined;
  };
  const answer = (repairs: readonly Repair[], atMs: number): Counterfactual => ({
    changes: repairs.map(({ words }) => words),
    atMs,
  });

  for (let size = 1; size <= Math.min(TRIED_SIZE, candidates.length); size++) {
    for (const some of subsets(candidates, size)) {
      const atMs = opens(some);
      if (atMs !== undefined) return answer(some, atMs);
    }
  }
  let kept = [...unique(alternatives.flatMap((choices) => choices[0] ?? [])), ...zoneless];
  if (opens(kept) === undefined) {
    kept = [...unique(alternatives.flat(2)), ...zoneless];
    if (opens(kept) === undefined) return undefined;
  }
  for (const repair of [...kept]) {
    const fewer = kept.filter((one) => one !== repair);
    if (opens(fewer) !== undefined) kept = fewer;
  }
  return answer(kept, opens(kept)!);
}
