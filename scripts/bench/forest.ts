import { RandomForestClassifier } from 'ml-random-forest';
import { monotonicMs } from '../../models/base/clock.ts';
import { createRandom } from '../../models/base/random.ts';
import { createCharVectoriser } from '../../models/features/characters.ts';
import { layoutOf } from '../../models/features/layout.ts';
import { binMetadata } from '../../models/features/metadata.ts';
import { countSignals, SIGNAL_COUNT } from '../../models/features/signals.ts';
import { createWordVectoriser } from '../../models/features/words.ts';
import { predictBatch } from '../../models/forest/batch.ts';
import { contributions } from '../../models/forest/contributions.ts';
import { type Forest, predict, shapeOf } from '../../models/forest/forest.ts';
import { shapleyValues } from '../../models/forest/tree-shap.ts';
import { writeRow } from '../../models/forest-row.ts';
import { scoreSparse } from '../../models/heads/linear.ts';
import type { Model } from '../../models/model.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import type { ForestData } from '../../train/forest/data.ts';
import { growForest } from '../../train/forest/grow.ts';
import type { ForestOptions } from '../../train/forest/options.ts';

export interface ForestBenchRow {
  readonly name: string;
  readonly unit: 's' | 'rows/s' | 'us/row';
  readonly value: number;
  /** Share of unseen rows on the right side of one half; training rows of the table only. */
  readonly accuracy?: number;
  /** What was measured: size of the data, of the forest. */
  readonly detail: string;
}

interface Table {
  readonly rows: number;
  readonly columns: number;
  readonly x: Float32Array;
  readonly y: Uint8Array;
}

/**
 * Rows shaped like those of the classifier: a quarter smooth columns of which ten matter, the others mostly zero,
 * the frequent ones telling; one label in ten is wrong.
 */
function syntheticTable(seed: number, rows: number, columns: number): Table {
  const random = createRandom(seed);
  const smooth = columns >> 2;
  const x = new Float32Array(rows * columns);
  const y = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) {
    let score = 0;
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      if (column < smooth) {
        x[at] = random.next() * 2 - 1;
        if (column < 10) score += x[at]!;
        continue;
      }
      const word = column - smooth;
      if (random.next() >= 0.2 / (1 + word / 8)) continue;
      x[at] = 0.1 + random.next();
      if (word < 40) score += word % 2 === 0 ? 1.5 : -1.5;
    }
    y[row] = score > 0 !== random.next() < 0.1 ? 1 : 0;
  }
  return { rows, columns, x, y };
}

function dataOf({ rows, columns, x, y }: Table): ForestData {
  return {
    rows,
    columns,
    dense: x,
    y,
    weight: new Float32Array(rows).fill(1),
    group: Uint32Array.from({ length: rows }, (_, row) => row),
  };
}

function accuracyOf(held: Table, isPositive: (row: number) => boolean): number {
  let right = 0;
  for (let row = 0; row < held.rows; row++) if (isPositive(row) === (held.y[row] === 1)) right++;
  return right / held.rows;
}

function describe(forest: Forest): string {
  const { trees, leaves, meanLeafDepth } = shapeOf(forest);
  return `${trees} trees, ${Math.round(leaves / trees)} leaves each, mean depth ${meanLeafDepth.toFixed(1)}`;
}

const seconds = (fromMs: number): number => (monotonicMs() - fromMs) / 1000;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

async function trainOurs(name: string, train: Table, held: Table, options: ForestOptions, runs: number) {
  const times: number[] = [];
  let forest: Forest | undefined;
  for (let run = 0; run < runs; run++) {
    const start = monotonicMs();
    ({ forest } = await growForest(dataOf(train), options));
    times.push(seconds(start));
  }
  const scores = predictBatch(forest!, held.x, held.rows);
  const accuracy = accuracyOf(held, (row) => scores[row]! > 0.5);
  const detail = `${train.rows} x ${train.columns}, ${describe(forest!)}, median of ${runs}`;
  return { forest: forest!, row: { name, unit: 's', value: median(times), accuracy, detail } as const };
}

function trainTheirs(name: string, train: Table, held: Table, options: object, runs: number): ForestBenchRow {
  const lists = (table: Table) =>
    Array.from({ length: table.rows }, (_, row) =>
      Array.from(table.x.subarray(row * table.columns, (row + 1) * table.columns)),
    );
  const values = lists(train);
  const labels = Array.from(train.y);
  const times: number[] = [];
  let forest = new RandomForestClassifier(options);
  for (let run = 0; run < runs; run++) {
    const start = monotonicMs();
    forest = new RandomForestClassifier(options);
    forest.train(values, labels);
    times.push(seconds(start));
  }
  const answers = forest.predict(lists(held));
  const accuracy = accuracyOf(held, (row) => answers[row] === 1);
  const detail = `${train.rows} x ${train.columns}, median of ${runs}`;
  return { name, unit: 's', value: median(times), accuracy, detail };
}

