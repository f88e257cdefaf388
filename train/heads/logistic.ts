import { type LinearHead, type SparseRow, sigmoid } from '../../models/heads/linear.ts';
import { packRows, type SparseMatrix } from '../sparse-matrix.ts';
import { minimise } from './lbfgs.ts';

export interface LogisticOptions {
  /** Inverse strength of the L2 penalty, as in liblinear; default 4. */
  readonly c?: number;
  /** Default 60. */
  readonly maxIterations?: number;
}

/**
 * L2-regularised logistic regression on sparse rows, the intercept unpenalised.
 *
 * @param rows one a message
 * @param columns width of the feature space
 * @param targets 1 for positive, 0 for negative
 * @param weights importance of each row, at least 0
 */
export function fitLogistic(
  rows: readonly SparseRow[],
  columns: number,
  targets: ArrayLike<number>,
  weights: ArrayLike<number>,
  options: LogisticOptions = {},
): LinearHead {
  return fitLogisticMatrix(
    packRows(rows.length, columns, (row) => rows[row]!),
    targets,
    weights,
    options,
  );
}

/** {@link fitLogistic} on packed rows, none of which is copied. */
export function fitLogisticMatrix(
  { columns, starts, indices, values }: SparseMatrix,
  targets: ArrayLike<number>,
  weights: ArrayLike<number>,
  options: LogisticOptions = {},
): LinearHead {
  const c = options.c ?? 4;
  const kept = Uint32Array.from({ length: starts.length - 1 }, (_, row) => row).filter(
    (row) => weights[row]! > 0,
  );
  const labels = Uint8Array.from(kept, (row) => targets[row]!);
  const importance = Float64Array.from(kept, (row) => c * weights[row]!);
  const solution = minimise(
    (at, gradient) => {
      let loss = 0;
      for (let j = 0; j < columns; j++) {
        loss += 0.5 * at[j]! * at[j]!;
        gradient[j] = at[j]!;
      }
      gradient[columns] = 0;
      for (let i = 0; i < kept.length; i++) {
        const start = starts[kept[i]!]!;
        const end = starts[kept[i]! + 1]!;
        let logit = at[columns]!;
        for (let k = start; k < end; k++) logit += at[indices[k]!]! * values[k]!;
        const weight = importance[i]!;
        const margin = labels[i] ? logit : -logit;
        loss +=
          weight * (margin > 0 ? Math.log1p(Math.exp(-margin)) : -margin + Math.log1p(Math.exp(margin)));
        const slope = weight * (sigmoid(logit) - labels[i]!);
        for (let k = start; k < end; k++) gradient[indices[k]!]! += slope * values[k]!;
        gradient[columns]! += slope;
      }
      return loss;
    },
    new Float64Array(columns + 1),
    { maxIterations: options.maxIterations ?? 60, tolerance: 1e-3 },
  );
  return { weights: Float32Array.from(solution.subarray(0, columns)), bias: solution[columns]! };
}
