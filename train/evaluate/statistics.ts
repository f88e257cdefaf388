/** A share of a whole with its 95% Wilson score interval. `null` where the whole is empty. */
export interface Share {
  readonly count: number;
  readonly of: number;
  /** `count / of`, 0 to 1. */
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** 97.5th percentile of the standard normal distribution. */
const Z95 = 1.959963984540054;

/** A share with the interval of Wilson (1927), which stays within 0 and 1 and holds for small samples. */
export function shareOf(count: number, of: number): Share {
  if (of === 0) return { count, of, value: null, low: null, high: null };
  const value = count / of;
  const z2 = Z95 * Z95;
  const centre = (value + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Z95 / (1 + z2 / of)) * Math.sqrt((value * (1 - value)) / of + z2 / (4 * of * of));
  return { count, of, value, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** A cut through the scores: everything at or above `threshold` is taken for positive. */
export interface Cut {
  readonly threshold: number;
  readonly truePositives: number;
  readonly falsePositives: number;
}

/**
 * Every distinct cut, from the strictest (nothing positive, threshold infinite) to the loosest. Equal scores fall
 * together, so ties have no order.
 *
 * @param targets 1 for positive, 0 for negative
 */
export function cutsOf(scores: ArrayLike<number>, targets: ArrayLike<number>): Cut[] {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const cuts: Cut[] = [{ threshold: Number.POSITIVE_INFINITY, truePositives: 0, falsePositives: 0 }];
  let truePositives = 0;
  let falsePositives = 0;
  order.forEach((row, rank) => {
    if (targets[row]! > 0) truePositives++;
    else falsePositives++;
    const next = order[rank + 1];
    if (next !== undefined && scores[next] === scores[row]) return;
    cuts.push({ threshold: scores[row]!, truePositives, falsePositives });
  });
  return cuts;
}

/** A point of a curve, both coordinates 0 to 1. */
export type Point = readonly [x: number, y: number];

/** How well scores order positives before negatives, whatever the threshold. */
export interface Ranking {
  /** Area under the ROC curve: the chance that a positive scores above a negative, ties counting half. */
  readonly auc: number;
  /** Average precision: precision at every cut, weighted by the recall it adds; no interpolation. */
  readonly averagePrecision: number;
  /** (false-positive rate, true-positive rate), from (0, 0) to (1, 1). */
  readonly roc: readonly Point[];
  /** (recall, precision), recall rising. */
  readonly precisionRecall: readonly Point[];
}

/**
 * ROC and precision-recall of scores.
 *
 * @returns undefined where a class is missing: neither curve exists then
 */
export function rankingOf(scores: ArrayLike<number>, targets: ArrayLike<number>): Ranking | undefined {
  const cuts = cutsOf(scores, targets);
  const { truePositives: positives, falsePositives: negatives } = cuts[cuts.length - 1]!;
  if (positives === 0 || negatives === 0) return undefined;
  let auc = 0;
  let averagePrecision = 0;
  const roc: Point[] = [];
  const precisionRecall: Point[] = [];
  cuts.forEach((cut, index) => {
    roc.push([cut.falsePositives / negatives, cut.truePositives / positives]);
    if (index === 0) return;
    const before = cuts[index - 1]!;
    const precision = cut.truePositives / (cut.truePositives + cut.falsePositives);
    auc +=
      ((cut.falsePositives - before.falsePositives) * (cut.truePositives + before.truePositives)) /
      (2 * positives * negatives);
    averagePrecision += ((cut.truePositives - before.truePositives) / positives) * precision;
    precisionRecall.push([cut.truePositives / positives, precision]);
  });
  return { auc, averagePrecision, roc: thin(roc), precisionRecall: thin(precisionRecall) };
}

const CURVE_POINTS = 400;

/** A curve drawn with fewer points; ends and steps wider than a 400th stay. */
function thin(points: readonly Point[]): Point[] {
  if (points.length <= CURVE_POINTS) return [...points];
  const kept: Point[] = [points[0]!];
  points.forEach((point, index) => {
    const [x, y] = kept[kept.length - 1]!;
    const wide = Math.abs(point[0] - x) + Math.abs(point[1] - y) >= 1 / CURVE_POINTS;
    if (index > 0 && (wide || index === points.length - 1)) kept.push(point);
  });
  return kept;
}

/** What was said and what happened, for messages of like probability. */
export interface CalibrationBin {
  readonly rows: number;
  readonly meanProbability: number;
  readonly observed: Share;
}

export interface Reliability {
  readonly bins: readonly CalibrationBin[];
  /** Expected calibration error: mean distance of said from observed over the bins, weighted by rows. 0 is best. */
  readonly ece: number;
  /** Mean squared error of the probabilities (Brier 1950). 0 is best; always saying 0.5 gives 0.25. */
  readonly brier: number;
}

/**
 * Calibration over bins of equal mass: the rows in order of probability, cut into `bins` runs whose sizes differ by
 * at most one. With fewer rows than bins there is one row a bin.
 */
export function reliabilityOf(
  probabilities: ArrayLike<number>,
  targets: ArrayLike<number>,
  bins = 15,
): Reliability {
  const count = probabilities.length;
  const order = Array.from({ length: count }, (_, i) => i).sort(
    (a, b) => probabilities[a]! - probabilities[b]! || targets[a]! - targets[b]!,
  );
  const used = Math.min(bins, count);
  const out: CalibrationBin[] = [];
  let ece = 0;
  for (let bin = 0; bin < used; bin++) {
    const members = order.slice(Math.floor((bin * count) / used), Math.floor(((bin + 1) * count) / used));
    const sum = members.reduce((total, row) => total + probabilities[row]!, 0);
    const positives = members.reduce((total, row) => total + targets[row]!, 0);
    out.push({
      rows: members.length,
      meanProbability: sum / members.length,
      observed: shareOf(positives, members.length),
    });
    ece += Math.abs(sum - positives) / count;
  }
  const squares = order.reduce((total, row) => total + (probabilities[row]! - targets[row]!) ** 2, 0);
  return { bins: out, ece, brier: count === 0 ? 0 : squares / count };
}

/** The best cut that keeps false positives in bounds. */
export interface RecallAt {
  readonly recall: Share;
  readonly falsePositives: Share;
  /** Scores from here on are taken for positive; `null`: no cut within bounds finds anything. */
  readonly threshold: number | null;
}

/** The most positives that can be found while at most `maxRate` of the negatives are taken for positive. */
export function recallAtFalsePositiveRate(
  scores: ArrayLike<number>,
  targets: ArrayLike<number>,
  maxRate: number,
): RecallAt {
  const cuts = cutsOf(scores, targets);
  const { truePositives: positives, falsePositives: negatives } = cuts[cuts.length - 1]!;
  const best = cuts.filter((cut) => cut.falsePositives <= maxRate * negatives).pop()!;
  return {
    recall: shareOf(best.truePositives, positives),
    falsePositives: shareOf(best.falsePositives, negatives),
    threshold: Number.isFinite(best.threshold) ? best.threshold : null,
  };
}

/** The value below which `share` of the sorted values lie, linear between neighbours; values must not be empty. */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (position - below) * (sorted[above]! - sorted[below]!);
}