/** Rows of the shipped model's lexical forest, as the classifier makes them. */
function rowsOf(model: Model, texts: readonly string[]): Float32Array {
  const layout = layoutOf(0, model.terms.length);
  const wordRow = createWordVectoriser(model.words);
  const charRow = createCharVectoriser(model.chars);
  const signals = new Float32Array(SIGNAL_COUNT);
  const unknown = binMetadata(undefined);
  const x = new Float32Array(texts.length * layout.columns);
  texts.forEach((text, row) => {
    const canonical = canonicalise(text);
    const words = wordRow(canonical);
    countSignals(canonical, signals);
    const heads = {
      word: scoreSparse(model.wordHead, words),
      char: scoreSparse(model.charHead, charRow(canonical)),
      dense: [],
    };
    writeRow(model, layout, { signals, words }, heads, unknown, x, row * layout.columns);
  });
  return x;
}

/** Median of `passes` timed calls after one to warm up, in microseconds a row. */
function microsecondsPerRow(rows: number, passes: number, call: () => unknown): number {
  call();
  const times: number[] = [];
  for (let pass = 0; pass < passes; pass++) {
    const start = monotonicMs();
    call();
    times.push(monotonicMs() - start);
  }
  return (1000 * median(times)) / rows;
}

function answerRows(which: string, forest: Forest, x: Float32Array, rows: number): ForestBenchRow[] {
  const { columns } = forest;
  const detail = describe(forest);
  const rate = (name: string, call: () => unknown): ForestBenchRow => ({
    name,
    unit: 'rows/s',
    value: 1e6 / microsecondsPerRow(rows, 5, call),
    detail: `${detail}, one core, ${columns} columns`,
  });
  const perRow = (name: string, count: number, explain: typeof contributions): ForestBenchRow => ({
    name,
    unit: 'us/row',
    value: microsecondsPerRow(count, 3, () => {
      for (let row = 0; row < count; row++) explain(forest, x.subarray(row * columns, (row + 1) * columns));
    }),
    detail,
  });
  return [
    rate(`${which}, plain loop`, () => predict(forest, x, rows)),
    rate(`${which}, batched`, () => predictBatch(forest, x, rows)),
    rate(`${which}, one row a call`, () => {
      for (let row = 0; row < rows; row++)
        predictBatch(forest, x.subarray(row * columns, (row + 1) * columns), 1);
    }),
    perRow(`${which}, reasons by path`, 500, contributions),
    perRow(`${which}, reasons by Shapley values`, 5, shapleyValues),
  ];
}

/** Runs of `ml-random-forest`: each takes a minute or so. */
const PEER_RUNS = 1;

/**
 * The forest against `ml-random-forest` on the same rows (2,000 x 400, 20 trees; then each as it comes), and how fast
 * the shipped model's lexical forest and one of 200 trees grown here answer and explain. Most of the time is
 * `ml-random-forest`'s, which draws columns per tree, ours per node.
 *
 * @param texts messages for the shipped forest, some thousands
 * @param runs of each training; medians are reported
 */
export async function benchForest(
  model: Model,
  texts: readonly string[],
  runs: number,
): Promise<ForestBenchRow[]> {
  const train = syntheticTable(1, 2000, 400);
  const held = syntheticTable(2, 2000, 400);
  const shared = { trees: 20, maxDepth: 10, featuresPerSplit: 20, seed: 1 } as const;
  const options = { ...shared, classWeights: 'none' } as const;
  const ours = await trainOurs('train, Laneway, 20 trees', train, held, options, runs);
  const theirs = trainTheirs(
    'train, ml-random-forest, 20 trees',
    train,
    held,
    {
      nEstimators: shared.trees,
      maxFeatures: shared.featuresPerSplit,
      replacement: false,
      noOOB: true,
      seed: shared.seed,
      treeOptions: { maxDepth: shared.maxDepth },
    },
    PEER_RUNS,
  );
  const small = syntheticTable(3, 500, 100);
  const smallHeld = syntheticTable(4, 2000, 100);
  const oursAsItComes = await trainOurs('train, Laneway, defaults (200 trees)', small, smallHeld, {}, runs);
  const theirsAsItComes = trainTheirs(
    'train, ml-random-forest, defaults (50 trees)',
    small,
    smallHeld,
    {},
    PEER_RUNS,
  );
  const large = syntheticTable(5, 10_000, 400);
  const full = await trainOurs('train, Laneway, 200 trees, all threads', large, held, {}, 1);
  return [
    ours.row,
    theirs,
    oursAsItComes.row,
    theirsAsItComes,
    full.row,
    ...answerRows('shipped forest', model.lexical.forest, rowsOf(model, texts), texts.length),
    ...answerRows('forest of all threads', full.forest, held.x, held.rows),
  ];
}
