import { type LinearHead, type SparseRow, sigmoid } from '../../models/heads/linear.ts';
import { minimise } from './lbfgs.ts';

export interface LogisticOptions {
  /** Inverse strength of the L2 penalty, as in liblinear; default 4. */
  readonly c?: number;
  /** Default 80. */
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
  const c = options.c ?? 4;
  const solution = minimise(
    (at, gradient) => {
      let loss = 0;
      for (let j = 0; j < columns; j++) {
        loss += 0.5 * at[j]! * at[j]!;
        gradient[j] = at[j]!;
      }
      gradient[columns] = 0;
      for (let i = 0; i < rows.length; i++) {
        const { indices, values } = rows[i]!;
        const weight = c * weights[i]!;
        if (weight === 0) continue;
        let logit = at[columns]!;
        for (let k = 0; k < indices.length; k++) logit += at[indices[k]!]! * values[k]!;
        const margin = targets[i] ? logit : -logit;
        loss +=
          weight * (margin > 0 ? Math.log1p(Math.exp(-margin)) : -margin + Math.log1p(Math.exp(margin)));
        const slope = weight * (sigmoid(logit) - targets[i]!);
        for (let k = 0; k < indices.length; k++) gradient[indices[k]!]! += slope * values[k]!;
        gradient[columns]! += slope;
      }
      return loss;
    },
    new Float64Array(columns + 1),
    { maxIterations: options.maxIterations ?? 80 },
  );
  return { weights: Float32Array.from(solution.subarray(0, columns)), bias: solution[columns]! };
}
