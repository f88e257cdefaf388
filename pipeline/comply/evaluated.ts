import { type Facts, snapshotFacts } from './facts.ts';
import type { Plan } from './plan.ts';
import type { CompiledRule, Effect, Evaluation, JsonValue, RuleVerdict, Truth } from './types.ts';

/** What an answer asks for, after `onMissingData`. */
export function consequenceOf({ rule }: CompiledRule, result: Truth): Effect | 'none' {
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

function verdictOf(compiled: CompiledRule, result: Truth, facts: Facts, atMs: number): RuleVerdict {
  const { rule } = compiled;
  return {
    ruleId: rule.id,
    pack: compiled.packId,
    packVersion: compiled.packVersion,
    result,
    consequence: consequenceOf(compiled, result),
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

/** One rule's answer, without its words. */
export interface Answer {
  readonly compiled: CompiledRule;
  readonly result: Truth;
  readonly consequence: Effect | 'none';
}

/** What the rules answered, and about what. */
interface Answers {
  readonly rules: readonly CompiledRule[];
  /** By place in `rules`; `undefined`: the rule does not bind. */
  readonly results: readonly (Truth | undefined)[];
  /** The facts of the last round. */
  readonly facts: Facts;
  /** The facts as they were given, and the rules of every round: what a replay needs. */
  readonly given: Facts;
  readonly asked: readonly Plan[];
}

type Told = Pick<
  Evaluation,
  'rulesetVersion' | 'atMs' | 'outcome' | 'treatment' | 'reclassifiedBy' | 'required' | 'warnings'
>;

/**
 * An evaluation whose words and copies, which cost more than the answers, are made when somebody reads them, and then
 * kept. A class, because getters of an object literal are defined anew for every object, which took longer than
 * asking sixty rules. They are no members of its own: copy it by `toJSON`, not by spreading it.
 */
export class Evaluated implements Evaluation {
  readonly rulesetVersion: string;
  readonly atMs: number;
  readonly outcome: Evaluation['outcome'];
  readonly treatment: Evaluation['treatment'];
  readonly reclassifiedBy: readonly string[];
  readonly required: Evaluation['required'];
  readonly warnings: readonly string[];
  readonly #answers: Answers;
  #verdicts: readonly RuleVerdict[] | undefined;
  #notApplicable: readonly string[] | undefined;
  #facts: Evaluation['facts'] | undefined;

  constructor(told: Told, answers: Answers) {
    this.rulesetVersion = told.rulesetVersion;
    this.atMs = told.atMs;
    this.outcome = told.outcome;
    this.treatment = told.treatment;
    this.reclassifiedBy = told.reclassifiedBy;
    this.required = told.required;
    this.warnings = told.warnings;
    this.#answers = answers;
  }

  /** What `verdicts` are made of, for who needs few of their words. */
  answers(): Answer[] {
    const { rules, results } = this.#answers;
    return rules.flatMap((compiled, place) => {
      const result = results[place];
      return result === undefined ? [] : [{ compiled, result, consequence: consequenceOf(compiled, result) }];
    });
  }

  /** The words for one of the answers. */
  explain({ compiled, result }: Answer): string {
    return explain(compiled, result, this.#answers.facts, this.atMs);
  }

  get verdicts(): readonly RuleVerdict[] {
    const { rules, results, facts } = this.#answers;
    this.#verdicts ??= rules.flatMap((compiled, place) => {
      const result = results[place];
      return result === undefined ? [] : [verdictOf(compiled, result, facts, this.atMs)];
    });
    return this.#verdicts;
  }

  get notApplicable(): readonly string[] {
    const { rules, results } = this.#answers;
    this.#notApplicable ??= rules.flatMap(({ rule }, place) =>
      results[place] === undefined ? [rule.id] : [],
    );
    return this.#notApplicable;
  }

  get facts(): Evaluation['facts'] {
    const { asked, given } = this.#answers;
    this.#facts ??= Object.assign({}, ...asked.map(({ readers }) => snapshotFacts(given, readers))) as Record<
      string,
      JsonValue
    >;
    return this.#facts;
  }

  /** All of it as plain data. */
  toJSON(): Evaluation {
    const { rulesetVersion, atMs, outcome, treatment, reclassifiedBy, verdicts, notApplicable } = this;
    const { required, warnings, facts } = this;
    return {
      rulesetVersion,
      atMs,
      outcome,
      treatment,
      reclassifiedBy,
      verdicts,
      notApplicable,
      required,
      warnings,
      facts,
    };
  }
}
