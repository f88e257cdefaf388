import { LanewayError, messageOf } from './base/errors.ts';
import { calibrate } from './calibration.ts';
import type { Encoder } from './encoder/encoder.ts';
import { createExplainer, type Explain } from './explain.ts';
import { layoutOf } from './features/layout.ts';
import { binMetadata } from './features/metadata.ts';
import { predictBatch } from './forest/batch.ts';
import { contributions } from './forest/contributions.ts';
import type { Forest } from './forest/forest.ts';
import { writeRow } from './forest-row.ts';
import { denseOutputs, knowsScams, logitOf, scamLogitOf } from './heads/dense.ts';
import { createKernelScorer } from './heads/kernel.ts';
import { createReader, type LexicalRow } from './lexical-row.ts';
import { embeddingColumns, type ForestStage, type Model } from './model.ts';
import { scaleRisk } from './risk.ts';
import { encoderText } from './text/canonical.ts';
import { fingerprint } from './text/fingerprint.ts';
import { englishByGrams } from './text/language.ts';
import type {
  Band,
  Classifier,
  ClassifyInput,
  ClassifyOptions,
  Metadata,
  Reason,
  Stage,
  Verdict,
} from './verdict.ts';

/**
 * How much dearer a leak is, by bin of the sender's reputation (unknown, bad, poor, fair, good, very good). The bound
 * below which a message is surely transactional is that cost put as odds, so a sender that people complain about must
 * be plainer. No message makes its class or probability by it, and no reputation widens the bound.
 */
const LEAK_COSTS = [1, 4, 2, 1, 1, 1] as const;

/** How much wider the unsure band gets at either end when the encoder should have been asked and could not. */
const DEGRADED_MARGIN = 0.05;

/** Everything known of one message on its way through the cascade. */
interface Pending {
  readonly row: LexicalRow;
  readonly metadata: Uint8Array;
  readonly hasMetadata: boolean;
  /** The words alone until the encoder was asked. */
  risk: number;
  answer: Answer;
}

interface Answer {
  readonly probability: number;
  /** The probability had nothing been known but the text: it alone decides who is asked. */
  readonly floor: number;
  readonly stage: Stage;
  /** Made on demand: most answers of the lexical forest on uncertain messages are replaced. */
  readonly reasons: () => Reason[];
  degraded?: string;
}

/**
 * The classifier: the lexical forest answers what it is sure of, the encoder and the full forest the rest.
 * A verdict depends on its own input only, never on its batch.
 *
 * @param encoder what made the vectors the model was trained on; undefined answers all by the lexical forest, marked
 *   degraded where the encoder would have been asked
 * @throws LanewayError `ENCODER_MISMATCH`: the encoder is another one
 */
export function createClassifier(model: Model, encoder?: Encoder): Classifier {
  if (encoder) checkEncoder(model, encoder);
  const readTexts = createReader(model);
  const lexicalStage = createStage(model, model.lexical);
  const fullStage = model.full && createStage(model, model.full, createEmbeddingScorer(model));

  const classify = async (
    inputs: readonly ClassifyInput[],
    options: ClassifyOptions = {},
  ): Promise<Verdict[]> => {
    const explain = options.reasons !== false;
    const rows = readTexts(inputs.map(({ text }) => text));
    const pending = inputs.map(({ metadata }, at) => pendingOf(model, rows[at]!, metadata));
    lexicalStage(pending, [], 'lexical');
    if (fullStage) {
      const { cascadeLow, cascadeHigh } = model.manifest.thresholds;
      const askFrom = model.riskScale.meaning?.askFrom ?? Number.POSITIVE_INFINITY;
      const open = pending.filter(
        ({ answer: { floor }, risk }) => (floor >= cascadeLow && floor <= cascadeHigh) || risk >= askFrom,
      );
      await askEncoder(open, fullStage, options.urgent === true);
    }
    return pending.map((item) => toVerdict(model, item, explain));
  };

  const askEncoder = async (open: readonly Pending[], stage: RunStage, urgent: boolean): Promise<void> => {
    if (open.length === 0) return;
    let degraded = 'encoder-unavailable';
    if (encoder && encoder.dimensions > 0) {
      try {
        const texts = open.map(({ row }) => encoderText(row.canonical));
        const vectors = await encoder.encode(texts, { urgent });
        const size = encoder.dimensions;
        stage(
          open,
          open.map((_, index) => vectors.subarray(index * size, (index + 1) * size)),
          'semantic',
        );
        return;
      } catch (error) {
        degraded = `encoder-failed: ${messageOf(error)}`;
      }
    }
    for (const item of open) item.answer.degraded = degraded;
  };

  return {
    modelVersion: model.manifest.version,
    classify,
    close: async () => encoder?.close(),
  };
}

/** Another precision of the same weights will do; other weights would be read as noise. */
function checkEncoder({ manifest: { version, encoderId }, dense }: Model, encoder: Encoder): void {
  const weights = (id: string) => id.replace(/\/(int8|fp32)\/[0-9a-f]+$/, '');
  const inputs = dense[0]?.layers[0]?.inputs;
  if (encoderId === undefined || inputs === undefined || encoder.dimensions === 0) return;
  if (weights(encoder.id) === weights(encoderId) && encoder.dimensions === inputs) return;
  throw new LanewayError(
    'ENCODER_MISMATCH',
    `${version} was trained on ${encoderId}, ${inputs} wide; this encoder is ${encoder.id}, ${encoder.dimensions} wide`,
    { fix: `Open the encoder ${encoderId}, or train again with this one.` },
  );
}

