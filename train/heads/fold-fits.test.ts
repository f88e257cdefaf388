import { describe, expect, it } from 'vitest';
import { createRandom } from '../../models/base/random.ts';
import { packRows } from '../sparse-matrix.ts';
import { type FoldJob, fitFolds } from './fold-fits.ts';
import { fitLogistic } from './logistic.ts';

const ROWS = 240;
const COLUMNS = 30;
const random = createRandom(5);
const rows = Array.from({ length: ROWS }, () => {
  const indices = Uint32Array.from({ length: 6 }, () => random.below(COLUMNS)).sort();
  return { indices, values: Float32Array.from(indices, () => random.next()) };
});
const targets = Int16Array.from(rows, ({ indices }, row) => (row % 10 === 3 ? -1 : indices[0]! < 4 ? 1 : 0));
const weights = Float32Array.from(rows, () => 0.5 + random.next());
const folds = Uint8Array.from(rows, () => random.below(3));
const job: FoldJob = { matrix: packRows(ROWS, COLUMNS, (row) => rows[row]!), targets, weights, c: 4 };

describe('fitFolds', () => {
  it('fits what fitting each fold by itself gives', async () => {
    const [heads] = await fitFolds([job], { folds, foldCount: 3, threads: 1 });
    const without = (held: number) =>
      fitLogistic(
        rows,
        COLUMNS,
        targets,
        weights.map((weight, row) => (targets[row]! < 0 || folds[row] === held ? 0 : weight)),
        { c: 4 },
      );
    expect(heads!.byFold).toEqual([0, 1, 2].map(without));
    expect(heads!.all).toEqual(without(-1));
  });

  it('gives the same bits at any number of threads, jobs in their order', async () => {
    const other = { ...job, c: 0.5 };
    const seen: number[] = [];
    const one = await fitFolds([job, other], { folds, foldCount: 3, threads: 1 });
    const two = await fitFolds([job, other], {
      folds,
      foldCount: 3,
      threads: 2,
      onProgress: (done) => seen.push(done),
    });
    expect(two).toEqual(one);
    expect(one[0]!.all).not.toEqual(one[1]!.all);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
});
