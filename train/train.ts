import type { LabelledRow } from '../data/read/labelled.ts';
import { assignFolds, groupRows } from '../data/split.ts';
import { type DraftModel, sealModel } from '../models/artifact/codec.ts';
import type { Encoder } from '../models/encoder/encoder.ts';
import { embeddingColumns, FEATURE_VERSION, type Model } from '../models/model.ts';
import { CANONICAL_VERSION } from '../models/text/canonical.ts';
import type { Metadata } from '../models/verdict.ts';
import { driftReference } from './drift-reference.ts';
import { embedTexts } from './embedding-cache.ts';
import { type Contradiction, createRowFolder } from './fold-rows.ts';
import { growStage, type StageInput } from './grow-stage.ts';
import { createLeakWatch } from './leaks.ts';
import { fitTerms, strongestTerms } from './matrix.ts';
import type { ModelPart } from './parts.ts';
import { createPhaseClock, type PhaseSeconds } from './phases.ts';
import { fitRiskScale } from './risk-scale.ts';
import { fitHeads } from './stack.ts';
import { cascadeBounds, chooseThresholds, type Judged } from './thresholds.ts';

export interface TrainRequest {
  /** Read once, one after another; only distinct canonical texts are held. */
  readonly rows: Iterable<LabelledRow> | AsyncIterable<LabelledRow>;
  /** Learned from as well; `rows` must suffice without them, and leaks are not looked for in them. */
  readonly background?: Iterable<LabelledRow>;
  /** How far reading has come, in any unit, for its progress; counted in rows where it is left out. */
  readonly readSoFar?: () => { readonly done: number; readonly total: number };
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
  /** Contradicting labels on one fingerprint: the `majority` stands (default), or training is refused. */
  readonly contradictions?: 'majority' | 'refuse';
  /** Folder that keeps embeddings, so that an interrupted training goes on where they stopped. */
  readonly embeddingCache?: string;
  /** Models to make besides, each with forests that never saw the parts named; everything else is the same. */
  readonly variants?: readonly (readonly ModelPart[])[];
  /** Told of what was mended or looks wrong on the way. */
  readonly onNote?: (note: string) => void;
  readonly onProgress?: (phase: TrainPhase, done: number, total: number) => void;
}

export type TrainPhase =
  | 'reading'
  | 'grouping'
  | 'terms'
  | 'embedding'
  | 'heads'
  | 'lexical forest'
  | 'full forest';

export interface TrainResult {
  readonly model: Model;
  /** One for each of the `variants` asked for. */
  readonly variants: readonly Model[];
  /** Canonical texts with both labels; the majority was taken. */
  readonly contradictions: readonly Contradiction[];
  /** What looks wrong with the data: one sender, columns that give the class away. */
  readonly warnings: readonly string[];
  /** Seconds by phase, in order. */
  readonly phases: PhaseSeconds;
}

const FOLDS = 5;
const RAW_TERMS = 400;

/**
 * Trains a model: heads out of fold, then forests over head scores, counted signals, metadata bins and the strongest
 * raw terms, calibrated on out-of-bag votes, thresholds chosen on the same.
 *
 * @throws LanewayError `TRAIN_TOO_FEW`, `TRAIN_ONE_CLASS`
 */
