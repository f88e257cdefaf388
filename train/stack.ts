import type { LabelledRow } from '../data/read/labelled.ts';
import type { DenseHead } from '../models/heads/dense.ts';
import { denseOutputs, knowsScams, logitOf, scamLogitOf } from '../models/heads/dense.ts';
import type { KernelHead } from '../models/heads/kernel.ts';
import { type LinearHead, type SparseRow, scoreSparse } from '../models/heads/linear.ts';
import type { Embeddings } from './embedding-cache.ts';
import { type DenseOptions, type DenseTask, fitDenseHead } from './heads/dense.ts';
import { type FoldHeads, fitFolds } from './heads/fold-fits.ts';
import { stackKernel } from './heads/kernel.ts';
import type { TermMatrix, TrainingRow } from './matrix.ts';

export type { Embeddings } from './embedding-cache.ts';

/** A head fitted on all rows, and what heads that never saw a row's fold say of it. */
export interface StackedHead<Head> {
  readonly head: Head;
  readonly outOfFold: Float32Array;
}

/** A head over embeddings; one that knows intents of scams also says how much more like them a row is. */
export interface StackedDense extends StackedHead<DenseHead> {
  readonly scamOutOfFold?: Float32Array;
}

export interface StackedHeads {
  readonly word: StackedHead<LinearHead>;
  readonly char: StackedHead<LinearHead>;
  readonly wordRisk: StackedHead<LinearHead>;
  readonly charRisk: StackedHead<LinearHead>;
  readonly dense: readonly StackedDense[];
  readonly kernel?: StackedHead<KernelHead>;
}