function pendingOf(model: Model, row: LexicalRow, metadata: Metadata | undefined): Pending {
  const bins = binMetadata(metadata);
  return {
    row,
    metadata: bins,
    hasMetadata: bins.some((bin) => bin > 0),
    risk: riskOf(model, row),
    answer: { probability: 0.5, floor: 0.5, stage: 'lexical', reasons: () => [] },
  };
}

/** @param intents log-odds of the scam intents, where the encoder was asked */
function riskOf(model: Model, row: LexicalRow, intents?: number): number {
  return scaleRisk(model.riskScale, {
    risk: (row.words.logits[1]! + row.chars.logits[1]!) / 2,
    class: (row.words.logits[0]! + row.chars.logits[0]!) / 2,
    ...(intents === undefined ? {} : { intents }),
  });
}

type RunStage = (items: readonly Pending[], embeddings: readonly Float32Array[], stage: Stage) => void;

/**
 * Asks one forest about messages. Metadata can only tighten: where there is any, the higher of the probabilities with
 * and without it stands, and whether the encoder is asked next depends on the text alone.
 *
 * @param scoreEmbedding for a forest that has columns of embeddings
 */
function createStage(
  model: Model,
  { forest, calibration }: ForestStage,
  scoreEmbedding?: ScoreEmbedding,
): RunStage {
  const layout = layoutOf(scoreEmbedding ? embeddingColumns(model) : 0, model.terms.length);
  const unknown = binMetadata(undefined);
  const explainer = createExplainer(model, layout);
  return (items, embeddings, stage) => {
    const without = new Float32Array(items.length * layout.columns);
    items.forEach((item, index) => {
      const embedding = embeddings[index];
      const { columns, scam }: EmbeddingScores =
        embedding && scoreEmbedding ? scoreEmbedding(embedding) : { columns: [] };
      const [word, char] = [item.row.words.logits[0]!, item.row.chars.logits[0]!];
      const heads = { word, char, dense: columns };
      if (scam !== undefined) item.risk = riskOf(model, item.row, scam);
      writeRow(model, layout, item.row, heads, unknown, without, index * layout.columns);
    });
    const floors = predictBatch(forest, without, items.length);
    const rowOf = (matrix: Float32Array, at: number) =>
      matrix.subarray(at * layout.columns, (at + 1) * layout.columns);
    const known = [...items.keys()].filter((index) => items[index]!.hasMetadata);
    const informed = new Float32Array(known.length * layout.columns);
    known.forEach((index, at) => {
      rowOf(informed, at).set(rowOf(without, index));
      informed.set(items[index]!.metadata, at * layout.columns + layout.metadata);
    });
    const informedVotes = predictBatch(forest, informed, known.length);
    const informedAt = new Map(known.map((index, at) => [index, at]));
    items.forEach((item, index) => {
      const floor = floors[index]!;
      const at = informedAt.get(index);
      const tighter = at !== undefined && informedVotes[at]! > floor;
      const values = tighter ? rowOf(informed, at) : rowOf(without, index);
      item.answer = {
        probability: calibrate(calibration, tighter ? informedVotes[at]! : floor),
        floor: calibrate(calibration, floor),
        stage,
        reasons: () => explainRow(explainer, forest, values, item, embeddings[index]),
      };
    });
  };
}

/** Scores of all heads over an embedding, in column order, and the log-odds of a scam where a head knows scams. */
interface EmbeddingScores {
  readonly columns: number[];
  readonly scam?: number;
}

type ScoreEmbedding = (embedding: Float32Array) => EmbeddingScores;

function createEmbeddingScorer({ dense, kernel }: Model): ScoreEmbedding {
  const scoreKernel = kernel && createKernelScorer(kernel);
  const informed = dense.findIndex(knowsScams);
  return (embedding) => {
    const outputs = dense.map((head) => denseOutputs(head, embedding, 0));
    const columns = dense.map((head, at) => logitOf(head, outputs[at]!));
    if (scoreKernel) columns.push(scoreKernel(embedding, 0));
    return { columns, ...(informed < 0 ? {} : { scam: scamLogitOf(dense[informed]!, outputs[informed]!) }) };
  };
}

function explainRow(
  explainer: Explain,
  forest: Forest,
  values: Float32Array,
  item: Pending,
  embedding: Float32Array | undefined,
): Reason[] {
  return explainer(contributions(forest, values), {
    canonical: item.row.canonical,
    words: item.row.words,
    chars: item.row.chars,
    ...(embedding ? { embedding } : {}),
  });
}

/** `bound` on a probability where what it guards against costs `factor` times as much. */
function dearer(bound: number, factor: number): number {
  return factor === 1 ? bound : bound / (bound + factor * (1 - bound));
}

function toVerdict(model: Model, { row, metadata, risk, answer }: Pending, explain: boolean): Verdict {
  const { thresholds, version } = model.manifest;
  const margin = answer.degraded === undefined ? 0 : DEGRADED_MARGIN;
  const sureBelow = dearer(thresholds.sureBelow - margin, LEAK_COSTS[metadata[0]!] ?? 1);
  const sure = answer.probability < sureBelow || answer.probability >= thresholds.sureAbove + margin;
  const band: Band = sure && (row.english ?? englishByGrams(row.canonical)) ? 'sure' : 'unsure';
  return {
    class: answer.probability >= thresholds.decision ? 'promotional' : 'transactional',
    band,
    probability: round(answer.probability),
    risk: round(risk),
    reasons: explain ? answer.reasons() : [],
    modelVersion: version,
    fingerprint: fingerprint(row.canonical),
    stage: answer.stage,
    ...(answer.degraded === undefined ? {} : { degraded: answer.degraded }),
  };
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
