import type { LabelledRow } from '../data/read/labelled.ts';
import { assignFolds, groupRows } from '../data/split.ts';
import { type DraftModel, sealModel } from '../models/artifact/codec.ts';
import { createRandom, seedOf } from '../models/base/random.ts';
import { type Calibration, calibrate, fitIsotonic } from '../models/calibration.ts';
import { writeRow } from '../models/classify.ts';
import type { Encoder } from '../models/encoder/encoder.ts';
import { layoutOf } from '../models/features/layout.ts';
import { binMetadata } from '../models/features/metadata.ts';
import type { SparseRow } from '../models/heads/linear.ts';
import { FEATURE_VERSION, type ForestStage, type Model } from '../models/model.ts';
import { CANONICAL_VERSION, encoderText } from '../models/text/canonical.ts';
import type { Metadata } from '../models/verdict.ts';
import { driftReference } from './drift-reference.ts';
import type { SparseColumns } from './forest/data.ts';
import { growForest } from './forest/grow.ts';
import { fitLogistic } from './heads/logistic.ts';
import {
  type Contradiction,
  distinctRows,
  fitTerms,
  strongestTerms,
  type TermMatrix,
  type TrainingRow,
} from './matrix.ts';
import { type Embeddings, fitHeads, type StackedHeads } from './stack.ts';
import { chooseThresholds, type Judged } from './thresholds.ts';

export interface TrainRequest {
  readonly rows: readonly LabelledRow[];
  /** First part of the version. Lower-case letters, digits and hyphens. */
  readonly name: string;
  /** What the rows are, for the manifest and the card. */
  readonly data: string;
  /** Share of the authored templates that the caller kept out of `rows`, for the manifest. */
  readonly heldOut?: number;
  /** Without one the model is lexical only. */
  readonly encoder?: Encoder;
  /** Default 1. The same rows and seed give the same model at any number of threads. */
  readonly seed?: number;
  /** Default 200. */
  readonly trees?: number;
  /** Worker threads of the forest; default one a core. */
  readonly threads?: number;
  /** Intent of each template: trains heads over intents, which also name the meaning in reasons. */
  readonly intents?: ReadonlyMap<string, string>;
  /** Circumstances of a row; at least half of the rows are trained as if nothing were known. */
  readonly metadataOf?: (row: LabelledRow) => Metadata | undefined;
  readonly onProgress?: (phase: TrainPhase, done: number, total: number) => void;
}

export type TrainPhase = 'reading' | 'embedding' | 'heads' | 'lexical forest' | 'full forest';

export interface TrainResult {
  readonly model: Model;
  /** Canonical texts with both labels; the majority was taken. */
  readonly contradictions: readonly Contradiction[];
}

const FOLDS = 5;
const RAW_TERMS = 400;
const ENCODE_BATCH = 256;
/** Forests answer smoothly and stay small when leaves hold a few rows. */
const MIN_LEAF_WEIGHT = 4;
const MAX_DEPTH = 16;

/**
 * Trains a model: heads out of fold, then forests over head scores, counted signals, metadata bins and the strongest
 * raw terms, calibrated on out-of-bag votes, thresholds chosen on the same.
 *
 * @throws LanewayError `TRAIN_TOO_FEW`, `TRAIN_ONE_CLASS`
 */
