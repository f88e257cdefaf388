import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { createRandom, seedOf, shuffle } from '../../models/base/random.ts';
import { createDotProducts, LANES } from '../../models/heads/dot-products.ts';
import { createKernelScorer, type KernelHead, project, squaredLength } from '../../models/heads/kernel.ts';
import { type Gram, KERNEL_ONE, type Machine, trainMachine } from './smo.ts';

export interface KernelTask {
  readonly name: string;
  readonly phrase: string;
  /** 1, 0, or -1 to leave the row out. */
  readonly targets: Int16Array;
  readonly weights: Float32Array;
  /** Rows that belong together: of many rows of one group, few become landmarks. */
  readonly groups: Uint32Array;
}

export interface KernelOptions {
  /** Default 192. */
  readonly components?: number;
  /** Default 2. */
  readonly gamma?: number;
  /** Price of a training error; default 4. */
  readonly c?: number;
  /** Most rows that a machine may learn from; default 16,000 (its kernel matrix takes 512 MB). */
  readonly maxRows?: number;
  readonly seed?: number;
}

/** A machine on all rows, and what machines that never saw a row's fold say of it. */
export interface StackedKernel {
  readonly head: KernelHead;
  readonly outOfFold: Float32Array;
}

/** Rows that the principal components are found on. */
const PROJECTION_ROWS = 6000;

/**
 * Trains one support vector machine a fold and one on all rows, from one kernel matrix.
 *
 * @param embeddings `rows x dimensions`, row after row
 */
export function stackKernel(
  embeddings: Float32Array,
  dimensions: number,
  task: KernelTask,
  folds: Uint8Array,
  foldCount: number,
  options: KernelOptions = {},
  onFit: () => void = () => undefined,
): StackedKernel {
  const seed = options.seed ?? 1;
  const gamma = options.gamma ?? 2;
  const chosen = chooseRows(task, options.maxRows ?? 16_000, seed);
  const components = Math.min(options.components ?? 192, dimensions - (dimensions % LANES));
  const projection = principalComponents(
    embeddings,
    dimensions,
    chosen.subarray(0, PROJECTION_ROWS),
    components,
  );
  const space = quantise(embeddings, dimensions, chosen, components, projection);
  const gram = kernelMatrix(space, components, gamma);
  const labels = Uint8Array.from(chosen, (row) => task.targets[row]!);
  const c = options.c ?? 4;
  const fit = (held: number) =>
    trainMachine(gram, labels, {
      bounds: Float64Array.from(chosen, (row) => (folds[row] === held ? 0 : c * task.weights[row]!)),
    });
  const shape = {
    name: task.name,
    phrase: task.phrase,
    inputs: dimensions,
    components,
    projection,
    step: space.step,
    gamma,
  };
  const headOf = ({ coefficients, bias }: Machine): KernelHead => {
    const kept = Uint32Array.from(chosen.keys()).filter((at) => coefficients[at] !== 0);
    const landmarks = new Int8Array(kept.length * components);
    kept.forEach((at, k) => {
      landmarks.set(space.landmarks.subarray(at * components, (at + 1) * components), k * components);
    });
    return {
      ...shape,
      landmarks,
      coefficients: Float32Array.from(kept, (at) => coefficients[at]!),
      bias,
    };
  };
  const positionOf = new Map(Array.from(chosen, (row, at) => [row, at]));
  const outOfFold = new Float32Array(folds.length);
  for (let fold = 0; fold < foldCount; fold++) {
    const machine = fit(fold);
    const score = createKernelScorer(headOf(machine));
    for (let row = 0; row < folds.length; row++) {
      if (folds[row] !== fold) continue;
      const at = positionOf.get(row);
      outOfFold[row] = at === undefined ? score(embeddings, row * dimensions) : scoreKnown(gram, machine, at);
    }
    onFit();
  }
  const head = headOf(fit(-1));
  onFit();
  return { head, outOfFold };
}

