import type { Bag, Groups } from './bag.ts';

/**
 * The rows of one tree, kept sorted by node: each node owns a run of `order`, ascending by row. In-bag and
 * out-of-bag rows lie in separate arrays and walk down together, so that out-of-bag scores cost one look-up a
 * level. Made once per worker and refilled for every tree.
 */
export interface Samples {
  /** `row * 2 + label`. */
  readonly order: Uint32Array;
  /** Weight in quanta, aligned with `order`. */
  readonly weight: Float64Array;
  /** Out-of-bag rows, `row * 2 + label`. */
  readonly outOrder: Uint32Array;
  /** Node that an in-bag row is in, by row; -1 out of bag. Kept only when there are sparse columns. */
  readonly nodeOf: Int32Array;
  readonly scratchOrder: Uint32Array;
  readonly scratchWeight: Float64Array;
}

/** Room for `rows` rows. */
export function createSamples(rows: number): Samples {
  return {
    order: new Uint32Array(rows),
    weight: new Float64Array(rows),
    outOrder: new Uint32Array(rows),
    nodeOf: new Int32Array(rows),
    scratchOrder: new Uint32Array(rows),
    scratchWeight: new Float64Array(rows),
  };
}

/** How many rows are in and out of the bag, and the bag's weight by class in quanta. */
export interface Filled {
  readonly inBag: number;
  readonly outOfBag: number;
  readonly negative: number;
  readonly positive: number;
}

/** Puts the rows of `bag` at the root (node 0), each with its weight times the draws of its group. */
export function fillSamples(
  samples: Samples,
  groups: Groups,
  bag: Bag,
  y: Uint8Array,
  units: Float64Array,
): Filled {
  const { order, weight, outOrder, nodeOf } = samples;
  const sums = [0, 0];
  let inBag = 0;
  let outOfBag = 0;
  for (let row = 0; row < y.length; row++) {
    const label = y[row]!;
    const drawn = bag.drawn[groups.of[row]!]!;
    nodeOf[row] = -1;
    if (drawn === 0) outOrder[outOfBag++] = row * 2 + label;
    else if (units[row]! > 0) {
      nodeOf[row] = 0;
      order[inBag] = row * 2 + label;
      weight[inBag++] = units[row]! * drawn;
      sums[label]! += units[row]! * drawn;
    }
  }
  return { inBag, outOfBag, negative: sums[0]!, positive: sums[1]! };
}