export async function trainModel(request: TrainRequest): Promise<TrainResult> {
  const seed = request.seed ?? 1;
  const progress = request.onProgress ?? (() => undefined);
  progress('reading', 0, 1);
  const { rows, contradictions } = distinctRows(request.rows);
  const canonical = rows.map((row) => row.canonical);
  const groups = groupRows(
    rows.map((row) => ({
      text: row.canonical,
      ...(row.source.template === undefined ? {} : { template: row.source.template }),
    })),
    canonical,
  );
  const terms = fitTerms(rows);
  progress('reading', 1, 1);
  const embeddings =
    request.encoder &&
    (await embed(canonical, request.encoder, (done) => progress('embedding', done, rows.length)));
  const heads = await fitHeads(rows, terms, embeddings, {
    folds: assignFolds(groups, FOLDS, seed),
    foldCount: FOLDS,
    seed,
    ...(request.intents ? { intents: request.intents } : {}),
    onProgress: (done, total) => progress('heads', done, total),
  });
  const matrix: ForestInput = {
    rows,
    groups,
    terms,
    heads,
    raw: strongestTerms(terms, rows, RAW_TERMS),
    metadata: metadataRows(rows, request.metadataOf, seed),
  };
  const lexical = await growStage(matrix, 0, request, (done, total) =>
    progress('lexical forest', done, total),
  );
  const full =
    embeddings &&
    (await growStage(matrix, heads.dense.length, request, (done, total) =>
      progress('full forest', done, total),
    ));
  const final = full ?? lexical;
  const thresholds = chooseThresholds(final.judged);
  const riskScale = fitRiskScale(rows, heads);
  const draft: DraftModel = {
    manifest: {
      name: request.name,
      featureVersion: FEATURE_VERSION,
      canonicalVersion: CANONICAL_VERSION,
      ...(request.encoder ? { encoderId: request.encoder.id } : {}),
      thresholds: { ...thresholds, ...cascadeBounds(lexical.judged, thresholds.decision) },
      training: {
        data: request.data,
        rows: request.rows.length,
        distinct: rows.length,
        groups: new Set(groups).size,
        seed,
        trees: final.stage.forest.trees,
        ...(request.heldOut === undefined ? {} : { heldOut: request.heldOut }),
      },
      outOfFold: outOfFoldFigures(final.judged, thresholds.decision),
      reference: driftReference(final.judged, thresholds, rows, terms),
    },
    words: terms.words,
    chars: terms.chars,
    wordHead: heads.word.head,
    charHead: heads.char.head,
    wordRisk: heads.wordRisk.head,
    charRisk: heads.charRisk.head,
    riskScale,
    terms: matrix.raw,
    dense: heads.dense.map(({ head }) => head),
    lexical: lexical.stage,
    ...(full ? { full: full.stage } : {}),
  };
  return { model: sealModel(draft), contradictions };
}

/** Vectors of canonical texts, in order. */
export async function embed(
  canonical: readonly string[],
  encoder: Encoder,
  onProgress: (done: number) => void,
): Promise<Embeddings> {
  const { dimensions } = encoder;
  const values = new Float32Array(canonical.length * dimensions);
  for (let start = 0; start < canonical.length; start += ENCODE_BATCH) {
    const texts = canonical.slice(start, start + ENCODE_BATCH).map(encoderText);
    values.set(await encoder.encode(texts), start * dimensions);
    onProgress(start + texts.length);
  }
  return { values, dimensions };
}

interface ForestInput {
  readonly rows: readonly TrainingRow[];
  readonly groups: Uint32Array;
  readonly terms: TermMatrix;
  readonly heads: StackedHeads;
  /** Columns of the word vocabulary that the forest sees as they are. */
  readonly raw: Uint32Array;
  readonly metadata: readonly Uint8Array[];
}

/** Half of the rows, at random, are trained as if nothing were known about sender and recipient. */
function metadataRows(
  rows: readonly TrainingRow[],
  metadataOf: TrainRequest['metadataOf'],
  seed: number,
): Uint8Array[] {
  const random = createRandom(seedOf(`metadata/${seed}`));
  return rows.map((row) => binMetadata(random.next() < 0.5 ? undefined : metadataOf?.(row.source)));
}

async function growStage(
  { rows, groups, terms, heads, raw, metadata }: ForestInput,
  denseHeads: number,
  request: TrainRequest,
  onProgress: (done: number, total: number) => void,
): Promise<{ stage: ForestStage; judged: Judged[] }> {
  const labelled = Uint32Array.from(rows.keys()).filter((row) => rows[row]!.target !== -1);
  const layout = layoutOf(denseHeads, raw.length);
  const denseColumns = layout.terms;
  const dense = new Float32Array(labelled.length * denseColumns);
  const narrow = { ...layout, columns: denseColumns };
  labelled.forEach((row, at) => {
    const scores = {
      word: heads.word.outOfFold[row]!,
      char: heads.char.outOfFold[row]!,
      dense: heads.dense.slice(0, denseHeads).map(({ outOfFold }) => outOfFold[row]!),
    };
    const text = { canonical: rows[row]!.canonical, words: terms.wordRows[row]! };
    writeRow({ terms: NO_TERMS }, narrow, text, scores, metadata[row]!, dense, at * denseColumns);
  });
  const { forest, oobScore, oobTrees } = await growForest(
    {
      rows: labelled.length,
      columns: layout.columns,
      dense,
      sparse: sparseColumns(labelled, terms.wordRows, raw),
      y: Uint8Array.from(labelled, (row) => rows[row]!.target),
      weight: Float32Array.from(labelled, (row) => 1 + Math.log(rows[row]!.weight)),
      group: Uint32Array.from(labelled, (row) => groups[row]!),
    },
    {
      trees: request.trees ?? 200,
      featuresPerSplit: Math.round(Math.sqrt(denseColumns) * 2.5),
      minLeafWeight: MIN_LEAF_WEIGHT,
      maxDepth: MAX_DEPTH,
      seed: request.seed ?? 1,
      ...(request.threads === undefined ? {} : { threads: request.threads }),
    },
    ({ treesDone, trees }) => onProgress(treesDone, trees),
  );
  const scored = labelled.map((_, at) => at).filter((at) => oobTrees[at]! > 0);
  const targets = Float64Array.from(scored, (at) => rows[labelled[at]!]!.target);
  const weights = balancedWeights(targets);
  const votes = Float64Array.from(scored, (at) => oobScore[at]!);
  const calibration = fitIsotonic(votes, targets, weights);
  return { stage: { forest, calibration }, judged: judge(votes, targets, weights, calibration) };
}

