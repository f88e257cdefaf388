import type { JsonValue } from '../../models/base/json.ts';
import { type Facts, factReader, factsFrom, snapshotFacts } from './facts.ts';
import {
  type CompiledRule,
  EFFECTS,
  type Effect,
  type Evaluation,
  type Outcome,
  type RuleSet,
  type RuleVerdict,
  type Truth,
} from './types.ts';

/** A deferral that would reach further than this has no opening in sight. */
const HORIZON_MS = 400 * 86_400_000;
const MOST_STEPS = 2_000;

const effectiveAt = ({ rule: { effective, status } }: CompiledRule, atMs: number): boolean =>
  status === 'active' && effective.fromMs <= atMs && atMs < effective.toMs;

/** Is it in force, and for messages of this category? */
function mayApply(compiled: CompiledRule, facts: Facts, atMs: number): boolean {
  const { categories } = compiled.rule;
  return (
    effectiveAt(compiled, atMs) &&
    (categories === undefined || categories.includes(facts.message.category ?? ''))
  );
}

/** Does the rule bind this message now? Where that is unknown it does, unless the rule says to skip it. */
function applies(compiled: CompiledRule, facts: Facts, atMs: number): boolean {
  if (!mayApply(compiled, facts, atMs)) return false;
  const truth = compiled.appliesWhen?.test(facts, atMs) ?? 'pass';
  return truth === 'pass' || (truth === 'unknown' && compiled.rule.onMissingData !== 'skip');
}

/** One rule's answer on its own; `undefined` when it does not bind (effective dates, `appliesWhen`). */
export function evaluateRule(compiled: CompiledRule, facts: Facts, atMs: number): Truth | undefined {
  return applies(compiled, facts, atMs) ? compiled.require.test(facts, atMs) : undefined;
}

/** What an answer asks for, after `onMissingData`. */
function consequenceOf({ rule }: CompiledRule, result: Truth): Effect | 'none' {
  switch (result) {
    case 'pass':
      return 'none';
    case 'fail':
      return rule.effect;
    case 'unknown':
      return rule.onMissingData === 'strict' ? rule.effect : rule.onMissingData === 'warn' ? 'warn' : 'none';
  }
}

const sentence = (clause: string): string =>
  clause === '' ? '' : ` ${clause[0]!.toUpperCase()}${clause.slice(1)}.`;

/** What a reader must know of a rule that is not certain. */
const doubtOf = ({ confidence, needsVerification }: CompiledRule['rule']): string =>
  needsVerification
    ? ` (Applied in its strict reading: the rule awaits verification; confidence ${confidence}.)`
    : '';

function explain(compiled: CompiledRule, result: Truth, facts: Facts, atMs: number): string {
  const { rule, require } = compiled;
  const doubt = doubtOf(rule);
  switch (result) {
    case 'pass':
      return `Met. ${rule.explanation}${doubt}`;
    case 'fail':
      return `Not met. ${rule.explanation}${sentence(require.explain(facts, atMs))}${doubt}`;
    case 'unknown':
      return `Not known. ${rule.explanation}${sentence(require.explain(facts, atMs))}${doubt}`;
  }
}

interface Answer {
  readonly compiled: CompiledRule;
  readonly result: Truth;
  readonly consequence: Effect | 'none';
}

interface Round {
  /** Ids of rules that others put aside; `undefined`: none. */
  readonly aside: ReadonlySet<string> | undefined;
  readonly answers: readonly Answer[];
  /** Those that ask for something. */
  readonly unmet: readonly Answer[];
  readonly notApplicable: readonly string[];
}

const preemptive = new WeakMap<readonly CompiledRule[], readonly CompiledRule[]>();

/** Rules that a rule which certainly binds puts aside; a rule that may bind puts nothing aside. */
function preemptedBy(rules: readonly CompiledRule[], facts: Facts, atMs: number): Set<string> | undefined {
  let candidates = preemptive.get(rules);
  if (candidates === undefined) {
    candidates = rules.filter(({ rule }) => rule.preempts.length > 0);
    preemptive.set(rules, candidates);
  }
  if (candidates.length === 0) return undefined;
  const aside = new Set<string>();
  for (const compiled of candidates) {
    const certain = (compiled.appliesWhen?.test(facts, atMs) ?? 'pass') === 'pass';
    if (certain && mayApply(compiled, facts, atMs)) for (const id of compiled.rule.preempts) aside.add(id);
  }
  return aside.size === 0 ? undefined : aside;
}

/** Every rule of every pack that binds, none left out because another already failed. */
function ask(rules: readonly CompiledRule[], facts: Facts, atMs: number): Round {
  const answers: Answer[] = [];
  const unmet: Answer[] = [];
  const notApplicable: string[] = [];
  const aside = preemptedBy(rules, facts, atMs);
  for (const compiled of rules) {
    if (aside?.has(compiled.rule.id) === true || !applies(compiled, facts, atMs)) {
      notApplicable.push(compiled.rule.id);
      continue;
    }
    const result = compiled.require.test(facts, atMs);
    const answer = { compiled, result, consequence: consequenceOf(compiled, result) };
    answers.push(answer);
    if (answer.consequence !== 'none') unmet.push(answer);
  }
  return { aside, answers, unmet, notApplicable };
}

