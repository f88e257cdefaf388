import type { Effect, Evaluation, Outcome } from '../comply/types.ts';

/** What a rule asked of a message: an effect, nothing, or it did not bind. */
export type Asked = Effect | 'none' | 'does-not-bind';

/** One rule that answers otherwise under other packs. */
export interface RuleChange {
  readonly ruleId: string;
  readonly before: Asked;
  readonly after: Asked;
}

/** How a decision would differ. */
export interface DecisionChange {
  /** Outcomes in words, e.g. `send`, `defer`, `block`; `later` and `sooner` where both defer. */
  readonly outcome: string;
  readonly rules: readonly RuleChange[];
}

function asked(evaluation: Evaluation): Map<string, Asked> {
  return new Map(evaluation.verdicts.map(({ ruleId, consequence }) => [ruleId, consequence]));
}

function outcomeChange(before: Outcome, after: Outcome): string | undefined {
  if (before.kind !== after.kind) return `${before.kind} > ${after.kind}`;
  if (before.kind !== 'defer' || after.kind !== 'defer' || before.untilMs === after.untilMs) return undefined;
  return before.untilMs < after.untilMs ? 'defer > later' : 'defer > sooner';
}

/** What would be decided otherwise, and by which rules; undefined: the message fares the same. */
export function compareEvaluations(before: Evaluation, after: Evaluation): DecisionChange | undefined {
  const outcome =
    outcomeChange(before.outcome, after.outcome) ??
    (before.treatment === after.treatment ? undefined : `${before.treatment} > ${after.treatment}`);
  if (outcome === undefined) return undefined;
  const was = asked(before);
  const is = asked(after);
  const rules = [...new Set([...was.keys(), ...is.keys()])].flatMap((ruleId): RuleChange[] => {
    const change = {
      ruleId,
      before: was.get(ruleId) ?? 'does-not-bind',
      after: is.get(ruleId) ?? 'does-not-bind',
    };
    const bothIdle = [change.before, change.after].every((one) => one === 'none' || one === 'does-not-bind');
    return change.before === change.after || bothIdle ? [] : [change];
  });
  return { outcome, rules };
}

/** Changes added up. */
export interface ChangeReport {
  /** Decisions compared. */
  readonly compared: number;
  readonly changed: number;
  /** Could not be read any more: erased, or their retention is over. */
  readonly unreadable: number;
  /** By outcome, e.g. `send > block`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Rules that answer otherwise in changed decisions, most frequent first. */
  readonly rules: readonly (RuleChange & {
    readonly decisions: number;
    readonly examples: readonly string[];
  })[];
}

const MOST_EXAMPLES = 5;

/** Adds up changes one by one. */
export interface ChangeTally {
  add(messageId: string, before: Evaluation, after: Evaluation): void;
  unreadable(): void;
  report(): ChangeReport;
}

export function createTally(): ChangeTally {
  const rules = new Map<string, { change: RuleChange; decisions: number; examples: string[] }>();
  const outcomes = new Map<string, number>();
  let compared = 0;
  let changed = 0;
  let unreadable = 0;
  return {
    add(messageId, before, after) {
      compared++;
      const change = compareEvaluations(before, after);
      if (change === undefined) return;
      changed++;
      outcomes.set(change.outcome, (outcomes.get(change.outcome) ?? 0) + 1);
      for (const one of change.rules) {
        const key = `${one.ruleId} ${one.before} ${one.after}`;
        const there = rules.get(key) ?? { change: one, decisions: 0, examples: [] };
        rules.set(key, there);
        there.decisions++;
        if (there.examples.length < MOST_EXAMPLES) there.examples.push(messageId);
      }
    },
    unreadable() {
      unreadable++;
    },
    report: () => ({
      compared,
      changed,
      unreadable,
      outcomes: Object.fromEntries([...outcomes].sort((a, b) => b[1] - a[1])),
      rules: [...rules.values()]
        .sort((a, b) => b.decisions - a.decisions)
        .map(({ change, decisions, examples }) => ({ ...change, decisions, examples })),
    }),
  };
}

/** Reports of several processes as one. */
export function mergeReports(reports: readonly ChangeReport[]): ChangeReport {
  const rules = new Map<string, ChangeReport['rules'][number]>();
  const outcomes: Record<string, number> = {};
  for (const report of reports) {
    for (const [outcome, n] of Object.entries(report.outcomes))
      outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
    for (const one of report.rules) {
      const key = `${one.ruleId} ${one.before} ${one.after}`;
      const there = rules.get(key);
      rules.set(key, {
        ...one,
        decisions: one.decisions + (there?.decisions ?? 0),
        examples: [...(there?.examples ?? []), ...one.examples].slice(0, MOST_EXAMPLES),
      });
    }
  }
  const sum = (pick: (report: ChangeReport) => number): number =>
    reports.reduce((all, one) => all + pick(one), 0);
  return {
    compared: sum((one) => one.compared),
    changed: sum((one) => one.changed),
    unreadable: sum((one) => one.unreadable),
    outcomes,
    rules: [...rules.values()].sort((a, b) => b.decisions - a.decisions),
  };
}
