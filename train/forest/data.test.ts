import { availableParallelism } from 'node:os';
import { expect, test } from 'vitest';
import { dataOf } from './data.fixture.ts';
import { checkData, type ForestData } from './data.ts';
import { type ForestOptions, planOf } from './options.ts';

const { data } = dataOf(
  [
    { label: 1, values: [1, 0, 2] },
    { label: 0, values: [2, 5, 0] },
    { label: 0, values: [3, 6, 7] },
  ],
  1,
);
const sparse = data.sparse!;

test('good data passes', () => {
  expect(() => checkData(data)).not.toThrow();
});

test.each<[string, Partial<ForestData>]>([
  ['rows', { rows: 0 }],
  ['columns', { columns: 1 }],
  ['columns', { columns: 70_000 }],
  ['dense', { dense: new Float32Array(4) }],
  ['dense', { dense: Float32Array.of(1, Number.NaN, 2) }],
  ['sparse.indptr', { sparse: { ...sparse, indptr: Uint32Array.of(0, 2, 3) } }],
  ['sparse.indptr', { sparse: { ...sparse, indptr: Uint32Array.of(0, 5, 4) } }],
  ['sparse.values', { sparse: { ...sparse, values: new Float32Array(3) } }],
  ['sparse.values', { sparse: { ...sparse, values: new Float32Array(4).fill(1 / 0) } }],
  ['sparse.rowIndices', { sparse: { ...sparse, rowIndices: Uint32Array.of(2, 1, 0, 2) } }],
  ['sparse.rowIndices', { sparse: { ...sparse, rowIndices: Uint32Array.of(1, 3, 0, 2) } }],
  ['y', { y: Uint8Array.of(0, 1, 2) }],
  ['y', { y: Uint8Array.of(1, 1, 1) }],
  ['y', { weight: Float32Array.of(0, 1, 1) }],
  ['weight', { weight: Float32Array.of(1, -1, 1) }],
  ['y, weight, group', { group: new Uint32Array(2) }],
])('wrong data names the array: %s', (where, wrong) => {
  expect(() => checkData({ ...data, ...wrong })).toThrow(
    expect.objectContaining({ code: 'FOREST_DATA_INVALID', where }),
  );
});

test.each<[string, ForestOptions]>([
  ['trees', { trees: 0 }],
  ['trees', { trees: 2.5 }],
  ['featuresPerSplit', { featuresPerSplit: 4 }],
  ['maxDepth', { maxDepth: 65 }],
  ['minLeafWeight', { minLeafWeight: -1 }],
  ['minGain', { minGain: Number.NaN }],
  ['classWeights.positive', { classWeights: { negative: 1, positive: 0 } }],
  ['maxRowsPerTree', { maxRowsPerTree: 0 }],
  ['maxBins', { maxBins: 256 }],
  ['seed', { seed: -1 }],
  ['threads', { threads: 0 }],
])('wrong options are named: %s', (where, options) => {
  expect(() => planOf(options, 3, 3)).toThrow(
    expect.objectContaining({ code: 'FOREST_OPTIONS_INVALID', where }),
  );
});

test('threads are started only where there is work for them', () => {
  expect(planOf({}, 500, 100).threads).toBe(1);
  expect(planOf({}, 500_000, 100).threads).toBe(availableParallelism());
  expect(planOf({ threads: 3 }, 500, 100).threads).toBe(3);
});