const NO_TERMS = new Uint32Array(0);

/** Probabilities are for equal shares of both classes, whatever the training data had. */
function balancedWeights(targets: Float64Array): Float64Array {
  const positive = targets.reduce((sum, target) => sum + target, 0);
  return targets.map((target) => targets.length / (2 * (target ? positive : targets.length - positive)));
}

function judge(
  votes: Float64Array,
  targets: Float64Array,
  weights: Float64Array,
  calibration: Calibration,
): Judged[] {
  return Array.from(votes, (vote, at) => ({
    probability: calibrate(calibration, vote),
    target: targets[at]!,
    weight: weights[at]!,
  }));
}

function sparseColumns(labelled: Uint32Array, words: readonly SparseRow[], raw: Uint32Array): SparseColumns {
  const columnOf = new Map(Array.from(raw, (term, column) => [term, column]));
  const rowsOf: number[][] = Array.from(raw, () => []);
  const valuesOf: number[][] = Array.from(raw, () => []);
  labelled.forEach((row, at) => {
    const { indices, values } = words[row]!;
    indices.forEach((term, k) => {
      const column = columnOf.get(term);
      if (column === undefined) return;
      rowsOf[column]!.push(at);
      valuesOf[column]!.push(values[k]!);
    });
  });
  const indptr = new Uint32Array(raw.length + 1);
  rowsOf.forEach((held, column) => {
    indptr[column + 1] = indptr[column]! + held.length;
  });
  return {
    columns: raw.length,
    indptr,
    rowIndices: Uint32Array.from(rowsOf.flat()),
    values: Float32Array.from(valuesOf.flat()),
  };
}

/** Share of the wrong answers that the lexical forest may keep for itself at either end. */
const CASCADE_KEPT_ERROR = 0.004;

/** The encoder is asked between the bounds outside which the lexical forest hardly errs. */
function cascadeBounds(
  judged: readonly Judged[],
  decision: number,
): { cascadeLow: number; cascadeHigh: number } {
  const total = judged.reduce((sum, { weight }) => sum + weight, 0);
  const bound = (sorted: readonly Judged[], wrongTarget: number, start: number): number => {
    let wrong = 0;
    let reached = start;
    for (const { probability, target, weight } of sorted) {
      if (target === wrongTarget) wrong += weight;
      if (wrong > CASCADE_KEPT_ERROR * total) break;
      reached = probability;
    }
    return reached;
  };
  const rising = [...judged].sort((a, b) => a.probability - b.probability);
  const low = bound(rising, 1, 0);
  const high = bound(rising.toReversed(), 0, 1);
  return { cascadeLow: Math.min(low, decision), cascadeHigh: Math.max(high, decision) };
}

/** Platt scaling (Platt 1999) of the mean out-of-fold risk logit. */
function fitRiskScale(rows: readonly TrainingRow[], heads: StackedHeads): Model['riskScale'] {
  const known = [...rows.keys()].filter((row) => rows[row]!.risk !== -1);
  const targets = known.map((row) => rows[row]!.risk);
  if (!targets.includes(1)) return { slope: 1, offset: 0 };
  const logits = known.map((row) => ({
    indices: Uint32Array.of(0),
    values: Float32Array.of((heads.wordRisk.outOfFold[row]! + heads.charRisk.outOfFold[row]!) / 2),
  }));
  const head = fitLogistic(
    logits,
    1,
    targets,
    known.map(() => 1),
    { c: 1 },
  );
  return { slope: head.weights[0]!, offset: head.bias };
}

function outOfFoldFigures(judged: readonly Judged[], decision: number): Record<string, number> {
  const rate = (target: number, wrong: (probability: number) => boolean) => {
    const of = judged.filter((row) => row.target === target);
    return Number((of.filter((row) => wrong(row.probability)).length / of.length).toFixed(4));
  };
  const leak = rate(1, (probability) => probability < decision);
  const falsePositive = rate(0, (probability) => probability >= decision);
  return { leak, falsePositive, balancedAccuracy: Number((1 - (leak + falsePositive) / 2).toFixed(4)) };
}
