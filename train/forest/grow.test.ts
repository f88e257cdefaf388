import { expect, test } from 'vitest';
import { encodeForest } from '../../models/forest/codec.ts';
import { leafOf, predict, shapeOf } from '../../models/forest/forest.ts';
import { drawBag, numberGroups, treeRandom } from './bag.ts';
import { dataOf, mixedRows } from './data.fixture.ts';
import { growForest } from './grow.ts';

const same = (a: Uint8Array, b: Uint8Array) => Buffer.from(a).equals(b);

test('one thread and several grow the same bytes, in any distribution of trees', async () => {
  const { data } = dataOf(mixedRows(1, 1200, 12, 60, { groups: 300 }), 12);
  const options = { trees: 25, seed: 5, maxDepth: 12 };
  const one = await growForest(data, { ...options, threads: 1 });
  for (const threads of [2, 3]) {
    const several = await growForest(data, { ...options, threads });
    expect(same(encodeForest(several.forest), encodeForest(one.forest))).toBe(true);
    expect(several.oobScore).toEqual(one.oobScore);
    expect(several.oobTrees).toEqual(one.oobTrees);
    expect(several.importances).toEqual(one.importances);
  }
  const other = await growForest(data, { ...options, threads: 1, seed: 6 });
  expect(same(encodeForest(other.forest), encodeForest(one.forest))).toBe(false);
});

test.each([
  ['dense', undefined],
  ['mixed', 6],
  ['sparse', 0],
])('raw rows reach the leaves they were trained in: %s columns', async (_kind, sparseFrom) => {
  const rows = mixedRows(2, 700, 6, 30, { steps: 16, groups: 300 });
  const { data, x } = dataOf(rows, sparseFrom);
  const { forest, oobScore, oobTrees } = await growForest(data, {
    trees: 12,
    seed: 3,
    classWeights: 'none',
    maxBins: 20,
  });
  const groups = numberGroups(data.group);
  const sum = new Float64Array(data.rows);
  const count = new Uint16Array(data.rows);
  for (let tree = 0; tree < forest.trees; tree++) {
    const { drawn } = drawBag(groups, 'group', 2 ** 31, treeRandom(3, tree));
    const weight = new Float64Array(forest.feature.length);
    const positive = new Float64Array(forest.feature.length);
    for (let row = 0; row < data.rows; row++) {
      const leaf = leafOf(forest, forest.roots[tree]!, x, row * data.columns);
      const times = drawn[groups.of[row]!]!;
      weight[leaf]! += times;
      positive[leaf]! += times * data.y[row]!;
      if (times > 0) continue;
      sum[row]! += forest.value[leaf]!;
      count[row]!++;
    }
    const end = forest.roots[tree + 1] ?? forest.feature.length;
    for (let node = forest.roots[tree]!; node < end; node++) {
      if (forest.feature[node]! >= 0) continue;
      expect(weight[node]).toBe(forest.cover[node]);
      expect(Math.abs(positive[node]! / weight[node]! - forest.value[node]!)).toBeLessThan(2 ** -24);
    }
  }
  expect(oobTrees).toEqual(count);
  expect(oobScore).toEqual(sum.map((total, row) => total / count[row]!));
});

test('sparse columns grow the same forest as the same columns dense', async () => {
  const rows = mixedRows(4, 900, 0, 40, { steps: 12 });
  for (const featuresPerSplit of [1, 6, 40]) {
    const options = { trees: 8, featuresPerSplit };
    const dense = await growForest(dataOf(rows).data, options);
    const sparse = await growForest(dataOf(rows, 0).data, options);
    expect(same(encodeForest(sparse.forest), encodeForest(dense.forest))).toBe(true);
  }
});

test('a row of weight two is that row twice', async () => {
  const rows = mixedRows(5, 500, 5, 20).map((row, i) => ({ ...row, weight: i % 3 === 0 ? 2 : 1 }));
  const twice = rows.flatMap(({ weight, ...row }) => (weight === 2 ? [row, row] : [row]));
  const options = { trees: 10, bootstrap: 'none', maxBins: 255, classWeights: 'none', seed: 9 } as const;
  const grid = (from: typeof twice) =>
    from.map((row) => ({ ...row, values: row.values.map((v) => Math.round(v * 40) / 40) }));
  const weighted = await growForest(dataOf(grid(rows), 5).data, options);
  const repeated = await growForest(dataOf(grid(twice), 5).data, options);
  expect(same(encodeForest(weighted.forest), encodeForest(repeated.forest))).toBe(true);
  const ignored = await growForest(
    dataOf(
      grid(rows).map((row) => ({ ...row, weight: 1 })),
      5,
    ).data,
    options,
  );
  expect(same(encodeForest(ignored.forest), encodeForest(weighted.forest))).toBe(false);
});

