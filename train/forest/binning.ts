import { createRandom } from '../../models/base/random.ts';
import type { ForestData } from './data.ts';
import { binOf, quantileEdges } from './quantile.ts';

/** Values beyond this many are sampled before quantiles are taken. */
const QUANTILE_SAMPLE = 65_536;
/** Rows binned together, so that the row-major source stays in the cache while columns are written. */
const BLOCK_ROWS = 256;
/** Columns gathered in one pass over the rows: one cache line of them. */
const COLUMNS_AT_ONCE = 16;

/**
 * Training values as bin numbers, in shared memory so that workers read it without a copy. A value in bin `b` of
 * a column is `<=` every edge from `b` on and above those before.
 */
export interface BinnedMatrix {
  readonly rows: number;
  readonly denseColumns: number;
  readonly sparseColumns: number;
  /** Column after column, `denseColumns x rows`. */
  readonly bins: Uint8Array;
  /** Edges of all columns, dense then sparse; those of column `c` are `edgeStart[c]` to `edgeStart[c + 1]`. */
  readonly edges: Float32Array;
  readonly edgeStart: Uint32Array;
  /** Bin of the value 0 in each sparse column. */
  readonly zeroBin: Uint8Array;
  /** Entries of the sparse columns by column (CSC), rows ascending. */
  readonly cscStart: Uint32Array;
  readonly cscRow: Uint32Array;
  readonly cscBin: Uint8Array;
  /** The same entries by row (CSR), columns ascending; columns count from the first sparse one. */
  readonly csrStart: Uint32Array;
  readonly csrColumn: Uint16Array;
  readonly csrBin: Uint8Array;
}

const sharedU8 = (length: number) => new Uint8Array(new SharedArrayBuffer(length));
const sharedU16 = (length: number) => new Uint16Array(new SharedArrayBuffer(2 * length));
const sharedU32 = (length: number) => new Uint32Array(new SharedArrayBuffer(4 * length));

function sampleRows(rows: number, seed: number): Uint32Array | undefined {
  if (rows <= QUANTILE_SAMPLE) return undefined;
  const random = createRandom(seed);
  return Uint32Array.from({ length: QUANTILE_SAMPLE }, () => random.below(rows));
}

function denseEdges(data: ForestData, denseColumns: number, maxBins: number, seed: number): Float32Array[] {
  const chosen = sampleRows(data.rows, seed);
  const count = chosen?.length ?? data.rows;
  const all: Float32Array[] = [];
  for (let first = 0; first < denseColumns; first += COLUMNS_AT_ONCE) {
    const width = Math.min(COLUMNS_AT_ONCE, denseColumns - first);
    const held = new Float32Array(width * count);
    for (let i = 0; i < count; i++) {
      const from = (chosen === undefined ? i : chosen[i]!) * denseColumns + first;
      for (let k = 0; k < width; k++) held[k * count + i] = data.dense[from + k]!;
    }
    for (let k = 0; k < width; k++)
      all.push(quantileEdges(held.subarray(k * count, (k + 1) * count).sort(), maxBins));
  }
  return all;
}

/** The implicit zeros of a sparse column count as one value, so that non-zeros share the bins among them. */
function sparseEdges(data: ForestData, maxBins: number, seed: number): Float32Array[] {
  const { sparse, rows } = data;
  const all: Float32Array[] = [];
  for (let column = 0; column < (sparse?.columns ?? 0); column++) {
    const values = sparse!.values.subarray(sparse!.indptr[column], sparse!.indptr[column + 1]);
    const chosen = sampleRows(values.length, seed);
    const hasZero = values.length < rows;
    const held = new Float32Array((chosen?.length ?? values.length) + (hasZero ? 1 : 0));
    if (chosen === undefined) held.set(values);
    else for (let i = 0; i < chosen.length; i++) held[i] = values[chosen[i]!]!;
    all.push(quantileEdges(held.sort(), maxBins));
  }
  return all;
}

function transpose(cscStart: Uint32Array, cscRow: Uint32Array, cscBin: Uint8Array, rows: number) {
  const csrStart = sharedU32(rows + 1);
  const csrColumn = sharedU16(cscRow.length);
  const csrBin = sharedU8(cscRow.length);
  for (let at = 0; at < cscRow.length; at++) csrStart[cscRow[at]! + 1]!++;
  for (let row = 0; row < rows; row++) csrStart[row + 1]! += csrStart[row]!;
  const next = csrStart.slice();
  for (let column = 0; column + 1 < cscStart.length; column++) {
    for (let at = cscStart[column]!; at < cscStart[column + 1]!; at++) {
      const to = next[cscRow[at]!]!++;
      csrColumn[to] = column;
      csrBin[to] = cscBin[at]!;
    }
  }
  return { csrStart, csrColumn, csrBin };
}

/**
 * Bins every column at quantiles, at most `maxBins` (2 to 255) bins each. The seed matters above 65,536 rows,
 * where the quantiles come from a sample.
 */
export function binData(data: ForestData, maxBins: number, seed: number): BinnedMatrix {
  const { rows, columns, dense, sparse } = data;
  const sparseColumns = sparse?.columns ?? 0;
  const denseColumns = columns - sparseColumns;
  const perColumn = [...denseEdges(data, denseColumns, maxBins, seed), ...sparseEdges(data, maxBins, seed)];
  const edgeStart = sharedU32(columns + 1);
  perColumn.forEach((of, column) => {
    edgeStart[column + 1] = edgeStart[column]! + of.length;
  });
  const edges = new Float32Array(new SharedArrayBuffer(4 * edgeStart[columns]!));
  perColumn.forEach((of, column) => {
    edges.set(of, edgeStart[column]);
  });

  const bins = sharedU8(denseColumns * rows);
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const last = Math.min(rows, first + BLOCK_ROWS);
    for (let column = 0; column < denseColumns; column++) {
      const start = edgeStart[column]!;
      const end = edgeStart[column + 1]!;
      for (let row = first; row < last; row++)
        bins[column * rows + row] = binOf(dense[row * denseColumns + column]!, edges, start, end);
    }
  }

  const nonZeros = sparse?.rowIndices.length ?? 0;
  const zeroBin = sharedU8(sparseColumns);
  const cscStart = sharedU32(sparseColumns + 1);
  const cscRow = sharedU32(nonZeros);
  const cscBin = sharedU8(nonZeros);
  if (sparse !== undefined) {
    cscStart.set(sparse.indptr);
    cscRow.set(sparse.rowIndices);
    for (let column = 0; column < sparseColumns; column++) {
      const start = edgeStart[denseColumns + column]!;
      const end = edgeStart[denseColumns + column + 1]!;
      zeroBin[column] = binOf(0, edges, start, end);
      for (let at = cscStart[column]!; at < cscStart[column + 1]!; at++)
        cscBin[at] = binOf(sparse.values[at]!, edges, start, end);
    }
  }
  const byRow = transpose(cscStart, cscRow, cscBin, rows);
  return Object.freeze({
    rows,
    denseColumns,
    sparseColumns,
    bins,
    edges,
    edgeStart,
    zeroBin,
    cscStart,
    cscRow,
    cscBin,
    ...byRow,
  });
}
