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
 * through the centres of the pools, so that near votes have near probabilities.
 *
 * @param votes raw votes, each at least 0 and at most 1
 * @param targets 1 promotional, 0 transactional
 * @param weights importance of each row
 * @param prior pseudo-rows of each class added to every pool, which keeps probabilities off 0 and 1; default 1
 */
export function fitIsotonic(votes: ArrayLike<number>, targets: ArrayLike<number>, weights: ArrayLike<number>, prior = 1): Calibration {
  const order = Array.from({ length: votes.length }, (_, i) => i).sort((a, b) => votes[a]! - votes[b]!);
  const pools: { weight: number; positive: number; voteSum: number }[] = [];
  for (const i of order) {
    const weight = weights[i]!;
    if (weight <= 0) continue;
    pools.push({ weight, positive: weight * targets[i]!, voteSum: weight * votes[i]! });
    while (pools.length > 1) {
      const top = pools[pools.length - 1]!;
      const below = pools[pools.length - 2]!;
      if (below.positive / below.weight < top.positive / top.weight) break;
      pools.pop();
      below.weight += top.weight;
      below.positive += top.positive;
      below.voteSum += top.voteSum;
    }
  }
  const points = pools.map((pool) => ({
    vote: pool.voteSum / pool.weight,
    probability: (pool.positive + prior) / (pool.weight + 2 * prior),
  }));
  let floor = 0;
  for (const point of points) {
    point.probability = Math.max(point.probability, floor);
    floor = point.probability;
  }
  const distinct = points.filter((point, i) => i === 0 || point.vote > points[i - 1]!.vote);
  return {
    votes: Float64Array.from(distinct, (point) => point.vote),
    probabilities: Float64Array.from(distinct, (point) => point.probability),
  };
}