test('a row of weight nought is scored but teaches nothing', async () => {
  const rows = mixedRows(6, 300, 6, 0, { steps: 20 });
  const liars = rows
    .slice(0, 40)
    .map((row) => ({ ...row, label: row.label === 1 ? 0 : 1, weight: 0 }) as const);
  const options = { trees: 5, bootstrap: 'none', classWeights: 'none' } as const;
  const alone = await growForest(dataOf(rows).data, options);
  const withLiars = await growForest(dataOf([...rows, ...liars]).data, options);
  expect(same(encodeForest(withLiars.forest), encodeForest(alone.forest))).toBe(true);
});

test('balanced class weights give both classes half of the root', async () => {
  const rows = mixedRows(7, 800, 6, 10).filter(({ label }, i) => label === 0 || i % 8 === 0);
  const options = { trees: 3, bootstrap: 'none' } as const;
  const { forest } = await growForest(dataOf(rows).data, options);
  for (const root of forest.roots) expect(forest.value[root]).toBeCloseTo(0.5, 6);
  const plain = await growForest(dataOf(rows).data, { ...options, classWeights: 'none' });
  const share = rows.filter(({ label }) => label === 1).length / rows.length;
  expect(plain.forest.value[0]).toBeCloseTo(share, 6);
  const tilted = await growForest(dataOf(rows).data, {
    ...options,
    classWeights: { negative: 1, positive: 3 },
  });
  expect(tilted.forest.value[0]).toBeCloseTo((3 * share) / (3 * share + 1 - share), 6);
});

test('depth, leaf weight and gain limits hold', async () => {
  const { data } = dataOf(mixedRows(8, 1500, 10, 20), 10);
  const options = { trees: 10, classWeights: 'none' } as const;
  const free = await growForest(data, options);
  expect(shapeOf((await growForest(data, { ...options, maxDepth: 3 })).forest).maxDepth).toBe(3);
  const heavy = (await growForest(data, { ...options, minLeafWeight: 25 })).forest;
  for (let node = 0; node < heavy.feature.length; node++)
    if (heavy.feature[node]! < 0) expect(heavy.cover[node]).toBeGreaterThanOrEqual(25);
  const gainful = shapeOf((await growForest(data, { ...options, minGain: 0.004 })).forest);
  expect(gainful.nodes).toBeLessThan(shapeOf(free.forest).nodes / 4);
  expect(gainful.nodes).toBeGreaterThan(10);
});

test('importances sum to one and lie where the signal is', async () => {
  const { data } = dataOf(mixedRows(9, 2000, 10, 20, { noise: 0.02 }), 10);
  const { importances } = await growForest(data, { trees: 30, minLeafWeight: 5 });
  expect(importances.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 9);
  const noise = Math.max(...importances.slice(3, 10), ...importances.slice(18));
  for (const column of [0, 1, 2]) expect(importances[column]).toBeGreaterThan(2 * noise);
});

test('identical rows with opposite labels end in one leaf of one half', async () => {
  const rows = Array.from({ length: 20 }, (_, i) => ({ label: (i % 2) as 0 | 1, values: [1, 0, 3] }));
  const { data, x } = dataOf(rows, 1);
  const { forest, importances } = await growForest(data, { trees: 4, bootstrap: 'none' });
  expect(forest.feature.length).toBe(4);
  expect([...predict(forest, x, 20)]).toEqual(new Array(20).fill(0.5));
  expect([...importances]).toEqual([0, 0, 0]);
});

test('a row that every bag holds has no out-of-bag score', async () => {
  const { data } = dataOf(mixedRows(10, 60, 4, 0));
  const { oobScore, oobTrees } = await growForest(data, { trees: 3, bootstrap: 'none' });
  expect(oobTrees.every((count) => count === 0)).toBe(true);
  expect(oobScore.every(Number.isNaN)).toBe(true);
});

test.each([1, 2])('progress counts every tree and an abort ends growing: %i threads', async (threads) => {
  const { data } = dataOf(mixedRows(11, 600, 8, 20), 8);
  const seen: number[] = [];
  await growForest(data, { trees: 100, threads, maxDepth: 4 }, ({ treesDone, trees }) => {
    expect(trees).toBe(100);
    seen.push(treesDone);
  });
  expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  const stop = new AbortController();
  const growing = growForest(data, { trees: 2000, threads, signal: stop.signal }, ({ treesDone }) => {
    if (treesDone === 3) stop.abort(new Error('enough'));
  });
  await expect(growing).rejects.toThrow('enough');
  const failing = growForest(data, { trees: 100, threads, maxDepth: 4 }, () => {
    throw new Error('the bar broke');
  });
  await expect(failing).rejects.toThrow('the bar broke');
});
