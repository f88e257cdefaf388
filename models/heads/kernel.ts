import { createDotProducts } from './dot-products.ts';

/**
 * A radial-basis-function machine over an embedding: a new text is held against known ones. Vectors are projected on
 * few components first, which keeps distances; landmarks are the projected training texts that the machine rests on.
 */
export interface KernelHead {
  /** Stable name; the column is `embedding:<name>`. */
  readonly name: string;
  /** What a person reads for it. */
  readonly phrase: string;
  /** Width of the embedding. */
  readonly inputs: number;
  /** Width of a landmark, a multiple of 8. */
  readonly components: number;
  /** `inputs x components`, input after input. */
  readonly projection: Float32Array;
  /** `coefficients.length x components`, in whole steps. */
  readonly landmarks: Int8Array;
  /** Length of one step. */
  readonly step: number;
  /** Weight of each landmark, positive towards promotional. */
  readonly coefficients: Float32Array;
  readonly bias: number;
  /** `exp(-gamma * squared distance)`. */
  readonly gamma: number;
}

/** Scores one embedding, which starts at `offset`. */
export type ScoreKernel = (embedding: Float32Array, offset: number) => number;

/** A new text is rounded this much finer than landmarks are. */
const FINER = 64;
const LARGEST_16_BIT = 32_767;

/** Prepares a head for answering. */
export function createKernelScorer(head: KernelHead): ScoreKernel {
  const { components, coefficients, bias, gamma, step } = head;
  const count = coefficients.length;
  const dots = createDotProducts(count, components);
  dots.rows.set(head.landmarks);
  const norms = Float64Array.from({ length: count }, (_, i) =>
    squaredLength(head.landmarks.subarray(i * components, (i + 1) * components), step),
  );
  const twice = (2 * step * step) / FINER;
  return (embedding, offset) => {
    const projected = project(head, embedding, offset);
    for (let j = 0; j < components; j++) {
      const value = Math.round((projected[j]! / step) * FINER);
      dots.query[j] = Math.max(-LARGEST_16_BIT, Math.min(LARGEST_16_BIT, value));
    }
    const norm = squaredLength(dots.query, step / FINER);
    dots.run();
    let sum = bias;
    for (let i = 0; i < count; i++)
      sum += coefficients[i]! * Math.exp(-gamma * (norm + norms[i]! - twice * dots.sums[i]!));
    return sum;
  };
}

/** Components of the embedding that starts at `offset`. */
export function project(
  { inputs, components, projection }: Pick<KernelHead, 'inputs' | 'components' | 'projection'>,
  embedding: Float32Array,
  offset: number,
): Float64Array {
  const out = new Float64Array(components);
  for (let i = 0, at = 0; i < inputs; i++) {
    const value = embedding[offset + i]!;
    for (let j = 0; j < components; j++, at++) out[j]! += value * projection[at]!;
  }
  return out;
}

/** Squared length of a row of whole steps. */
export function squaredLength(row: Int8Array | Int16Array, step: number): number {
  let sum = 0;
  for (const value of row) sum += value * value;
  return sum * step * step;
}
