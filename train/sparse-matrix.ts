import type { SparseRow } from '../models/heads/linear.ts';

/** Sparse rows one after another (CSR) in shared memory, so that threads read them without a copy. */
export interface SparseMatrix {
  readonly columns: number;
  /** Row `i` lies from `starts[i]` to `starts[i + 1]`. */
  readonly starts: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** Entries gathered before they are put aside. */
const CHUNK = 1 << 20;

/**
 * Packs rows as they come; only the packed form is held.
 *
 * @param count number of rows
 * @param rowOf asked once for each row, in order
 */
export function packRows(count: number, columns: number, rowOf: (row: number) => SparseRow): SparseMatrix {
  const starts = new Uint32Array(new SharedArrayBuffer(4 * (count + 1)));
  const full: { indices: Uint32Array; values: Float32Array; used: number }[] = [];
  let chunk = { indices: new Uint32Array(CHUNK), values: new Float32Array(CHUNK), used: 0 };
  for (let row = 0; row < count; row++) {
    const { indices, values } = rowOf(row);
    if (chunk.used + indices.length > chunk.indices.length) {
      full.push(chunk);
      const room = Math.max(CHUNK, indices.length);
      chunk = { indices: new Uint32Array(room), values: new Float32Array(room), used: 0 };
    }
    chunk.indices.set(indices, chunk.used);
    chunk.values.set(values, chunk.used);
    chunk.used += indices.length;
    starts[row + 1] = starts[row]! + indices.length;
  }
  full.push(chunk);
  const entries = starts[count]!;
  const indices = new Uint32Array(new SharedArrayBuffer(4 * entries));
  const values = new Float32Array(new SharedArrayBuffer(4 * entries));
  let at = 0;
  for (let part = full.shift(); part !== undefined; part = full.shift()) {
    indices.set(part.indices.subarray(0, part.used), at);
    values.set(part.values.subarray(0, part.used), at);
    at += part.used;
  }
  return { columns, starts, indices, values };
}

/** The rows as views; no value is copied. */
export function rowViews({ starts, indices, values }: SparseMatrix): SparseRow[] {
  return Array.from({ length: starts.length - 1 }, (_, row) => ({
    indices: indices.subarray(starts[row], starts[row + 1]),
    values: values.subarray(starts[row], starts[row + 1]),
  }));
}
