import type { MessageClass } from '../../models/verdict.ts';
import type { DecisionRecord } from './decision.ts';

/** How often something was asked, not met, and not known. */
export interface Tally {
  asked: number;
  failed: number;
  unknown: number;
}

export interface RuleViolations extends Tally {
  readonly ruleId: string;
  readonly pack: string;
  readonly basis: string;
  readonly needsVerification: boolean;
  /** How often it was among the rules that decided. */
  decided: number;
  readonly byRegion: Readonly<Record<string, Tally>>;
  readonly byClass: Readonly<Record<MessageClass, Tally>>;
}

export interface GroupViolations {
  decisions: number;
  /** With at least one rule that is not met. */
  violating: number;
  readonly outcomes: Record<string, number>;
}

/** What decisions say about rules; plain JSON. */
export interface Violations {
  readonly decisions: number;
  readonly violating: number;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** The most often broken first. */
  readonly rules: readonly RuleViolations[];
  readonly regions: Readonly<Record<string, GroupViolations>>;
  readonly classes: Readonly<Record<MessageClass, GroupViolations>>;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly rulesetVersions: readonly string[];
}

/** One country with its one region; `several` where the recipient may be in more, `unknown` in none. */
export function regionOf(jurisdictions: unknown): string {
  const places = Array.isArray(jurisdictions) ? jurisdictions.map(String) : [];
  const countries = places.filter((place) => place.length === 2);
  if (countries.length === 0) return 'unknown';
  if (countries.length > 1) return 'several';
  const regions = places.filter((place) => place.length > 2);
  return regions.length === 1 ? regions[0]! : countries[0]!;
}

const tally = (): Tally => ({ asked: 0, failed: 0, unknown: 0 });
const group = (): GroupViolations => ({ decisions: 0, violating: 0, outcomes: {} });
const entry = <T>(map: Record<string, T>, key: string, make: () => T): T => {
  map[key] ??= make();
  return map[key];
};

/**
 * Counts decisions one by one, in memory that grows with rules and regions alone. A deferred message is judged at each
 * release: each of these decisions counts.
 */
export function countViolations(): { add(record: DecisionRecord): void; figures(): Violations } {
  const rules = new Map<string, RuleViolations>();
  const regions: Record<string, GroupViolations> = {};
  const classes = { transactional: group(), promotional: group() };
  const outcomes: Record<string, number> = {};
  const versions = new Set<string>();
  let decisions = 0;
  let violating = 0;
  let fromMs = Infinity;
  let toMs = -Infinity;

  return {
    add({ atMs, evaluation, lane }) {
      const region = regionOf(evaluation.facts['recipient.jurisdictions']);
      const { kind } = evaluation.outcome;
      const broken = evaluation.verdicts.some(({ result, consequence }) => result === 'fail' && consequence);
      decisions++;
      if (broken) violating++;
      fromMs = Math.min(fromMs, atMs);
      toMs = Math.max(toMs, atMs);
      versions.add(evaluation.rulesetVersion);
      outcomes[kind] = (outcomes[kind] ?? 0) + 1;
      for (const one of [entry(regions, region, group), classes[lane]]) {
        one.decisions++;
        if (broken) one.violating++;
        one.outcomes[kind] = (one.outcomes[kind] ?? 0) + 1;
      }
      const deciding = new Set(evaluation.outcome.kind === 'send' ? [] : evaluation.outcome.ruleIds);
      for (const { ruleId, pack, basis, result, needsVerification } of evaluation.verdicts) {
        let rule = rules.get(ruleId);
        if (rule === undefined) {
          rule = {
            ...tally(),
            ruleId,
            pack,
            basis,
            needsVerification: needsVerification === true,
            decided: 0,
            byRegion: {},
            byClass: { transactional: tally(), promotional: tally() },
          };
          rules.set(ruleId, rule);
        }
        if (deciding.has(ruleId)) rule.decided++;
        const byRegion = entry(rule.byRegion as Record<string, Tally>, region, tally);
        for (const one of [rule, byRegion, rule.byClass[lane]]) {
          one.asked++;
          if (result === 'fail') one.failed++;
          if (result === 'unknown') one.unknown++;
        }
      }
    },
    figures: () => ({
      decisions,
      violating,
      fromMs: decisions === 0 ? null : fromMs,
      toMs: decisions === 0 ? null : toMs,
      rules: [...rules.values()].sort(
        (a, b) => b.failed - a.failed || b.unknown - a.unknown || (a.ruleId < b.ruleId ? -1 : 1),
      ),
      regions,
      classes,
      outcomes,
      rulesetVersions: [...versions].sort(),
    }),
  };
}