export async function trainModel(request: TrainRequest): Promise<TrainResult> {
  const seed = request.seed ?? 1;
  const clock = createPhaseClock<TrainPhase>(request.onProgress);
  const progress = clock.show;
  const { rows, contradictions, read, warnings } = await foldRows(request, seed, (rowsDone) => {
    const { done, total } = request.readSoFar?.() ?? { done: rowsDone, total: rowsDone };
    progress('reading', done, total);
  });
  const canonical = rows.map((row) => row.canonical);
  progress('grouping', 0, 1);
  const groups = groupRows(
    rows.map((row) => ({
      text: row.canonical,
      ...(row.source.template === undefined ? {} : { template: row.source.template }),
    })),
    canonical,
  );
  progress('terms', 0, 1);
  const terms = fitTerms(rows);
  const embeddings =
    request.encoder &&
    (await embedTexts(canonical, request.encoder, {
      ...(request.embeddingCache === undefined ? {} : { cache: request.embeddingCache }),
      onDropped: (path) => request.onNote?.(`${path} was not whole; its texts are embedded again`),
      onProgress: (done, total) => progress('embedding', done, total),
    }));
  const heads = await fitHeads(rows, terms, embeddings, {
    folds: assignFolds(
      groups,
      rows.map(({ source }) => originOf(source)),
      FOLDS,
      seed,
    ),
    groups,
    foldCount: FOLDS,
    seed,
    ...(request.intents ? { intents: request.intents } : {}),
    ...(request.threads === undefined ? {} : { threads: request.threads }),
    onProgress: (done, total) => progress('heads', done, total),
  });
  const matrix: StageInput = {
    rows,
    groups,
    terms,
    heads,
    raw: strongestTerms(terms, rows, RAW_TERMS),
  };
  const lexical = await growStage(matrix, 0, request, (done, total) =>
    progress('lexical forest', done, total),
  );
  const full =
    embeddings &&
    (await growStage(matrix, embeddingColumns(heads), request, (done, total) =>
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
        rows: read,
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
    ...(heads.kernel ? { kernel: heads.kernel.head } : {}),
    lexical: lexical.stage,
    ...(full ? { full: full.stage } : {}),
  };
  const variants: Model[] = [];
  for (const without of request.variants ?? [])
    variants.push(await growWithout(draft, matrix, request, without, progress));
  return { model: sealModel(draft), variants, contradictions, warnings, phases: clock.end() };
}

/** The model with forests that never saw some parts, and the thresholds that belong to them. */
async function growWithout(
  draft: DraftModel,
  matrix: StageInput,
  request: TrainRequest,
  without: readonly ModelPart[],
  progress: (phase: TrainPhase, done: number, total: number) => void,
): Promise<Model> {
  const grow = (columns: number, phase: TrainPhase) =>
    growStage(matrix, columns, { ...request, without }, (done, total) => progress(phase, done, total));
  const lexical = await grow(0, 'lexical forest');
  const full = draft.full && (await grow(embeddingColumns(matrix.heads), 'full forest'));
  const { judged } = full ?? lexical;
  const thresholds = chooseThresholds(judged);
  return sealModel({
    ...draft,
    manifest: {
      ...draft.manifest,
      thresholds: { ...thresholds, ...cascadeBounds(lexical.judged, thresholds.decision) },
      outOfFold: outOfFoldFigures(judged, thresholds.decision),
    },
    lexical: lexical.stage,
    ...(full ? { full: full.stage } : {}),
  });
}

async function foldRows(request: TrainRequest, seed: number, onProgress: (done: number) => void) {
  const folder = createRowFolder({
    seed,
    ...(request.metadataOf ? { metadataOf: request.metadataOf } : {}),
    ...(request.contradictions ? { contradictions: request.contradictions } : {}),
  });
  const leaks = createLeakWatch();
  let done = 0;
  onProgress(0);
  for await (const row of request.rows) {
    folder.add(row);
    leaks.add(row);
    if (++done % 1_000 === 0) onProgress(done);
  }
  if (request.background) {
    folder.requireEnough();
    for (const row of request.background) folder.add(row);
  }
  onProgress(done);
  return { ...folder.finish(), warnings: leaks.warnings() };
}

/** Who wrote a row: the source it names, or the authored file it is from. */
function originOf({ source, template }: LabelledRow): string | undefined {
  return source ?? template?.replace(/:\d+$/, '');
}

function outOfFoldFigures(judged: readonly Judged[], decision: number): Record<string, number> {
  const rate = (target: number, wrong: (probability: number) => boolean) => {
    const of = judged.filter((row) => row.target === target);
    const sum = (rows: readonly Judged[]) => rows.reduce((total, { weight }) => total + weight, 0);
    return Number((sum(of.filter((row) => wrong(row.probability))) / sum(of)).toFixed(4));
  };
  const leak = rate(1, (probability) => probability < decision);
  const falsePositive = rate(0, (probability) => probability >= decision);
  return { leak, falsePositive, balancedAccuracy: Number((1 - (leak + falsePositive) / 2).toFixed(4)) };
}
