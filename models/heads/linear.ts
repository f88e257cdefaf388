/** A linear head: a logit as a weighted sum of features. */
export interface LinearHead {
  readonly weights: Float32Array;
  readonly bias: number;
}

/** A sparse row: ascending column numbers and their values. */
export interface SparseRow {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/** The logit of a sparse row. */
export function scoreSparse(head: LinearHead, row: SparseRow): number {
  let sum = head.bias;
  for (let k = 0; k < row.indices.length; k++) sum += head.weights[row.indices[k]!]! * row.values[k]!;
  return sum;
}

/** The logit of one row of a dense matrix, `offset` being the index of its first value. */
export function scoreDense(head: LinearHead, values: Float32Array, offset: number): number {
  const { weights } = head;
  let sum = head.bias;
  for (let k = 0; k < weights.length; k++) sum += weights[k]! * values[offset + k]!;
  return sum;
}

/** Logistic function. */
export function sigmoid(logit: number): number {
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit));
}
