import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { denseOutputs, likeliest, logitOf } from '../../models/heads/dense.ts';
import { type DenseOptions, type DenseTask, fitDenseHead } from './dense.ts';
import { openTensorFlow } from './tensorflow.ts';

const ROWS = 300;
const WIDTH = 4;
const random = createRandom(1);
const embeddings = Float32Array.from({ length: ROWS * WIDTH }, () => random.next() * 2 - 1);
const at = (row: number, column: number) => embeddings[row * WIDTH + column]!;
const rowsWhere = (test: (row: number) => boolean) =>
  Array.from({ length: ROWS }, (_, row) => row).filter(test);

function task(targetOf: (row: number) => number, readout: DenseTask['readout']): DenseTask {
  return {
    name: 'test',
    phrase: 'a test',
    readout,
    targets: Int16Array.from({ length: ROWS }, (_, row) => targetOf(row)),
    weights: new Float32Array(ROWS).fill(1),
  };
}
const linear = task((row) => (at(row, 0) - 2 * at(row, 2) > 0 ? 1 : 0), { kind: 'logit' });
const exclusiveOr = task((row) => (at(row, 0) * at(row, 1) > 0 ? 1 : 0), { kind: 'logit' });
const thirds = task((row) => (at(row, 0) > 0.3 ? 0 : at(row, 1) > 0 ? 1 : 2), {
  kind: 'groups',
  names: ['code', 'sale', 'phishing'],
  group: [0, 1, 2],
});

const train = (what: DenseTask, include: (row: number) => boolean, options: DenseOptions = {}) =>
  fitDenseHead(embeddings, WIDTH, what, include, { l2: 0, batch: 64, ...options });
const heldOut = (row: number) => row % 4 === 0;
const learned = (row: number) => !heldOut(row);

function accuracy(head: Awaited<ReturnType<typeof train>>, of: DenseTask): number {
  const rows = rowsWhere(heldOut);
  return (
    rows.filter(
      (row) => logitOf(head, denseOutputs(head, embeddings, row * WIDTH)) > 0 === (of.targets[row] === 1),
    ).length / rows.length
  );
}

describe('fitDenseHead', () => {
  it('learns a line', async () => {
    expect(accuracy(await train(linear, learned, { epochs: 40, learningRate: 0.1 }), linear)).toBeGreaterThan(
      0.93,
    );
  });

  it('learns with a hidden layer what no line can', async () => {
    const straight = await train(exclusiveOr, learned, { epochs: 20, learningRate: 0.1 });
    const hidden = await train(exclusiveOr, learned, { epochs: 120, learningRate: 0.05, hidden: 16 });
    expect(accuracy(straight, exclusiveOr)).toBeLessThan(0.75);
    expect(accuracy(hidden, exclusiveOr)).toBeGreaterThan(0.88);
  });

  it('learns classes and scores them as groups', async () => {
    const head = await train(thirds, learned, { epochs: 80, learningRate: 0.1, hidden: 12 });
    const rows = rowsWhere(heldOut);
    const names = ['code', 'sale', 'phishing'];
    const right = rows.filter(
      (row) => likeliest(head, embeddings, row * WIDTH, 1)[0]!.name === names[thirds.targets[row]!],
    );
    expect(right.length / rows.length).toBeGreaterThan(0.85);
    const sale = rows.filter((row) => thirds.targets[row] === 1);
    expect(
      sale.filter((row) => logitOf(head, denseOutputs(head, embeddings, row * WIDTH)) > 0).length /
        sale.length,
    ).toBeGreaterThan(0.85);
  });

  it('answers here as TensorFlow.js does', async () => {
    const head = await train(thirds, learned, { epochs: 5, hidden: 7 });
    const tf = await openTensorFlow();
    const expected = tf.tidy(() => {
      let x = tf.tensor2d(embeddings, [ROWS, WIDTH]);
      for (const { weights, bias, inputs, outputs, activation } of head.layers) {
        const next = x.matMul(tf.tensor2d(weights, [inputs, outputs])).add(tf.tensor1d(bias)) as typeof x;
        x = activation === 'relu' ? next.relu() : next;
      }
      return x.dataSync();
    });
    for (let row = 0; row < ROWS; row++) {
      denseOutputs(head, embeddings, row * WIDTH).forEach((value, i) => {
        expect(Math.abs(value - expected[row * 3 + i]!)).toBeLessThan(1e-5);
      });
    }
  });

  it('gives the same head again, and does not look at rows that are held out, left out or weightless', async () => {
    const options = { epochs: 4, hidden: 5, dropout: 0.2, seed: 3 };
    const head = await train(linear, learned, options);
    expect(await train(linear, learned, options)).toEqual(head);
    const otherwise = {
      ...linear,
      targets: linear.targets.map((target, row) => (heldOut(row) ? 1 - target : target)),
    };
    expect(await train(otherwise, learned, options)).toEqual(head);
    const leftOut = { ...linear, targets: linear.targets.map((target, row) => (heldOut(row) ? -1 : target)) };
    expect(await train(leftOut, () => true, options)).toEqual(head);
    const weightless = { ...otherwise, weights: linear.weights.map((_, row) => (heldOut(row) ? 0 : 1)) };
    expect(await train(weightless, () => true, options)).toEqual(head);
  });

  it('ends after so many steps, however many epochs are left', async () => {
    const options = { seed: 4, learningRate: 0.1 };
    // 225 rows in batches of 64 are four steps an epoch.
    const few = await train(linear, learned, { ...options, epochs: 2 });
    expect(await train(linear, learned, { ...options, epochs: 500, maxSteps: 8 })).toEqual(few);
    expect(await train(linear, learned, { ...options, epochs: 500, maxSteps: 9 })).not.toEqual(few);
  });

  it('leaves no tensor behind', async () => {
    const tf = await openTensorFlow();
    await train(linear, learned, { epochs: 1 });
    const before = tf.memory().numTensors;
    await train(linear, learned, { epochs: 1 });
    expect(tf.memory().numTensors).toBe(before);
  });
});
