import type { BinnedMatrix } from './binning.ts';
import { bestCut, type Cut, noCut } from './criterion.ts';
import type { Samples } from './samples.ts';

/** Histogram entries of one column: 256 bins, negatives and positives interleaved. */
const STRIDE = 512;
/** Below this many rows the occupied bins are noted in a bit set, above it all bins are looked at. */
const SPARSE_HISTOGRAM_ROWS = 192;

/** A run of {@link Samples} that forms a node, with its weight by class in quanta. */
export interface NodeRows {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly negative: number;
  readonly positive: number;
}

/** Finds the best cut of one column, or of several sparse columns at once. */
export interface ColumnScanner {
  /** The best cut of a dense column; valid until the next call. */
  dense(node: NodeRows, column: number): Cut;
  /** The best cuts of the sparse columns listed (counted from the first sparse one), in that order. */
  sparse(node: NodeRows, columns: Int32Array, count: number): readonly Cut[];
  /** Stamps the sparse columns with an entry in the node; {@link touched} then answers for that node. */
  stamp(node: NodeRows): void;
  touched(column: number): boolean;
}

/**
 * Histograms cost time proportional to the rows in the node for dense columns. Sparse columns take the cheaper of
 * two ways: down the columns (all their entries, once per node: good near the root) or along the node's rows
 * (all entries of those rows, whatever the number of columns: good further down). Sums are exact, so both
 * ways give the same bits. Histograms are not derived from the sibling's by subtraction, as boosting libraries
 * do: each node draws its own columns, so there is seldom a parent's histogram to subtract from.
 */
