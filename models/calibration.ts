import { LanewayError } from './base/errors.ts';

/** A monotone map from a raw vote to a probability, as straight lines between points. */
export interface Calibration {
  /** Ascending raw votes. */
  readonly votes: Float64Array;
  /** Probabilities at them, never falling, within (0, 1). */
  readonly probabilities: Float64Array;
}

/** P(promotional) for a raw vote: linear between the points, constant beyond them. */
export function calibrate({ votes, probabilities }: Calibration, vote: number): number {
  const last = votes.length - 1;
  if (vote <= votes[0]!) return probabilities[0]!;
  if (vote >= votes[last]!) return probabilities[last]!;
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (votes[middle]! <= vote) low = middle;
    else high = middle;
  }
  const share = (vote - votes[low]!) / (votes[high]! - votes[low]!);
  return probabilities[low]! + share * (probabilities[high]! - probabilities[low]!);
}

/**
 * Isotonic regression by pool-adjacent-violators (Ayer et al. 1955) on out-of-bag votes, then joined by lines
 * through the centres of the pools, so that near votes have near probabilities. Rows with the same vote stand
 * together; pools are smoothed by the prior and pooled once more, so that a few odd rows at one end do not move the
 * rest.
 *
 * @param votes raw votes, each at least 0 and at most 1; rows whose vote is not a number are left out
 * @param targets 1 promotional, 0 transactional
 * @param weights importance of each row; rows without any are left out
 * @param prior pseudo-rows of each class added to every pool, which keeps probabilities off 0 and 1; default 1
 * @throws LanewayError `CALIBRATION_EMPTY`: no row has a vote and a weight
 */
export function fitIsotonic(
  votes: ArrayLike<number>,
  targets: ArrayLike<number>,
  weights: ArrayLike<number>,
  prior = 1,
): Calibration {
  const order = Array.from({ length: votes.length }, (_, i) => i)
    .filter((i) => weights[i]! > 0 && Number.isFinite(votes[i]))
    .sort((a, b) => votes[a]! - votes[b]!);
  if (order.length === 0) throw new LanewayError('CALIBRATION_EMPTY', 'no row has a vote and a weight');
  const distinct: Pool[] = [];
  order.forEach((i, at) => {
    const weight = weights[i]!;
    const row = { weight, positive: weight * targets[i]!, voteSum: weight * votes[i]! };
    if (at > 0 && votes[i] === votes[order[at - 1]!]) merge(distinct[distinct.length - 1]!, row);
    else distinct.push(row);
  });
  const smoothed = poolViolators(distinct).map(({ weight, positive, voteSum }) => ({
    weight,
    positive: (weight * (positive + prior)) / (weight + 2 * prior),
    voteSum,
  }));
  const pools = poolViolators(smoothed);
  return {
    votes: Float64Array.from(pools, (pool) => pool.voteSum / pool.weight),
    probabilities: Float64Array.from(pools, (pool) => pool.positive / pool.weight),
  };
}

/** Rows that share one probability; sums are weighted. */
interface Pool {
  weight: number;
  positive: number;
  voteSum: number;
}

/** The fewest neighbouring pools whose shares of positives strictly rise, by vote. */
function poolViolators(rows: readonly Pool[]): Pool[] {
  const pools: Pool[] = [];
  for (const row of rows) {
    pools.push({ ...row });
    while (pools.length > 1) {
      const top = pools[pools.length - 1]!;
      const below = pools[pools.length - 2]!;
      if (below.positive / below.weight < top.positive / top.weight) break;
      pools.pop();
      merge(below, top);
    }
  }
  return pools;
}

function merge(into: Pool, { weight, positive, voteSum }: Pool): void {
  into.weight += weight;
  into.positive += positive;
  into.voteSum += voteSum;
}
