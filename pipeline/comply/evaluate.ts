import { type Answer, consequenceOf, Evaluated } from './evaluated.ts';
import { type Facts, factReader, factsFrom } from './facts.ts';
import { inForceAt, isTimed, type Plan, planOf } from './plan.ts';
import {
  type CompiledRule,
  EFFECTS,
  type Effect,
  type Evaluation,
  type Outcome,
  type RuleSet,
  type Truth,
} from './types.ts';

/** A deferral that would reach further than this has no opening in sight. */
const HORIZON_MS = 400 * 86_400_000;
const MOST_STEPS = 2_000;

const effectiveAt = ({ rule: { effective, status } }: CompiledRule, atMs: number): boolean =>
  status === 'active' && effective.fromMs <= atMs && atMs < effective.toMs;

const ofCategory = ({ rule: { categories } }: CompiledRule, facts: Facts): boolean =>
  categories === undefined || categories.includes(facts.message.category ?? '');

/** Is it in force, and for messages of this category? */
const mayApply = (compiled: CompiledRule, facts: Facts, atMs: number): boolean =>
  effectiveAt(compiled, atMs) && ofCategory(compiled, facts);

/** Does a rule in force bind this message? Where that is unknown it does, unless the rule says to skip it. */
function concerns(compiled: CompiledRule, facts: Facts, atMs: number): boolean {
  if (!ofCategory(compiled, facts)) return false;
  if (compiled.appliesWhen === undefined) return true;
  const truth = compiled.appliesWhen.test(facts, atMs);
  return truth === 'pass' || (truth === 'unknown' && compiled.rule.onMissingData !== 'skip');
}

/** Does the rule bind this message now? */
const applies = (compiled: CompiledRule, facts: Facts, atMs: number): boolean =>
  effectiveAt(compiled, atMs) && concerns(compiled, facts, atMs);

/** One rule's answer on its own; `undefined` when it does not bind (effective dates, `appliesWhen`). */
export function evaluateRule(compiled: CompiledRule, facts: Facts, atMs: number): Truth | undefined {
  return applies(compiled, facts, atMs) ? compiled.require.test(facts, atMs) : undefined;
}

interface Round {
  /** Ids of rules that others put aside; `undefined`: none. */
  readonly aside: ReadonlySet<string> | undefined;
  /** By place in the plan's rules; `undefined`: the rule does not bind. */
  readonly results: readonly (Truth | undefined)[];
  /** Those that ask for something. */
  readonly unmet: readonly Answer[];
}

/** Rules that a rule which certainly binds puts aside; a rule that may bind puts nothing aside. */
function preemptedBy(
  candidates: readonly CompiledRule[],
  facts: Facts,
  atMs: number,
): Set<string> | undefined {
  if (candidates.length === 0) return undefined;
  const aside = new Set<string>();
  for (const compiled of candidates) {
    const certain = (compiled.appliesWhen?.test(facts, atMs) ?? 'pass') === 'pass';
    if (certain && mayApply(compiled, facts, atMs)) for (const id of compiled.rule.preempts) aside.add(id);
  }
  return aside.size === 0 ? undefined : aside;
}

/** Every rule of every pack that binds, none left out because another already failed. */
function ask(plan: Plan, facts: Facts, atMs: number): Round {
  const { rules } = plan;
  const results = new Array<Truth | undefined>(rules.length).fill(undefined);
  const unmet: Answer[] = [];
  const aside = preemptedBy(plan.preempting, facts, atMs);
  for (const index of inForceAt(plan, atMs)) {
    const compiled = rules[index]!;
    if (!concerns(compiled, facts, atMs) || aside?.has(compiled.rule.id) === true) continue;
    const result = compiled.require.test(facts, atMs);
    results[index] = result;
    if (result === 'pass') continue;
    const consequence = consequenceOf(compiled, result);
    if (consequence !== 'none') unmet.push({ compiled, result, consequence });
  }
  return { aside, results, unmet };
}

