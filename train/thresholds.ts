import type { Thresholds } from '../models/model.ts';

/** What being wrong costs: promotional let through as transactional, and the reverse. */
export interface Costs {
  /** Default 10. */
  readonly leak: number;
  /** Default 1. */
  readonly falsePositive: number;
}

export const DEFAULT_COSTS: Costs = { leak: 10, falsePositive: 1 };

/** Share of right answers that the sure-promotional side must reach out of fold. */
const SURE_PRECISION = 0.985;

/** One out-of-fold answer. */
export interface Judged {
  readonly probability: number;
  /** 1 promotional, 0 transactional. */
  readonly target: number;
  readonly weight: number;
}

/**
 * Chooses thresholds from out-of-fold answers. The decision threshold minimises the weighted error in which a leak
 * counts twice (goals allow half as many leaks as false positives). `sureBelow` is where the expected cost of treating
 * a message as transactional equals that of the reverse; `sureAbove` is the lowest bound at which sure promotional
 * answers are right often enough.
 */
export function chooseThresholds(
  judged: readonly Judged[],
  costs: Costs = DEFAULT_COSTS,
): Pick<Thresholds, 'decision' | 'sureBelow' | 'sureAbove'> {
  const sorted = [...judged].sort((a, b) => a.probability - b.probability);
  const decision = cheapest(sorted);
  const sureBelow = Math.min(decision, costs.falsePositive / (costs.falsePositive + costs.leak));
  let right = 0;
  let all = 0;
  let sureAbove = 1;
  for (let i = sorted.length - 1; i >= 0 && sorted[i]!.probability >= decision; i--) {
    const { probability, target, weight } = sorted[i]!;
    all += weight;
    right += weight * target;
    if (right >= SURE_PRECISION * all && probability !== sorted[i - 1]?.probability) sureAbove = probability;
  }
  return { decision, sureBelow, sureAbove: Math.max(sureAbove, decision) };
}

function cheapest(sorted: readonly Judged[]): number {
  const positive = sorted.reduce((sum, { target, weight }) => sum + target * weight, 0);
  const negative = sorted.reduce((sum, { target, weight }) => sum + (1 - target) * weight, 0);
  let leaked = 0;
  let passed = 0;
  let best = Number.POSITIVE_INFINITY;
  let decision = 0.5;
  sorted.forEach(({ probability, target, weight }, index) => {
    if (probability !== sorted[index - 1]?.probability) {
      const cost = (2 * leaked) / positive + (negative - passed) / negative;
      if (cost < best)
        [best, decision] = [
          cost,
          index === 0 ? probability : (probability + sorted[index - 1]!.probability) / 2,
        ];
    }
    if (target === 1) leaked += weight;
    else passed += weight;
  });
  return decision;
}

/** Share of the wrong answers that the lexical forest may keep for itself at either end. */
const CASCADE_KEPT_ERROR = 0.006;

/** The encoder is asked between the bounds outside which the lexical forest hardly errs. */
export function cascadeBounds(
  judged: readonly Judged[],
  decision: number,
): Pick<Thresholds, 'cascadeLow' | 'cascadeHigh'> {
  const total = judged.reduce((sum, { weight }) => sum + weight, 0);
  const bound = (sorted: readonly Judged[], wrongTarget: number, start: number): number => {
    let wrong = 0;
    let reached = start;
    for (const { probability, target, weight } of sorted) {
      if (target === wrongTarget) wrong += weight;
      if (wrong > CASCADE_KEPT_ERROR * total) break;
      reached = probability;
    }
    return reached;
  };
  const rising = [...judged].sort((a, b) => a.probability - b.probability);
  const low = bound(rising, 1, 0);
  const high = bound(rising.toReversed(), 0, 1);
  return { cascadeLow: Math.min(low, decision), cascadeHigh: Math.max(high, decision) };
}
