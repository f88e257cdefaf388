import { canonicalJson, constantJson } from '../../models/base/json.ts';
import { sha256 } from '../../models/base/sha256.ts';
import type { StoredVerdict } from '../classify/mixed.ts';
import type { Treatment } from '../classify/treatment.ts';
import { type Answer, Evaluated } from '../comply/evaluated.ts';
import type { Channel, CompiledRule, Evaluation, RequiredAddition, RuleVerdict } from '../comply/types.ts';
import type { Lane } from '../store/schema.ts';

/** The verdict without how it was come by: a cache hit and a fresh answer record the same bytes. */
export type RecordedVerdict = Omit<StoredVerdict, 'stage'>;

/** One rule's answer as it is recorded. */
export type RecordedRule = Pick<RuleVerdict, 'ruleId' | 'pack' | 'result' | 'basis'> & {
  /** Absent: the rule asks for nothing. */
  readonly consequence?: RuleVerdict['consequence'];
  /** In words, where the rule is not met or not known; that a rule is met needs no words. */
  readonly explanation?: string;
  readonly needsVerification?: true;
};

/** An evaluation as it is recorded: each thing said once. What is left out follows from the rule set. */
export type RecordedEvaluation = Omit<Evaluation, 'verdicts'> & {
  /** Version of each pack that answered. */
  readonly packs: Readonly<Record<string, string>>;
  /** Every rule that binds the message, met or not. */
  readonly verdicts: readonly RecordedRule[];
};

type Said = Pick<RuleVerdict, 'ruleId' | 'pack' | 'result' | 'basis' | 'consequence' | 'needsVerification'>;

function recordedRule(said: Said, explanation: string): RecordedRule {
  const { ruleId, pack, result, basis, consequence, needsVerification } = said;
  return {
    basis,
    ...(consequence === 'none' ? {} : { consequence }),
    ...(result === 'pass' ? {} : { explanation }),
    ...(needsVerification ? { needsVerification } : {}),
    pack,
    result,
    ruleId,
  };
}

/** What a rule said last, by what it said: over a campaign the same rules say the same of nearly every message. */
const lastSaid = new WeakMap<CompiledRule, Map<string, { explanation: string; rule: RecordedRule }>>();

function recordedAnswer(answer: Answer, evaluation: Evaluated): RecordedRule {
  const { compiled, result, consequence } = answer;
  const explanation = result === 'pass' ? '' : evaluation.explain(answer);
  let said = lastSaid.get(compiled);
  if (said === undefined) {
    said = new Map();
    lastSaid.set(compiled, said);
  }
  const kind = `${result} ${consequence}`;
  const last = said.get(kind);
  if (last?.explanation === explanation) return last.rule;
  const { id: ruleId, basis, needsVerification } = compiled.rule;
  const verdict = { ruleId, pack: compiled.packId, result, basis, consequence, needsVerification };
  const rule = constantJson(recordedRule(verdict, explanation));
  said.set(kind, { explanation, rule });
  return rule;
}

/** The recorded form of an evaluation. */
export function recorded(evaluation: Evaluation): RecordedEvaluation {
  const packs: Record<string, string> = {};
  const { rulesetVersion, atMs, outcome, treatment, reclassifiedBy } = evaluation;
  const { notApplicable, required, warnings, facts } = evaluation;
  const verdicts = !(evaluation instanceof Evaluated)
    ? evaluation.verdicts.map((verdict) => {
        packs[verdict.pack] = verdict.packVersion;
        return recordedRule(verdict, verdict.explanation);
      })
    : evaluation.answers().map((answer) => {
        packs[answer.compiled.packId] = answer.compiled.packVersion;
        return recordedAnswer(answer, evaluation);
      });
  return {
    rulesetVersion,
    atMs,
    outcome,
    treatment,
    reclassifiedBy,
    packs,
    verdicts,
    notApplicable,
    required,
    warnings,
    facts,
  };
}

/**
 * Why one message was treated as it was, at one instant. Holds no body and no address; a pure function of
 * its own content: `replay` gives the same bytes. Attempts and receipts are events that refer to it.
 */
export interface DecisionRecord {
  readonly format: 1;
  readonly tenant: string;
  readonly messageId: string;
  readonly channel: Channel;
  /** The instant the rules were asked for, epoch ms. */
  readonly atMs: number;
  /** What the caller called it, or null. */
  readonly claim: string | null;
  /** Null: the classifier could not answer, so the strict treatment applied. */
  readonly verdict: RecordedVerdict | null;
  readonly treatment: Treatment;
  readonly lane: Lane;
  /** Labels and elements that Laneway wrote into the text before the rules were asked for the last time; absent: none. */
  readonly added?: readonly RequiredAddition[];
  /** Outcome, every rule's verdict with its basis, rule-set version and the facts that were read. */
  readonly evaluation: RecordedEvaluation;
}

export interface SealedDecision {
  readonly record: DecisionRecord;
  /** Canonical JSON (RFC 8785) of the record. */
  readonly bytes: string;
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
}

/** Writes a record in its one form and takes its hash. */
export function seal(record: DecisionRecord): SealedDecision {
  const bytes = canonicalJson(record);
  return {
    record,
    bytes,
    get hash() {
      return sha256(bytes);
    },
  };
}