/** Does the rule keep the message waiting at this instant? */
const waits = (compiled: CompiledRule, facts: Facts, atMs: number): boolean =>
  applies(compiled, facts, atMs) && isTimed(consequenceOf(compiled, compiled.require.test(facts, atMs)));

/** The first instant after `atMs` at which this rule may answer differently; `Infinity`: only other facts can. */
export function ruleChangesAt(compiled: CompiledRule, facts: Facts, atMs: number): number {
  let next = Math.min(
    compiled.require.nextChange(facts, atMs),
    compiled.appliesWhen?.nextChange(facts, atMs) ?? Infinity,
  );
  for (const edge of [compiled.rule.effective.fromMs, compiled.rule.effective.toMs]) {
    if (edge > atMs) next = Math.min(next, edge);
  }
  return next;
}

/** The first instant from `fromMs` on at which this rule lets the message go; `Infinity`: none in sight. */
export function ruleOpensAt(compiled: CompiledRule, facts: Facts, fromMs: number): number {
  let at = fromMs;
  for (let step = 0; step < MOST_STEPS && at - fromMs <= HORIZON_MS; step++) {
    if (!waits(compiled, facts, at)) return at;
    const next = ruleChangesAt(compiled, facts, at);
    if (next === Infinity || next <= at) return Infinity;
    at = next;
  }
  return Infinity;
}

/**
 * The earliest instant at which every rule that makes messages wait lets this one go. Rules are asked as they will
 * stand then: one that comes into force in between counts, one that lapses does not.
 */
function opensAt(timed: readonly CompiledRule[], facts: Facts, nowMs: number): number {
  let at = nowMs;
  for (let step = 0; step < MOST_STEPS && at - nowMs <= HORIZON_MS; step++) {
    let next = at;
    for (const compiled of timed) next = Math.max(next, ruleOpensAt(compiled, facts, at));
    if (next === Infinity) return Infinity;
    if (next === at) return at;
    at = next;
  }
  return Infinity;
}

/**
 * Until when the rules that make messages wait keep letting this one go, given that they do at `openAtMs`.
 * @returns epoch ms; `Infinity`: no end in sight
 */
export function openUntil(ruleset: RuleSet, evaluation: Evaluation, facts: Facts, openAtMs: number): number {
  const { treatment } = evaluation;
  const current = { ...facts, message: { ...facts.message, treatment } };
  let soonest = Infinity;
  const rules = ruleset.select(facts.recipient.jurisdictions, facts.message.channel, treatment);
  for (const compiled of planOf(rules).timed) {
    soonest = Math.min(soonest, ruleChangesAt(compiled, current, openAtMs));
  }
  return soonest;
}

/** Ids by strength of what they ask for, those of equal strength in the order of the packs. */
function strongestFirst(answers: readonly Answer[]): string[] {
  if (answers.length === 1) return [answers[0]!.compiled.rule.id];
  const ids: string[] = [];
  for (const effect of EFFECTS) {
    for (const { compiled, consequence } of answers) if (consequence === effect) ids.push(compiled.rule.id);
  }
  return ids;
}

/** Effects after which the message cannot go as it is, whatever the time. */
const isFinal = (consequence: Effect | 'none'): boolean =>
  consequence === 'suppress-recipient' ||
  consequence === 'block' ||
  consequence === 'require-label' ||
  consequence === 'require-element';

function missingFacts(answers: readonly Answer[], facts: Facts): string[] {
  const missing = new Set<string>();
  for (const { compiled, result } of answers) {
    if (result !== 'unknown') continue;
    const absent = compiled.require.reads.filter((path) => {
      const value = factReader(path)(facts);
      return value === undefined || (Array.isArray(value) && value.length === 0);
    });
    // Nothing absent: what is there was too old or unusable.
    for (const path of absent.length > 0 ? absent : compiled.require.reads) missing.add(path);
  }
  return [...missing].sort();
}