const isTimed = (consequence: Effect | 'none'): boolean => consequence === 'defer' || consequence === 'cap';

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
function opensAt(rules: readonly CompiledRule[], facts: Facts, nowMs: number): number {
  const timed = rules.filter(({ rule }) => isTimed(rule.effect));
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
  for (const compiled of ruleset.select(facts.recipient.jurisdictions, facts.message.channel, treatment)) {
    if (isTimed(compiled.rule.effect))
      soonest = Math.min(soonest, ruleChangesAt(compiled, current, openAtMs));
  }
  return soonest;
}

const strongestFirst = (answers: readonly Answer[]): string[] =>
  answers
    .map((answer, index) => ({ id: answer.compiled.rule.id, rank: rankOf(answer.consequence), index }))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ id }) => id);

const rankOf = (consequence: Effect | 'none'): number =>
  consequence === 'none' ? EFFECTS.length : EFFECTS.indexOf(consequence);

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
function outcomeOf(
  rules: readonly CompiledRule[],
  { unmet, aside }: Round,
  facts: Facts,
  nowMs: number,
): Outcome {
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
  const standing = aside === undefined ? rules : rules.filter(({ rule }) => !aside.has(rule.id));
  const untilMs = opensAt(standing, facts, nowMs);
  if (untilMs === Infinity) {
    return { kind: 'hold', ruleIds: strongestFirst(waiting), missing: missingFacts(waiting, facts) };
  }
  return { kind: 'defer', untilMs, ruleIds: strongestFirst(waiting) };
}

const ALWAYS_READ = [
  'message.category',
  'message.channel',
  'message.treatment',
  'recipient.jurisdictions',
  'recipient.zoneBasis',
  'recipient.zones',
];
type Readers = readonly (readonly [string, ReturnType<typeof factReader>])[];
const readersOf = new WeakMap<readonly CompiledRule[], Readers>();

function readersFor(rules: readonly CompiledRule[]): Readers {
  let readers = readersOf.get(rules);
  if (readers === undefined) {
    const paths = [...new Set([...ALWAYS_READ, ...rules.flatMap((rule) => rule.reads)])].sort();
    readers = paths.map((path) => [path, factReader(path)] as const);
    readersOf.set(rules, readers);
  }
  return readers;
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
  let rules = ruleset.select(jurisdictions, channel, treatment);
  let current = facts;
  let round = ask(rules, current, nowMs);
  const asked = [rules];
  const reclassifiedBy: string[] = [];
  const reclassifying = round.unmet.filter(({ consequence }) => consequence === 'reclassify');
  if (treatment === 'transactional' && reclassifying.length > 0) {
    for (const { compiled } of reclassifying) reclassifiedBy.push(compiled.rule.id);
    current = { ...facts, message: { ...facts.message, treatment: 'promotional' } };
    rules = ruleset.select(jurisdictions, channel, 'promotional');
    round = ask(rules, current, nowMs);
    asked.push(rules);
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
  const { answers } = round;
  let verdicts: readonly RuleVerdict[] | undefined;
  let snapshot: Record<string, JsonValue> | undefined;
  return {
    rulesetVersion: ruleset.version,
    atMs: nowMs,
    outcome: outcomeOf(rules, round, current, nowMs),
    treatment: current.message.treatment,
    reclassifiedBy,
    // Words and copies cost more than answers: they are made when somebody reads them, and then kept.
    get verdicts() {
      verdicts ??= answers.map((answer) => verdictOf(answer, current, nowMs));
      return verdicts;
    },
    notApplicable: round.notApplicable,
    required,
    warnings,
    get facts() {
      snapshot ??= Object.assign(
        {},
        ...asked.map((some) => snapshotFacts(facts, readersFor(some))),
      ) as Record<string, JsonValue>;
      return snapshot;
    },
  };
}

function verdictOf({ compiled, result, consequence }: Answer, facts: Facts, atMs: number): RuleVerdict {
  const { rule } = compiled;
  return {
    ruleId: rule.id,
    pack: compiled.packId,
    packVersion: compiled.packVersion,
    result,
    consequence,
    effect: rule.effect,
    basis: rule.basis,
    explanation: explain(compiled, result, facts, atMs),
    title: rule.title,
    layer: rule.layer,
    confidence: rule.confidence,
    needsVerification: rule.needsVerification,
    ...(rule.doubt === undefined ? {} : { doubt: rule.doubt }),
    reads: compiled.reads,
  };
}

/** Evaluates again from what an evaluation recorded; equal bytes prove that nothing else went into it. */
export function replay(ruleset: RuleSet, recorded: Pick<Evaluation, 'facts' | 'atMs'>): Evaluation {
  return evaluate(ruleset, factsFrom(recorded.facts), recorded.atMs);
}
