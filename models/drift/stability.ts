/** Added to every bin, so that one that is empty on one side does not make the index infinite. */
const PRIOR = 0.5;

/**
 * Population stability index of two histograms over the same bins: the symmetrised Kullback-Leibler divergence
 * `sum (p - q) ln(p / q)`. 0 when shares are equal; common reading: below 0.1 stable, above 0.25 shifted.
 *
 * @param reference counts, one a bin
 * @param current counts, as many bins
 */
export function stabilityIndex(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const bins = reference.length;
  const total = (counts: ArrayLike<number>) =>
    Array.from(counts).reduce((sum, count) => sum + count, bins * PRIOR);
  const [of, ofCurrent] = [total(reference), total(current)];
  let index = 0;
  for (let bin = 0; bin < bins; bin++) {
    const p = (reference[bin]! + PRIOR) / of;
    const q = (current[bin]! + PRIOR) / ofCurrent;
    index += (p - q) * Math.log(p / q);
  }
  return index;
}
