import type { CorpusEntry } from '../data/corpus.ts';
import { expandCorpus } from '../data/expand.ts';
import type { LabelledRow } from '../data/read/labelled.ts';
import { LanewayError } from '../models/base/errors.ts';
import { createRandom, shuffle } from '../models/base/random.ts';
import { createClassifier } from '../models/classify.ts';
import type { Encoder } from '../models/encoder/encoder.ts';
import type { MessageClass } from '../models/verdict.ts';
import { trainTfidfLogistic } from './baselines/tfidf.ts';
import { outcomeOf } from './evaluate/figures.ts';
import type { Outcome } from './evaluate/metrics.ts';
import { trainModel } from './train.ts';

/** What a model of so many templates makes of the rows. */
export interface CurvePoint {
  readonly templates: number;
  readonly clean: Outcome;
  /** Undefined when no row is marked hard. */
  readonly hard?: Outcome;
}

export interface LearningCurve {
  /** `words`: the head on words and word pairs alone. `full`: the whole model. */
  readonly model: 'words' | 'full';
  readonly seed: number;
  readonly points: readonly CurvePoint[];
}

export interface LearningCurveOptions {
  /** Default `words`: seconds instead of minutes a point. */
  readonly model?: LearningCurve['model'];
  /** Order in which templates are added; default 1. */
  readonly seed?: number;
  /** Templates added between points; default 1,000 for `words`, 4,000 for `full`. */
  readonly step?: number;
  /** For `full`; without one it is lexical only. */
  readonly encoder?: Encoder;
  readonly embeddingCache?: string;
  readonly onProgress?: (done: number, total: number) => void;
}

type LabelledMessage = LabelledRow & { readonly label: MessageClass };

/**
 * How well messages that nobody here wrote are classed as templates are added, in an order shuffled by the seed. Each
 * point is trained on the templates of all points before it and those added since; the last one on the whole corpus.
 *
 * @param rows what to measure on; those without a class are left out
 * @throws LanewayError `EVALUATE_NO_LABELS`, and what training throws
 */
export async function learningCurve(
  corpus: readonly CorpusEntry[],
  rows: readonly LabelledRow[],
  options: LearningCurveOptions = {},
): Promise<LearningCurve> {
  const { model = 'words', seed = 1 } = options;
  const step = options.step ?? (model === 'words' ? 1_000 : 4_000);
  const labelled = rows.filter((row): row is LabelledMessage => row.label !== undefined);
  if (labelled.length === 0) {
    throw new LanewayError('EVALUATE_NO_LABELS', 'no row of the data has a class to measure against', {
      fix: 'Check the label column and --map.',
    });
  }
  const mixed = shuffle([...corpus], createRandom(seed));
  const sizes = Array.from({ length: Math.ceil(mixed.length / step) }, (_, at) =>
    Math.min(mixed.length, (at + 1) * step),
  );
  const points: CurvePoint[] = [];
  for (const [at, templates] of sizes.entries()) {
    options.onProgress?.(at, sizes.length);
    const slice = mixed.slice(0, templates);
    const training = expandCorpus(slice, 1);
    const said =
      model === 'words' ? wordsSay(training, labelled) : await modelSays(slice, training, labelled, options);
    points.push({ templates, ...outcomes(labelled, said) });
    // A long computation lets the process answer in between.
    await new Promise((resolve) => setImmediate(resolve));
  }
  options.onProgress?.(sizes.length, sizes.length);
  return { model, seed, points };
}

function wordsSay(training: readonly LabelledRow[], rows: readonly LabelledMessage[]): MessageClass[] {
  const predict = trainTfidfLogistic(
    training.filter((row): row is LabelledMessage => row.label !== undefined),
  );
  return Array.from(predict(rows.map(({ text }) => text)), (probability) =>
    probability >= 0.5 ? 'promotional' : 'transactional',
  );
}

const BATCH = 500;

async function modelSays(
  slice: readonly CorpusEntry[],
  training: readonly LabelledRow[],
  rows: readonly LabelledMessage[],
  { encoder, embeddingCache, seed = 1 }: LearningCurveOptions,
): Promise<MessageClass[]> {
  const { model } = await trainModel({
    rows: training,
    name: 'curve',
    data: `${slice.length} templates of the authored corpus`,
    intents: new Map(slice.map(({ id, intent }) => [id, intent])),
    seed,
    ...(encoder ? { encoder } : {}),
    ...(embeddingCache === undefined ? {} : { embeddingCache }),
  });
  const classifier = createClassifier(model, encoder);
  const said: MessageClass[] = [];
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH).map(({ text }) => ({ text }));
    for (const verdict of await classifier.classify(batch, { reasons: false })) said.push(verdict.class);
  }
  return said;
}

function outcomes(
  rows: readonly LabelledMessage[],
  said: readonly MessageClass[],
): { clean: Outcome; hard?: Outcome } {
  const of = (wanted: boolean): Outcome => {
    const at = [...rows.keys()].filter((index) => (rows[index]!.hard === true) === wanted);
    return outcomeOf(
      at.map((index) => rows[index]!.label),
      at.map((index) => said[index]!),
    );
  };
  const hard = of(true);
  return { clean: of(false), ...(hard.rows === 0 ? {} : { hard }) };
}