/**
 * Precedence: a rule that is definitely not met blocks; failing that, a strict rule that cannot be answered holds;
 * failing that, windows and caps defer to the earliest instant that suits all of them; else it goes.
 */
function outcomeOf({ timed }: Plan, { unmet, aside }: Round, facts: Facts, nowMs: number): Outcome {
  if (unmet.length === 0) return { kind: 'send' };
  const final = unmet.filter(({ consequence }) => isFinal(consequence));
  const failed = final.filter(({ result }) => result === 'fail');
  if (failed.length > 0) {
    const suppressRecipient = failed.some(({ consequence }) => consequence === 'suppress-recipient');
    return { kind: 'block', ruleIds: strongestFirst(failed), suppressRecipient };
  }
  if (final.length > 0) {
    return { kind: 'hold', ruleIds: strongestFirst(final), missing: missingFacts(final, facts) };
  }
  const waiting = unmet.filter(({ consequence }) => isTimed(consequence));
  if (waiting.length === 0) return { kind: 'send' };
  const standing = aside === undefined ? timed : timed.filter(({ rule }) => !aside.has(rule.id));
  const untilMs = opensAt(standing, facts, nowMs);
  if (untilMs === Infinity) {
    return { kind: 'hold', ruleIds: strongestFirst(waiting), missing: missingFacts(waiting, facts) };
  }
  return { kind: 'defer', untilMs, ruleIds: strongestFirst(waiting) };
}

/**
 * Asks every rule of all packs that bind the recipient, for this message, at this instant. A pure function of its
 * arguments: no clock, no lookups; the same three give the same bytes (`canonicalJson`).
 *
 * A rule whose effect is `reclassify` and that is not met makes the treatment promotional, and everything is asked
 * again; promotional is the strictest treatment, so two rounds reach the fixed point.
 */
export function evaluate(ruleset: RuleSet, facts: Facts, nowMs: number): Evaluation {
  const { channel, treatment } = facts.message;
  const { jurisdictions } = facts.recipient;
  let plan = planOf(ruleset.select(jurisdictions, channel, treatment));
  let current = facts;
  let round = ask(plan, current, nowMs);
  const asked = [plan];
  const reclassifiedBy: string[] = [];
  const reclassifying = round.unmet.filter(({ consequence }) => consequence === 'reclassify');
  if (treatment === 'transactional' && reclassifying.length > 0) {
    for (const { compiled } of reclassifying) reclassifiedBy.push(compiled.rule.id);
    current = { ...facts, message: { ...facts.message, treatment: 'promotional' } };
    plan = planOf(ruleset.select(jurisdictions, channel, 'promotional'));
    round = ask(plan, current, nowMs);
    asked.push(plan);
  }

  const required: Evaluation['required'][number][] = [];
  const warnings: string[] = [];
  for (const { compiled, consequence } of round.unmet) {
    const { rule } = compiled;
    if (consequence === 'warn') warnings.push(rule.id);
    if (
      rule.addition !== undefined &&
      (consequence === 'require-element' || consequence === 'require-label')
    ) {
      required.push({ ruleId: rule.id, ...rule.addition });
    }
  }
  return new Evaluated(
    {
      rulesetVersion: ruleset.version,
      atMs: nowMs,
      outcome: outcomeOf(plan, round, current, nowMs),
      treatment: current.message.treatment,
      reclassifiedBy,
      required,
      warnings,
    },
    { rules: plan.rules, results: round.results, facts: current, given: facts, asked },
  );
}

/** Evaluates again from what an evaluation recorded; equal bytes prove that nothing else went into it. */
export function replay(ruleset: RuleSet, recorded: Pick<Evaluation, 'facts' | 'atMs'>): Evaluation {
  return evaluate(ruleset, factsFrom(recorded.facts), recorded.atMs);
}
