/**
 * Weighted Gini impurity of a two-class node times its weight, halved: `n * p / (n + p)`. A split's Gini decrease
 * is twice the parent's minus both children's (Breiman et al., CART, 1984).
 */
export function gini(negative: number, positive: number): number {
  const both = negative + positive;
  return both > 0 ? (negative * positive) / both : 0;
}

/** Where a histogram is cut best. Reused between calls: copy what is to be kept. */
export interface Cut {
  /** False when no cut leaves enough weight on both sides; the rest is then meaningless. */
  found: boolean;
  /** Sum of both children's {@link gini}; less is better. */
  impurity: number;
  /** Bins up to this one go left. */
  bin: number;
  negativeLeft: number;
  positiveLeft: number;
}

/** A cut that was not found. */
export function noCut(): Cut {
  return { found: false, impurity: Number.POSITIVE_INFINITY, bin: -1, negativeLeft: 0, positiveLeft: 0 };
}

/**
 * Tries every cut between occupied bins and writes the best into `cut`. Where bins between two occupied ones are
 * empty the cut falls in the middle of the gap. Of equals the first wins.
 * @param histogram weight of negatives and positives by bin, interleaved, from `base` on
 * @param occupied the bins that hold rows, ascending; the first `count` entries
 * @param negative weight of all negatives in the histogram
 * @param positive weight of all positives
 * @param minLeaf least weight on each side
 */
export function bestCut(
  histogram: Float64Array,
  base: number,
  occupied: Uint8Array,
  count: number,
  negative: number,
  positive: number,
  minLeaf: number,
  cut: Cut,
): void {
  cut.found = false;
  cut.impurity = Number.POSITIVE_INFINITY;
  let impurity = Number.POSITIVE_INFINITY;
  let n = 0;
  let p = 0;
  for (let i = 0; i + 1 < count; i++) {
    const at = base + 2 * occupied[i]!;
    n += histogram[at]!;
    p += histogram[at + 1]!;
    const left = n + p;
    const nRight = negative - n;
    const pRight = positive - p;
    const right = nRight + pRight;
    if (left < minLeaf || right < minLeaf) continue;
    // Both children's n * p / (n + p), over one denominator: this division is the hottest line of training.
    const here = (n * p * right + nRight * pRight * left) / (left * right);
    if (here < impurity) {
      impurity = here;
      cut.found = true;
      cut.impurity = here;
      cut.bin = (occupied[i]! + occupied[i + 1]! - 1) >>> 1;
      cut.negativeLeft = n;
      cut.positiveLeft = p;
    }
  }
}