export function createColumnScanner(
  matrix: BinnedMatrix,
  samples: Samples,
  y: Uint8Array,
  minLeaf: number,
  maxSparse: number,
): ColumnScanner {
  const { rows, bins, edgeStart, sparseColumns, zeroBin } = matrix;
  const { cscStart, cscRow, cscBin, csrStart, csrColumn, csrBin } = matrix;
  const { order, weight, nodeOf } = samples;
  const entriesPerRow = cscRow.length / rows;
  const histogram = new Float64Array(STRIDE * Math.max(1, maxSparse));
  const mask = new Uint32Array(8 * Math.max(1, maxSparse));
  const occupied = new Uint8Array(256);
  const slotOf = new Int16Array(sparseColumns).fill(-1);
  const stamps = new Float64Array(sparseColumns);
  let stampNow = 0;
  // By-row weights in bag, for walking down sparse columns; refreshed by the rows at hand.
  const weightByRow = sparseColumns > 0 ? new Float64Array(rows) : new Float64Array(0);
  const cuts = Array.from({ length: Math.max(1, maxSparse) }, noCut);

  /** Lists the occupied bins of a slot in `occupied` and clears its mask. */
  function listOccupied(slot: number): number {
    let count = 0;
    for (let word = 0; word < 8; word++) {
      let bits = mask[slot * 8 + word]!;
      mask[slot * 8 + word] = 0;
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits & -bits);
        occupied[count++] = word * 32 + bit;
        bits &= bits - 1;
      }
    }
    return count;
  }

  function clear(base: number, count: number): void {
    for (let i = 0; i < count; i++) {
      const at = base + 2 * occupied[i]!;
      histogram[at] = 0;
      histogram[at + 1] = 0;
    }
  }

  function dense(node: NodeRows, column: number): Cut {
    const { start, end } = node;
    const offset = column * rows;
    const cut = cuts[0]!;
    let count = 0;
    if (end - start < SPARSE_HISTOGRAM_ROWS) {
      for (let i = start; i < end; i++) {
        const entry = order[i]!;
        const bin = bins[offset + (entry >>> 1)]!;
        histogram[2 * bin + (entry & 1)]! += weight[i]!;
        mask[bin >>> 5]! |= 1 << (bin & 31);
      }
      count = listOccupied(0);
    } else {
      for (let i = start; i < end; i++) {
        const entry = order[i]!;
        histogram[2 * bins[offset + (entry >>> 1)]! + (entry & 1)]! += weight[i]!;
      }
      const last = edgeStart[column + 1]! - edgeStart[column]!;
      for (let bin = 0; bin <= last; bin++)
        if (histogram[2 * bin]! + histogram[2 * bin + 1]! > 0) occupied[count++] = bin;
    }
    bestCut(histogram, 0, occupied, count, node.negative, node.positive, minLeaf, cut);
    clear(0, count);
    return cut;
  }

  function addEntry(slot: number, bin: number, label: number, w: number): void {
    histogram[slot * STRIDE + 2 * bin + label]! += w;
    mask[slot * 8 + (bin >>> 5)]! |= 1 << (bin & 31);
  }

  function downColumns(node: NodeRows, columns: Int32Array, count: number): void {
    for (let i = node.start; i < node.end; i++) weightByRow[order[i]! >>> 1] = weight[i]!;
    for (let slot = 0; slot < count; slot++) {
      const column = columns[slot]!;
      const last = cscStart[column + 1]!;
      for (let at = cscStart[column]!; at < last; at++) {
        const row = cscRow[at]!;
        if (nodeOf[row] === node.id) addEntry(slot, cscBin[at]!, y[row]!, weightByRow[row]!);
      }
    }
  }

  function alongRows(node: NodeRows, columns: Int32Array, count: number): void {
    for (let slot = 0; slot < count; slot++) slotOf[columns[slot]!] = slot;
    for (let i = node.start; i < node.end; i++) {
      const entry = order[i]!;
      const row = entry >>> 1;
      const last = csrStart[row + 1]!;
      for (let at = csrStart[row]!; at < last; at++) {
        const slot = slotOf[csrColumn[at]!]!;
        if (slot >= 0) addEntry(slot, csrBin[at]!, entry & 1, weight[i]!);
      }
    }
    for (let slot = 0; slot < count; slot++) slotOf[columns[slot]!] = -1;
  }

  /** Adds the rows without an entry, whose value is 0, to the bin of 0. */
  function addZeros(node: NodeRows, slot: number, column: number): void {
    const base = slot * STRIDE;
    let negative = node.negative;
    let positive = node.positive;
    for (let word = 0; word < 8; word++) {
      let bits = mask[slot * 8 + word]!;
      while (bits !== 0) {
        const at = base + 2 * (word * 32 + 31 - Math.clz32(bits & -bits));
        negative -= histogram[at]!;
        positive -= histogram[at + 1]!;
        bits &= bits - 1;
      }
    }
    if (negative + positive === 0) return;
    const bin = zeroBin[column]!;
    histogram[base + 2 * bin]! += negative;
    histogram[base + 2 * bin + 1]! += positive;
    mask[slot * 8 + (bin >>> 5)]! |= 1 << (bin & 31);
  }

  function sparse(node: NodeRows, columns: Int32Array, count: number): readonly Cut[] {
    let entries = 0;
    for (let slot = 0; slot < count; slot++)
      entries += cscStart[columns[slot]! + 1]! - cscStart[columns[slot]!]!;
    const nodeRows = node.end - node.start;
    if (entries + nodeRows < nodeRows * entriesPerRow) downColumns(node, columns, count);
    else alongRows(node, columns, count);
    for (let slot = 0; slot < count; slot++) {
      addZeros(node, slot, columns[slot]!);
      const filled = listOccupied(slot);
      const base = slot * STRIDE;
      bestCut(histogram, base, occupied, filled, node.negative, node.positive, minLeaf, cuts[slot]!);
      clear(base, filled);
    }
    return cuts;
  }

  function stamp(node: NodeRows): void {
    stampNow++;
    for (let i = node.start; i < node.end; i++) {
      const row = order[i]! >>> 1;
      for (let at = csrStart[row]!; at < csrStart[row + 1]!; at++) stamps[csrColumn[at]!] = stampNow;
    }
  }

  return { dense, sparse, stamp, touched: (column) => stamps[column] === stampNow };
}
