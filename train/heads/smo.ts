/** A kernel matrix, asked row by row. */
export interface Gram {
  readonly size: number;
  /** `size x size`, row after row; 65,535 stands for 1. */
  readonly values: Uint16Array;
}

export interface SmoOptions {
  /** Largest multiplier of each row; 0 leaves the row out. */
  readonly bounds: ArrayLike<number>;
  /** Violation of the optimality conditions that is accepted; default 0.05. */
  readonly tolerance?: number;
  /** Default 200,000. */
  readonly maxIterations?: number;
}

export interface Machine {
  /** Multiplier times label of every row. */
  readonly coefficients: Float64Array;
  readonly bias: number;
}

/** What the value 1 is stored as. */
export const KERNEL_ONE = 65_535;

/**
 * Trains a support vector machine (Cortes & Vapnik 1995) by sequential minimal optimisation with second-order working
 * sets (Fan, Chen & Lin 2005). The kernel is 1 on the diagonal.
 *
 * @param labels 1 for positive, anything else for negative
 */
export function trainMachine(gram: Gram, labels: ArrayLike<number>, options: SmoOptions): Machine {
  const kept = Uint32Array.from({ length: gram.size }, (_, row) => row).filter(
    (row) => options.bounds[row]! > 0,
  );
  const n = kept.length;
  const y = Int8Array.from(kept, (row) => (labels[row] === 1 ? 1 : -1));
  const bound = Float64Array.from(kept, (row) => options.bounds[row]!);
  const alpha = new Float64Array(n);
  const gradient = new Float64Array(n).fill(-1);
  const tolerance = options.tolerance ?? 0.05;
  const kernelRow = (i: number, out: Float64Array) => {
    const start = kept[i]! * gram.size;
    for (let t = 0; t < n; t++) out[t] = gram.values[start + kept[t]!]! / KERNEL_ONE;
  };
  const rowI = new Float64Array(n);
  const rowJ = new Float64Array(n);
  const mayRise = (t: number) => (y[t] === 1 ? alpha[t]! < bound[t]! : alpha[t]! > 0);
  const mayFall = (t: number) => (y[t] === 1 ? alpha[t]! > 0 : alpha[t]! < bound[t]!);
  let upper = 0;
  let lower = 0;
  let i = y.indexOf(1);
  for (let step = 0; i >= 0 && step < (options.maxIterations ?? 200_000); step++) {
    upper = -y[i]! * gradient[i]!;
    kernelRow(i, rowI);
    let j = -1;
    let best = 0;
    lower = Number.POSITIVE_INFINITY;
    for (let t = 0; t < n; t++) {
      if (!mayFall(t)) continue;
      const value = -y[t]! * gradient[t]!;
      if (value < lower) lower = value;
      const gap = upper - value;
      if (gap <= 0) continue;
      const gain = (gap * gap) / Math.max(1e-12, 2 - 2 * rowI[t]!);
      if (gain > best) {
        best = gain;
        j = t;
      }
    }
    if (j < 0 || upper - lower < tolerance) break;
    kernelRow(j, rowJ);
    const [di, dj] = solvePair(y, alpha, bound, gradient, i, j, Math.max(1e-12, 2 - 2 * rowI[j]!));
    alpha[i]! += di;
    alpha[j]! += dj;
    const pushI = di * y[i]!;
    const pushJ = dj * y[j]!;
    let largest = Number.NEGATIVE_INFINITY;
    i = -1;
    for (let t = 0; t < n; t++) {
      const slope = gradient[t]! + y[t]! * (pushI * rowI[t]! + pushJ * rowJ[t]!);
      gradient[t] = slope;
      // The row that violates the conditions most among those whose multiplier may rise along its label.
      if (-y[t]! * slope > largest && mayRise(t)) {
        largest = -y[t]! * slope;
        i = t;
      }
    }
  }
  const coefficients = new Float64Array(gram.size);
  for (let t = 0; t < n; t++) coefficients[kept[t]!] = alpha[t]! * y[t]!;
  return { coefficients, bias: (upper + lower) / 2 };
}

/** Best change of two multipliers that keeps their balance and both within their bounds. */
function solvePair(
  y: Int8Array,
  alpha: Float64Array,
  bound: Float64Array,
  gradient: Float64Array,
  i: number,
  j: number,
  curvature: number,
): [number, number] {
  const yi = y[i]!;
  const yj = y[j]!;
  // Along the feasible line alpha_i grows by yi * s and alpha_j shrinks by yj * s.
  let s = (-yi * gradient[i]! + yj * gradient[j]!) / curvature;
  s = Math.min(s, yi === 1 ? bound[i]! - alpha[i]! : alpha[i]!);
  s = Math.min(s, yj === 1 ? alpha[j]! : bound[j]! - alpha[j]!);
  return [yi * s, -yj * s];
}