export interface StackOptions {
  readonly folds: Uint8Array;
  readonly foldCount: number;
  /** Rows that belong together. */
  readonly groups: Uint32Array;
  readonly seed: number;
  /** Intent of a template; heads over intents are trained where it is given. */
  readonly intents?: ReadonlyMap<string, string>;
  /** Default one a core; the heads are the same at any number. */
  readonly threads?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

const LEXICAL_C = 4;

/**
 * Stacked generalisation (Wolpert 1992): linear heads are fitted once a fold, so that the forest learns from scores of
 * rows the head had not seen, then once on all rows for answering.
 */
export async function fitHeads(
  rows: readonly TrainingRow[],
  terms: TermMatrix,
  embeddings: Embeddings | undefined,
  options: StackOptions,
): Promise<StackedHeads> {
  const classTarget = Int16Array.from(rows, (row) => row.target);
  const riskTarget = Int16Array.from(rows, (row) => row.risk);
  const weight = rowWeights(rows);
  const hasRisk = riskTarget.includes(1) && riskTarget.includes(0);
  const tasks = embeddings ? denseTasks(rows, classTarget, weight, options.intents) : [];
  const { folds, foldCount } = options;
  const linearJobs = [
    { matrix: terms.wordMatrix, targets: classTarget, weights: weight, c: LEXICAL_C },
    { matrix: terms.charMatrix, targets: classTarget, weights: weight, c: LEXICAL_C },
    ...(hasRisk
      ? [
          { matrix: terms.wordMatrix, targets: riskTarget, weights: weight, c: LEXICAL_C },
          { matrix: terms.charMatrix, targets: riskTarget, weights: weight, c: LEXICAL_C },
        ]
      : []),
  ];
  const total = (linearJobs.length + tasks.length + (embeddings ? 1 : 0)) * (foldCount + 1);
  let done = 0;
  const tick = () => options.onProgress?.(++done, total);
  const fitted = await fitFolds(linearJobs, {
    folds,
    foldCount,
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    onProgress: tick,
  });
  const stacked = (job: number, rowsOf: readonly SparseRow[]) => outOfFoldOf(fitted[job]!, rowsOf, folds);
  const silent = {
    head: { weights: new Float32Array(0), bias: 0 },
    outOfFold: new Float32Array(rows.length),
  };
  const word = stacked(0, terms.wordRows);
  const char = stacked(1, terms.charRows);
  const wordRisk = hasRisk ? stacked(2, terms.wordRows) : noRisk(silent, terms.words.terms.length);
  const charRisk = hasRisk ? stacked(3, terms.charRows) : noRisk(silent, terms.chars.terms.length);
  const dense: StackedDense[] = [];
  for (const { task, fit } of tasks) {
    dense.push(await stackDense(embeddings!, task, fit, options, tick));
  }
  const kernel =
    embeddings &&
    stackKernel(
      embeddings.values,
      embeddings.dimensions,
      {
        name: 'neighbours',
        phrase: 'messages of like meaning',
        targets: classTarget,
        weights: weight,
        groups: options.groups,
      },
      folds,
      foldCount,
      { seed: options.seed },
      tick,
    );
  return { word, char, wordRisk, charRisk, dense, ...(kernel ? { kernel } : {}) };
}

/** Without a single scam row the risk heads say "hardly any risk" to everything. */
function noRisk(silent: StackedHead<LinearHead>, width: number): StackedHead<LinearHead> {
  return { ...silent, head: { weights: new Float32Array(width), bias: -7 } };
}

/** Both classes get half the weight, and a text that stands for many rows counts by the logarithm of their number. */
function rowWeights(rows: readonly TrainingRow[]): Float32Array {
  const weight = Float32Array.from(rows, (row) => 1 + Math.log(row.weight));
  for (const target of [0, 1] as const) {
    let sum = 0;
    rows.forEach((row, index) => {
      if (row.target === target) sum += weight[index]!;
    });
    const labelled = rows.filter((row) => row.target !== -1).length;
    rows.forEach((row, index) => {
      if (row.target === target) weight[index]! *= labelled / (2 * sum);
    });
  }
  return weight;
}

/** What the head that never saw a row says of it, for every row. */
function outOfFoldOf(
  { byFold, all }: FoldHeads,
  rows: readonly SparseRow[],
  folds: Uint8Array,
): StackedHead<LinearHead> {
  return {
    head: all,
    outOfFold: Float32Array.from(rows, (row, index) => scoreSparse(byFold[folds[index]!]!, row)),
  };
}

interface PlannedTask {
  readonly task: DenseTask;
  readonly fit: DenseOptions;
}

function denseTasks(
  rows: readonly TrainingRow[],
  targets: Int16Array,
  weights: Float32Array,
  intents: StackOptions['intents'],
): PlannedTask[] {
  const phrase = 'its meaning';
  const fit: DenseOptions = { epochs: 20, batch: 512, learningRate: 0.03, l2: 3e-5 };
  const tasks: PlannedTask[] = [
    { task: { name: 'class', phrase, readout: { kind: 'logit' }, targets, weights }, fit },
  ];
  // Some eighty outputs cost that many times more a step than one does, and settle in half of the passes.
  if (intents)
    tasks.push({
      task: intentTask(rows, weights, intents, phrase),
      fit: { ...fit, epochs: 8, learningRate: 0.05 },
    });
  return tasks;
}

/** One softmax class an intent; intents of scams stand beside both groups. */
function intentTask(
  rows: readonly TrainingRow[],
  weights: Float32Array,
  intents: ReadonlyMap<string, string>,
  phrase: string,
): DenseTask {
  const groupOf = new Map<string, number>();
  const keyOf = (row: TrainingRow): string | undefined => intentOf(row.source, intents);
  for (const row of rows) {
    const key = keyOf(row);
    if (key !== undefined && !groupOf.has(key)) groupOf.set(key, row.target);
  }
  const names = [...groupOf.keys()].sort();
  const index = new Map(names.map((name, at) => [name, at]));
  return {
    name: 'intents',
    phrase,
    readout: { kind: 'groups', names, group: names.map((name) => groupOf.get(name)!) },
    targets: Int16Array.from(rows, (row) => index.get(keyOf(row) ?? '') ?? -1),
    weights,
  };
}

function intentOf(row: LabelledRow, intents: ReadonlyMap<string, string>): string | undefined {
  return row.template === undefined ? undefined : intents.get(row.template);
}

async function stackDense(
  embeddings: Embeddings,
  task: DenseTask,
  fit: DenseOptions,
  { folds, foldCount, seed }: StackOptions,
  tick: () => void,
): Promise<StackedDense> {
  const { values, dimensions } = embeddings;
  const outOfFold = new Float32Array(folds.length);
  const scamOutOfFold = knowsScams(task) ? new Float32Array(folds.length) : undefined;
  for (let fold = 0; fold < foldCount; fold++) {
    const head = await fitDenseHead(values, dimensions, task, (row) => folds[row] !== fold, { ...fit, seed });
    for (let row = 0; row < folds.length; row++) {
      if (folds[row] !== fold) continue;
      const outputs = denseOutputs(head, values, row * dimensions);
      outOfFold[row] = logitOf(head, outputs);
      if (scamOutOfFold) scamOutOfFold[row] = scamLogitOf(head, outputs);
    }
    tick();
  }
  const head = await fitDenseHead(values, dimensions, task, () => true, { ...fit, seed });
  tick();
  return { head, outOfFold, ...(scamOutOfFold ? { scamOutOfFold } : {}) };
}
