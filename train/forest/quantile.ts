/**
 * Where to cut sorted values into at most `maxBins` bins of about equal count: an edge is the largest value of
 * its bin, so `value <= edge` puts the value in the bin or left of it. With few distinct values each gets a bin.
 * Edges are Float32 midpoints between neighbouring distinct values, so training, which compares bins, and
 * inference, which compares raw Float32 values, send every value the same way.
 * @param sorted ascending, finite, not empty
 * @returns ascending edges, one fewer than bins; empty for a constant column
 */
export function quantileEdges(sorted: Float32Array, maxBins: number): Float32Array {
  const values: number[] = [];
  const counts: number[] = [];
  for (let i = 0; i < sorted.length; i++) {
    const value = sorted[i]!;
    if (values.length > 0 && values[values.length - 1] === value) counts[counts.length - 1]!++;
    else {
      values.push(value);
      counts.push(1);
    }
  }
  const edges: number[] = [];
  let left = sorted.length;
  let inBin = 0;
  for (let i = 0; i + 1 < values.length; i++) {
    inBin += counts[i]!;
    const binsLeft = maxBins - edges.length;
    if (binsLeft <= 1) break;
    const distinctLeft = values.length - 1 - i;
    // A bin closes when it has its share of what is left, or when the rest fits one value a bin.
    const share = left / binsLeft;
    const nextIsHeavy = inBin > 0 && counts[i + 1]! >= share && inBin >= share / 2;
    if (inBin >= share || nextIsHeavy || distinctLeft < binsLeft) {
      edges.push(midpoint(values[i]!, values[i + 1]!));
      left -= inBin;
      inBin = 0;
    }
  }
  return Float32Array.from(edges);
}

/** A Float32 `m` with `low <= m < high`, halfway when there is one. */
function midpoint(low: number, high: number): number {
  const middle = Math.fround((low + high) / 2);
  return middle >= low && middle < high ? middle : low;
}

/** Number of edges below `value`: its bin. */
export function binOf(value: number, edges: Float32Array, start: number, end: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= edges[middle]!) high = middle;
    else low = middle + 1;
  }
  return low - start;
}
