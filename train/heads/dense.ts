import type { Tensor2D } from '@tensorflow/tfjs';
import { createRandom, shuffle } from '../../models/base/random.ts';
import type { DenseHead, DenseLayer, Readout } from '../../models/heads/dense.ts';
import { openTensorFlow, type TensorFlow } from './tensorflow.ts';

export interface DenseTask {
  readonly name: string;
  readonly phrase: string;
  readonly readout: Readout;
  /** Class of each row: 0 or 1 for a `logit` readout, an index into `names` for `groups`; -1 leaves the row out. */
  readonly targets: Int16Array;
  readonly weights: Float32Array;
}

export interface DenseOptions {
  /** Width of the hidden layer, 0 for none; default 0. */
  readonly hidden?: number;
  /** Default 30. */
  readonly epochs?: number;
  /** Many rows end before all epochs, after so many steps; default 3,000. */
  readonly maxSteps?: number;
  /** Rows a step; default 256. */
  readonly batch?: number;
  /** L2 penalty on the weights; default 1e-4. */
  readonly l2?: number;
  /** Default 0.02, falling to zero along a cosine. */
  readonly learningRate?: number;
  /** Share of the inputs dropped a step, 0 to below 1; default 0. */
  readonly dropout?: number;
  readonly seed?: number;
}

/** What 75,000 rows take in 20 epochs; a linear head has long settled by then. */
const MAX_STEPS = 3_000;

/**
 * Trains a head over embeddings with TensorFlow.js (Adam, cross-entropy).
 *
 * @param embeddings `rows x dimensions`, row after row
 * @param include rows that may be learned from (the others are held out)
 */
export async function fitDenseHead(
  embeddings: Float32Array,
  dimensions: number,
  task: DenseTask,
  include: (row: number) => boolean,
  options: DenseOptions = {},
): Promise<DenseHead> {
  const tf = await openTensorFlow();
  const rows = Int32Array.from(task.targets.keys()).filter(
    (row) => task.targets[row]! >= 0 && task.weights[row]! > 0 && include(row),
  );
  const outputs = task.readout.kind === 'logit' ? 1 : task.readout.names.length;
  const random = createRandom(options.seed ?? 1);
  const sizes = options.hidden ? [dimensions, options.hidden, outputs] : [dimensions, outputs];
  // Variables outlive the tidy, the tensors that they start from do not.
  const variables = tf.tidy(() =>
    sizes.slice(1).map((width, depth) => ({
      weights: tf.variable(initial(tf, sizes[depth]!, width, sizes.length > 2, random.below(2 ** 31))),
      bias: tf.variable(tf.zeros([width])),
    })),
  );
  const batch = options.batch ?? 256;
  const steps = Math.min(
    (options.epochs ?? 30) * Math.ceil(rows.length / batch),
    options.maxSteps ?? MAX_STEPS,
  );
  const rate = options.learningRate ?? 0.02;
  const optimizer = tf.train.adam(rate);
  let step = 0;
  while (step < steps) {
    shuffle(rows, random);
    for (let start = 0; start < rows.length && step < steps; start += batch) {
      const chosen = rows.subarray(start, start + batch);
      (optimizer as unknown as { learningRate: number }).learningRate =
        0.5 * rate * (1 + Math.cos((Math.PI * step++) / steps)) + 1e-6;
      tf.tidy(() => {
        const x = gather(tf, embeddings, dimensions, chosen);
        const dropped = options.dropout
          ? tf.dropout(x, options.dropout, undefined, random.below(2 ** 31))
          : x;
        const y = targetTensor(tf, task, chosen, outputs);
        const weight = tf.tensor1d(Float32Array.from(chosen, (row) => task.weights[row]!));
        optimizer.minimize(() => {
          let hidden = dropped as Tensor2D;
          variables.forEach((layer, depth) => {
            const linear = hidden.matMul(layer.weights as unknown as Tensor2D).add(layer.bias) as Tensor2D;
            hidden = depth < variables.length - 1 ? linear.relu() : linear;
          });
          const losses = outputs === 1 ? logisticLoss(tf, y, hidden) : softmaxLoss(tf, y, hidden);
          const fit = losses.mul(weight).sum().div(weight.sum());
          const penalty = variables.map((layer) => layer.weights.square().sum()).reduce((a, b) => a.add(b));
          return fit.add(penalty.mul(options.l2 ?? 1e-4)).asScalar();
        });
      });
    }
  }
  const layers: DenseLayer[] = variables.map((layer, depth) => ({
    inputs: sizes[depth]!,
    outputs: sizes[depth + 1]!,
    weights: Float32Array.from(layer.weights.dataSync()),
    bias: Float32Array.from(layer.bias.dataSync()),
    activation: depth < variables.length - 1 ? 'relu' : 'linear',
  }));
  for (const layer of variables) tf.dispose([layer.weights, layer.bias]);
  optimizer.dispose();
  return { name: task.name, phrase: task.phrase, layers, readout: task.readout };
}

function initial(tf: TensorFlow, inputs: number, outputs: number, deep: boolean, seed: number) {
  return deep
    ? tf.randomNormal([inputs, outputs], 0, Math.sqrt(2 / inputs), 'float32', seed)
    : tf.zeros([inputs, outputs]);
}

function gather(tf: TensorFlow, embeddings: Float32Array, dimensions: number, rows: Int32Array): Tensor2D {
  const values = new Float32Array(rows.length * dimensions);
  rows.forEach((row, at) => {
    values.set(embeddings.subarray(row * dimensions, (row + 1) * dimensions), at * dimensions);
  });
  return tf.tensor2d(values, [rows.length, dimensions]);
}

function targetTensor(tf: TensorFlow, task: DenseTask, rows: Int32Array, outputs: number): Tensor2D {
  const values = new Float32Array(rows.length * outputs);
  rows.forEach((row, at) => {
    const target = task.targets[row]!;
    if (outputs === 1) values[at] = target;
    else values[at * outputs + target] = 1;
  });
  return tf.tensor2d(values, [rows.length, outputs]);
}

function logisticLoss(tf: TensorFlow, y: Tensor2D, logits: Tensor2D) {
  return tf
    .relu(logits)
    .sub(logits.mul(y))
    .add(tf.log1p(tf.exp(tf.neg(tf.abs(logits)))))
    .sum(1);
}

function softmaxLoss(tf: TensorFlow, y: Tensor2D, logits: Tensor2D) {
  return tf.neg(tf.logSoftmax(logits).mul(y).sum(1));
}
