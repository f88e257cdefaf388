import type { BinnedMatrix } from './binning.ts';
import type { Samples } from './samples.ts';

/** Sends the rows of a node to its children in place, keeping their order. */
export interface Partitioner {
  /** Splits `order[start, end)`, the in-bag rows of a node; returns where the right child starts. */
  inBag(start: number, end: number, column: number, bin: number): number;
  /** The same for the out-of-bag rows. */
  outOfBag(start: number, end: number, column: number, bin: number): number;
  /** Notes that in-bag rows `start` to `end` are now in `node`; needed where sparse columns are scanned. */
  label(start: number, end: number, node: number): void;
}

/** Rows whose bin is at most `bin` go left, the same comparison as `x <= edges[bin]` on the raw value. */
export function createPartitioner(matrix: BinnedMatrix, samples: Samples): Partitioner {
  const { rows, bins, denseColumns, sparseColumns, zeroBin } = matrix;
  const { cscStart, cscRow, cscBin, csrStart, csrColumn, csrBin } = matrix;
  const { order, weight, outOrder, nodeOf, scratchOrder, scratchWeight } = samples;
  const entriesPerRow = cscRow.length / rows;
  /** Bins of the node's rows in the column at hand, from 0 on. */
  const here = new Uint8Array(rows);
  /** One sparse column spread over all rows, each bin XOR the bin of 0, so that it is 0 when not in use. */
  const spread = new Uint8Array(sparseColumns > 0 ? rows : 0);

  function gatherDense(list: Uint32Array, start: number, end: number, column: number): void {
    const offset = column * rows;
    for (let i = start; i < end; i++) here[i - start] = bins[offset + (list[i]! >>> 1)]!;
  }

  function gatherAlongRows(list: Uint32Array, start: number, end: number, column: number): void {
    for (let i = start; i < end; i++) {
      const row = list[i]! >>> 1;
      const last = csrStart[row + 1]!;
      let bin = zeroBin[column]!;
      for (let at = csrStart[row]!; at < last; at++) if (csrColumn[at]! === column) bin = csrBin[at]!;
      here[i - start] = bin;
    }
  }

  function gatherDownColumn(list: Uint32Array, start: number, end: number, column: number): void {
    const zero = zeroBin[column]!;
    const first = cscStart[column]!;
    const last = cscStart[column + 1]!;
    for (let at = first; at < last; at++) spread[cscRow[at]!] = cscBin[at]! ^ zero;
    for (let i = start; i < end; i++) here[i - start] = spread[list[i]! >>> 1]! ^ zero;
    for (let at = first; at < last; at++) spread[cscRow[at]!] = 0;
  }

  function gather(list: Uint32Array, start: number, end: number, column: number): void {
    const sparse = column - denseColumns;
    if (sparse < 0) gatherDense(list, start, end, column);
    else if (cscStart[sparse + 1]! - cscStart[sparse]! < (end - start) * entriesPerRow)
      gatherDownColumn(list, start, end, sparse);
    else gatherAlongRows(list, start, end, sparse);
  }

  return {
    inBag(start, end, column, bin) {
      gather(order, start, end, column);
      let to = start;
      let held = 0;
      for (let i = start; i < end; i++) {
        if (here[i - start]! <= bin) {
          order[to] = order[i]!;
          weight[to++] = weight[i]!;
        } else {
          scratchOrder[held] = order[i]!;
          scratchWeight[held++] = weight[i]!;
        }
      }
      for (let i = 0; i < held; i++) {
        order[to + i] = scratchOrder[i]!;
        weight[to + i] = scratchWeight[i]!;
      }
      return to;
    },
    outOfBag(start, end, column, bin) {
      gather(outOrder, start, end, column);
      let to = start;
      let held = 0;
      for (let i = start; i < end; i++) {
        if (here[i - start]! <= bin) outOrder[to++] = outOrder[i]!;
        else scratchOrder[held++] = outOrder[i]!;
      }
      for (let i = 0; i < held; i++) outOrder[to + i] = scratchOrder[i]!;
      return to;
    },
    label(start, end, node) {
      if (sparseColumns === 0) return;
      for (let i = start; i < end; i++) nodeOf[order[i]! >>> 1] = node;
    },
  };
}
