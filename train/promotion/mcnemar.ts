/**
 * Exact one-sided McNemar test of paired answers (McNemar 1947, binomial form): how likely at least `lost` of the
 * discordant pairs would go against the candidate if it were as good as the champion.
 *
 * @param lost pairs that the champion had right and the candidate has wrong
 * @param won pairs the other way round
 * @returns 0 to 1; 1 without discordant pairs
 */
export function mcnemarP(lost: number, won: number): number {
  const pairs = lost + won;
  // Terms of the binomial distribution from `lost` up, each from the one before, in logarithms.
  let logTerm = -pairs * Math.LN2;
  for (let k = 1; k <= lost; k++) logTerm += Math.log(pairs - k + 1) - Math.log(k);
  let p = 0;
  for (let k = lost; k <= pairs; k++) {
    p += Math.exp(logTerm);
    logTerm += Math.log(pairs - k) - Math.log(k + 1);
  }
  return Math.min(1, p);
}

/**
 * Holm's step-down correction (Holm 1979): p-values that may be compared with one level, however many are tested.
 *
 * @returns corrected values in the order given
 */
export function holm(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((a, b) => ps[a]! - ps[b]!);
  const corrected = new Array<number>(ps.length);
  let least = 0;
  order.forEach((index, rank) => {
    least = Math.max(least, Math.min(1, ps[index]! * (ps.length - rank)));
    corrected[index] = least;
  });
  return corrected;
}
