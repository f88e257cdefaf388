import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { createKernelScorer } from '../../models/heads/kernel.ts';
import { stackKernel } from './kernel.ts';

const DIMENSIONS = 16;

/** Unit vectors around eight centres; neighbouring centres have different classes. */
function clusters(count: number, seed: number) {
  const random = createRandom(seed);
  const centres = createRandom(11);
  const middle = Array.from({ length: 8 }, () =>
    Array.from({ length: DIMENSIONS }, () => centres.next() - 0.5),
  );
  const embeddings = new Float32Array(count * DIMENSIONS);
  const targets = new Int16Array(count);
  for (let row = 0; row < count; row++) {
    const cluster = random.below(8);
    targets[row] = cluster % 2;
    const vector = middle[cluster]!.map((value) => value + 0.3 * (random.next() - 0.5));
    const length = Math.hypot(...vector);
    embeddings.set(
      vector.map((value) => value / length),
      row * DIMENSIONS,
    );
  }
  return { embeddings, targets };
}

function train(maxRows?: number) {
  const { embeddings, targets } = clusters(240, 5);
  targets[239] = -1;
  const task = {
    name: 'neighbours',
    phrase: 'neighbours',
    targets,
    weights: new Float32Array(240).fill(1),
    groups: Uint32Array.from({ length: 240 }, (_, row) => row >> 1),
  };
  const folds = Uint8Array.from({ length: 240 }, (_, row) => (row >> 1) % 3);
  return stackKernel(embeddings, DIMENSIONS, task, folds, 3, maxRows === undefined ? {} : { maxRows });
}

describe('kernel head', () => {
  it('knows new points of the same clusters, and held-out rows', () => {
    const { head, outOfFold } = train();
    const fresh = clusters(100, 6);
    const score = createKernelScorer(head);
    const right = Array.from(fresh.targets).filter(
      (target, row) => score(fresh.embeddings, row * DIMENSIONS) > 0 === (target === 1),
    );
    expect(right.length).toBeGreaterThan(97);
    const { targets } = clusters(240, 5);
    const rightHeld = Array.from(targets.subarray(0, 239)).filter(
      (target, row) => outOfFold[row]! > 0 === (target === 1),
    );
    expect(rightHeld.length).toBeGreaterThan(232);
  });

  it('is the same when trained again', () => {
    expect(train()).toEqual(train());
  });

  it('takes one row of every group before a second of any', () => {
    const { head } = train(120);
    expect(head.coefficients.length).toBeLessThanOrEqual(120);
    const score = createKernelScorer(head);
    const fresh = clusters(100, 6);
    const right = Array.from(fresh.targets).filter(
      (target, row) => score(fresh.embeddings, row * DIMENSIONS) > 0 === (target === 1),
    );
    expect(right.length).toBeGreaterThan(94);
  });
});