/** Labelled rows, one of each group before a second of any, shuffled. */
function chooseRows({ targets, groups }: KernelTask, most: number, seed: number): Uint32Array {
  const labelled = Uint32Array.from(targets.keys()).filter((row) => targets[row]! >= 0);
  shuffle(labelled, createRandom(seedOf(`kernel/${seed}`)));
  const first: number[] = [];
  const more: number[] = [];
  const seen = new Set<number>();
  for (const row of labelled) {
    (seen.has(groups[row]!) ? more : first).push(row);
    seen.add(groups[row]!);
  }
  return Uint32Array.from([...first, ...more].slice(0, most));
}

/** Directions of most variance, `dimensions x components`. */
function principalComponents(
  embeddings: Float32Array,
  dimensions: number,
  rows: Uint32Array,
  components: number,
): Float32Array {
  const mean = new Float64Array(dimensions);
  for (const row of rows)
    for (let i = 0; i < dimensions; i++) mean[i]! += embeddings[row * dimensions + i]! / rows.length;
  const covariance = Array.from({ length: dimensions }, () => new Float64Array(dimensions));
  const centred = new Float64Array(dimensions);
  for (const row of rows) {
    for (let i = 0; i < dimensions; i++) centred[i] = embeddings[row * dimensions + i]! - mean[i]!;
    for (let i = 0; i < dimensions; i++) {
      const value = centred[i]!;
      const line = covariance[i]!;
      for (let j = 0; j <= i; j++) line[j]! += value * centred[j]!;
    }
  }
  for (let i = 0; i < dimensions; i++) for (let j = 0; j < i; j++) covariance[j]![i] = covariance[i]![j]!;
  const { eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(covariance), {
    assumeSymmetric: true,
  });
  const out = new Float32Array(dimensions * components);
  // Eigenvalues ascend.
  for (let i = 0; i < dimensions; i++)
    for (let j = 0; j < components; j++)
      out[i * components + j] = eigenvectorMatrix.get(i, dimensions - 1 - j);
  return out;
}

const LARGEST_STEP = 127;

/** Projected rows in whole steps. */
interface Landmarks {
  readonly landmarks: Int8Array;
  readonly step: number;
}

/** Projects the chosen rows and rounds them to steps as fine as the widest component allows. */
function quantise(
  embeddings: Float32Array,
  dimensions: number,
  rows: Uint32Array,
  components: number,
  projection: Float32Array,
): Landmarks {
  const shape = { inputs: dimensions, components, projection };
  const vectors = Array.from(rows, (row) => project(shape, embeddings, row * dimensions));
  let widest = 0;
  for (const vector of vectors) for (const value of vector) widest = Math.max(widest, Math.abs(value));
  const step = Math.fround((widest || 1) / LARGEST_STEP);
  const landmarks = new Int8Array(vectors.length * components);
  vectors.forEach((vector, at) => {
    for (let j = 0; j < components; j++)
      landmarks[at * components + j] = Math.max(
        -LARGEST_STEP,
        Math.min(LARGEST_STEP, Math.round(vector[j]! / step)),
      );
  });
  return { landmarks, step };
}

function kernelMatrix({ landmarks, step }: Landmarks, components: number, gamma: number): Gram {
  const size = landmarks.length / components;
  const dots = createDotProducts(size, components);
  dots.rows.set(landmarks);
  const rowOf = (i: number) => landmarks.subarray(i * components, (i + 1) * components);
  const norms = Float64Array.from({ length: size }, (_, i) => squaredLength(rowOf(i), step));
  const twice = 2 * step * step;
  const values = new Uint16Array(size * size);
  for (let i = 0; i < size; i++) {
    dots.query.set(rowOf(i));
    dots.run(0, i + 1);
    for (let j = 0; j <= i; j++) {
      const distance = Math.max(0, norms[i]! + norms[j]! - twice * dots.sums[j]!);
      const value = Math.round(KERNEL_ONE * Math.exp(-gamma * distance));
      values[i * size + j] = value;
      values[j * size + i] = value;
    }
  }
  return { size, values };
}

function scoreKnown({ size, values }: Gram, { coefficients, bias }: Machine, at: number): number {
  let sum = bias;
  for (let i = 0; i < size; i++) sum += (coefficients[i]! * values[at * size + i]!) / KERNEL_ONE;
  return sum;
}
