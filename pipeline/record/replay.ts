import { treatmentOf } from '../classify/treatment.ts';
import { replay as evaluateAgain } from '../comply/evaluate.ts';
import type { RuleSet } from '../comply/types.ts';
import { type DecisionRecord, recorded, seal } from './decision.ts';
import type { OpenedDecision } from './open-decision.ts';

export type Replay =
  | { readonly kind: 'same'; readonly hash: string }
  | { readonly kind: 'different'; readonly hash: string; readonly bytes: string }
  | { readonly kind: 'ruleset-unknown'; readonly version: string }
  /** The recipient's key was destroyed: there is nothing left to take again. */
  | { readonly kind: 'erased' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'unreadable'; readonly why: string };

/**
 * Takes the decision again from what its record says was known, and compares every byte.
 *
 * @param bytes canonical JSON as it was recorded
 * @param rulesetOf a rule set by its version, or undefined when its packs are not at hand
 */
export function replay(bytes: string, rulesetOf: (version: string) => RuleSet | undefined): Replay {
  const before = JSON.parse(bytes) as DecisionRecord;
  const version = before.evaluation.rulesetVersion;
  const ruleset = rulesetOf(version);
  if (!ruleset) return { kind: 'ruleset-unknown', version };
  const treatment = treatmentOf({
    verdict: before.verdict ?? undefined,
    claim: before.claim ?? undefined,
  });
  const evaluation = evaluateAgain(ruleset, before.evaluation);
  const again = seal({ ...before, treatment, evaluation: recorded(evaluation), lane: evaluation.treatment });
  return again.bytes === bytes
    ? { kind: 'same', hash: again.hash }
    : { kind: 'different', hash: again.hash, bytes: again.bytes };
}

/** {@link replay} of a decision that may no longer be readable. */
export function replayOpened(
  decision: OpenedDecision,
  rulesetOf: (version: string) => RuleSet | undefined,
): Replay {
  return decision.kind === 'open' ? replay(decision.bytes, rulesetOf) : decision;
}

/** {@link replayOpened} with rules that may have to be fetched first. */
export async function replayKnown(
  decision: OpenedDecision,
  rules: {
    byVersion(version: string): RuleSet | undefined;
    find(version: string): Promise<RuleSet | undefined>;
  },
): Promise<Replay> {
  const replayed = replayOpened(decision, (version) => rules.byVersion(version));
  if (replayed.kind !== 'ruleset-unknown') return replayed;
  const ruleset = await rules.find(replayed.version);
  return replayOpened(decision, (version) => (version === ruleset?.version ? ruleset : undefined));
}
