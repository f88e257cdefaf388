import { createRandom } from '../../models/base/random.ts';

/** A difference of two means over the same rows with its 95% interval. */
export interface Difference {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;

/**
 * Mean of `ours` minus mean of `theirs` over the same rows, with the percentile interval of the paired bootstrap (Efron
 * 1979): rows are drawn with replacement, both answers of a row together. Seeded, so the same answers give the same
 * interval.
 *
 * @param ours one number a row, for example 1 right and 0 wrong
 * @param theirs the same rows in the same order
 * @param groups where given, groups of rows are drawn whole, since rows of one template are not independent
 * @throws RangeError when the lengths differ
 */
export function pairedBootstrap(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  groups?: ArrayLike<number>,
  seed = 1,
): Difference {
  const rows = ours.length;
  if (theirs.length !== rows || (groups && groups.length !== rows)) {
    throw new RangeError(`paired answers differ in number: ${rows} and ${theirs.length}`);
  }
  if (rows === 0) return { value: 0, low: 0, high: 0 };
  const { sums, sizes } = gather(ours, theirs, groups);
  const value = sums.reduce((total, sum) => total + sum, 0) / rows;
  if (sums.every((sum, at) => sum === value * sizes[at]!)) return { value, low: value, high: value };
  const random = createRandom(seed);
  const means = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    let size = 0;
    for (let draw = 0; draw < sums.length; draw++) {
      const at = random.below(sums.length);
      sum += sums[at]!;
      size += sizes[at]!;
    }
    means[resample] = sum / size;
  }
  means.sort();
  return {
    value,
    low: means[Math.floor(RESAMPLES * 0.025)]!,
    high: means[Math.ceil(RESAMPLES * 0.975) - 1]!,
  };
}

function gather(
  ours: ArrayLike<number>,
  theirs: ArrayLike<number>,
  groups?: ArrayLike<number>,
): { sums: Float64Array; sizes: Float64Array } {
  if (!groups) {
    return {
      sums: Float64Array.from({ length: ours.length }, (_, row) => ours[row]! - theirs[row]!),
      sizes: new Float64Array(ours.length).fill(1),
    };
  }
  const place = new Map<number, number>();
  for (let row = 0; row < groups.length; row++) {
    if (!place.has(groups[row]!)) place.set(groups[row]!, place.size);
  }
  const sums = new Float64Array(place.size);
  const sizes = new Float64Array(place.size);
  for (let row = 0; row < groups.length; row++) {
    const at = place.get(groups[row]!)!;
    sums[at]! += ours[row]! - theirs[row]!;
    sizes[at]!++;
  }
  return { sums, sizes };
}
