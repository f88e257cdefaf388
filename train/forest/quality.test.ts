import { RandomForestClassifier } from 'ml-random-forest';
import { expect, test } from 'vitest';
import { createRandom, shuffle } from '../../models/base/random.ts';
import { predictBatch } from '../../models/forest/batch.ts';
import { accuracy, dataOf, type LabelledRow, mixedRows } from './data.fixture.ts';
import { growForest } from './grow.ts';
import type { ForestOptions } from './options.ts';

/** Accuracy on rows the forest has not seen, and out of bag on those it has. */
async function learn(
  train: readonly LabelledRow[],
  held: readonly LabelledRow[],
  options: ForestOptions,
  sparseFrom?: number,
): Promise<{ held: number; outOfBag: number }> {
  const { data } = dataOf(train, sparseFrom);
  const { forest, oobScore } = await growForest(data, options);
  const unseen = dataOf(held);
  const scores = predictBatch(forest, unseen.x, held.length);
  return { held: accuracy(scores, unseen.data.y), outOfBag: accuracy(oobScore, data.y) };
}

/**
 * The first and third of the MONK's problems (Thrun et al., 1991): all 432 combinations of six discrete
 * attributes, labelled by a rule.
 */
function monks(rule: (a: readonly number[]) => boolean): LabelledRow[] {
  const rows: LabelledRow[] = [];
  for (let code = 0; code < 432; code++) {
    const a = [code % 3, ((code / 3) | 0) % 3, ((code / 9) | 0) % 2, ((code / 18) | 0) % 3];
    a.push(((code / 54) | 0) % 4, ((code / 216) | 0) % 2);
    rows.push({ label: rule(a) ? 1 : 0, values: a });
  }
  return rows;
}

const problems: [string, LabelledRow[], number][] = [
  ['MONK 1', monks((a) => a[0] === a[1] || a[4] === 0), 6],
  ['MONK 3', monks((a) => (a[4] === 2 && a[3] === 0) || (a[4] !== 3 && a[1] !== 2)), 6],
  ['smooth and sparse columns', mixedRows(21, 600, 8, 12), 10],
  ['noisy labels', mixedRows(22, 600, 6, 4, { noise: 0.25 }), 5],
];

test.each(problems)(
  'no worse than ml-random-forest with the same trees, depth and columns: %s',
  async (_name, all, features) => {
    let ours = 0;
    let theirs = 0;
    for (const seed of [1, 2, 3]) {
      const rows = shuffle([...all], createRandom(seed));
      const cut = Math.floor(rows.length / 2);
      const train = rows.slice(0, cut);
      const held = rows.slice(cut);
      const options = {
        trees: 25,
        maxDepth: 10,
        featuresPerSplit: features,
        classWeights: 'none',
        seed,
      } as const;
      ours += (await learn(train, held, options)).held / 3;
      const reference = new RandomForestClassifier({
        nEstimators: options.trees,
        maxFeatures: features,
        replacement: false,
        useSampleBagging: true,
        noOOB: true,
        seed,
        treeOptions: { maxDepth: options.maxDepth, minNumSamples: 1 },
      });
      const values = (of: LabelledRow[]) => of.map((row) => [...row.values]);
      reference.train(
        values(train),
        train.map(({ label }) => label),
      );
      const answers = reference.predict(values(held));
      theirs += held.filter(({ label }, i) => answers[i] === label).length / held.length / 3;
    }
    expect(ours).toBeGreaterThan(0.6);
    expect(ours).toBeGreaterThanOrEqual(theirs - 0.005);
  },
);

test('learns exclusive or among columns of noise, which no single column tells', async () => {
  const random = createRandom(31);
  const rows = Array.from({ length: 3000 }, (): LabelledRow => {
    const values = Array.from({ length: 6 }, () => random.next());
    return { label: values[0]! > 0.5 !== values[1]! > 0.5 ? 1 : 0, values };
  });
  const result = await learn(rows.slice(0, 2000), rows.slice(2000), { trees: 60, featuresPerSplit: 4 });
  expect(result.held).toBeGreaterThan(0.93);
});

test('learns from sparse columns alone: words that speak for one class', async () => {
  const random = createRandom(32);
  const rows = Array.from({ length: 3000 }, (): LabelledRow => {
    const label = random.next() < 0.5 ? 1 : 0;
    const values = Array.from({ length: 300 }, (_, word) => {
      const frequency = word < 30 && word % 2 === label ? 0.15 : word < 30 ? 0.01 : 0.03;
      return random.next() < frequency ? 0.1 + random.next() : 0;
    });
    return { label, values };
  });
  const result = await learn(rows.slice(0, 2000), rows.slice(2000), { trees: 100 }, 0);
  // The likelihood ratio of the generating frequencies, which no learner can beat, is right 93.1% of the time.
  expect(result.held).toBeGreaterThan(0.9);
});

test('the out-of-bag estimate is close to one on held-out rows', async () => {
  const rows = mixedRows(33, 5000, 10, 30, { noise: 0.15 });
  const result = await learn(rows.slice(0, 2500), rows.slice(2500), { trees: 80 }, 10);
  expect(Math.abs(result.outOfBag - result.held)).toBeLessThan(0.025);
});

test('copies of one template do not flatter the out-of-bag estimate', async () => {
  const random = createRandom(34);
  const templates = Array.from({ length: 150 }, (_, group) => ({
    group,
    label: (random.next() < 0.5 ? 1 : 0) as 0 | 1,
    values: Array.from({ length: 8 }, () => random.next()),
  }));
  const rows = templates.flatMap((template) =>
    Array.from({ length: 8 }, () => ({
      ...template,
      values: template.values.map((value) => value + random.next() * 1e-3),
    })),
  );
  const honest = await growForest(dataOf(rows).data, { trees: 60 });
  const y = dataOf(rows).data.y;
  expect(accuracy(honest.oobScore, y)).toBeLessThan(0.65);
  const alone = rows.map(({ label, values }) => ({ label, values }));
  const flattered = await growForest(dataOf(alone).data, { trees: 60 });
  expect(accuracy(flattered.oobScore, y)).toBeGreaterThan(0.95);
});
