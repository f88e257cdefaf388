import type { LabelledRow } from '../data/read/labelled.ts';
import { LanewayError } from '../models/base/errors.ts';
import { createClassifier } from '../models/classify.ts';
import type { Encoder } from '../models/encoder/encoder.ts';
import type { Model } from '../models/model.ts';
import type { MessageClass } from '../models/verdict.ts';
import { pairedBootstrap } from './evaluate/bootstrap.ts';
import { outcomeOf } from './evaluate/figures.ts';
import type { AblationFigures, Outcome, PartFigures } from './evaluate/metrics.ts';
import type { ModelPart } from './parts.ts';
import { rememberingEncoder } from './remembering-encoder.ts';
import { type TrainRequest, trainModel } from './train.ts';

type LabelledMessage = LabelledRow & { readonly label: MessageClass };

interface Variant {
  readonly part: string;
  readonly words: string;
  readonly without: readonly ModelPart[];
}

/** Parts of every model. */
const LEXICAL: readonly Variant[] = [
  { part: 'words', words: 'words and word pairs (linear head)', without: ['words'] },
  { part: 'characters', words: 'spelling (linear head on character n-grams)', without: ['characters'] },
  { part: 'signals', words: 'counted signals', without: ['signals'] },
  { part: 'terms', words: 'strongest raw terms', without: ['terms'] },
  { part: 'metadata', words: 'metadata (unknown for every row measured)', without: ['metadata'] },
];

/**
 * Trains a model and, from the same heads, one without each of its parts; asks all of them about rows that none was
 * trained on. Then the cascade: the encoder for every message, and for none.
 *
 * @param training what to train on; its `variants` are chosen here
 * @throws LanewayError `EVALUATE_NO_LABELS`, and what training throws
 */
export async function measureAblation(
  training: Omit<TrainRequest, 'variants'>,
  rows: readonly LabelledRow[],
): Promise<AblationFigures> {
  const labelled = rows.filter((row): row is LabelledMessage => row.label !== undefined);
  if (labelled.length === 0) {
    throw new LanewayError('EVALUATE_NO_LABELS', 'no row of the data has a class to measure against', {
      fix: 'Check the label column and --map.',
    });
  }
  const encoder = training.encoder && rememberingEncoder(training.encoder);
  const variants = [
    ...LEXICAL,
    ...(encoder
      ? [
          { part: 'class', words: 'class head on the embedding', without: ['head:class'] as const },
          ...(training.intents
            ? [
                {
                  part: 'intents',
                  words: 'intents head on the embedding',
                  without: ['head:intents'] as const,
                },
              ]
            : []),
          {
            part: 'neighbours',
            words: 'kernel head on the embedding',
            without: ['head:neighbours'] as const,
          },
        ]
      : []),
  ];
  const { model, variants: models } = await trainModel({
    ...training,
    ...(encoder ? { encoder } : {}),
    variants: variants.map(({ without }) => without),
  });
  const whole = await answersOf(model, encoder, labelled);
  const figures = async (
    part: string,
    words: string,
    other: Model,
    using?: Encoder,
  ): Promise<PartFigures> => {
    const said = await answersOf(other, using, labelled);
    const of = (hard: boolean) => {
      const at = [...labelled.keys()].filter((index) => (labelled[index]!.hard === true) === hard);
      return pairedBootstrap(
        at.map((index) => right(labelled, whole, index)),
        at.map((index) => right(labelled, said, index)),
      );
    };
    return { part, words, ...outcomes(labelled, said), worthClean: of(false), worthHard: of(true) };
  };
  const parts: PartFigures[] = [];
  for (const [index, { part, words }] of variants.entries())
    parts.push(await figures(part, words, models[index]!, encoder));
  if (encoder && model.full) {
    const { full: _, ...lexical } = model;
    parts.push(await figures('encoder', 'the encoder as a whole (words alone answer)', lexical));
    parts.push(
      await figures(
        'cascade',
        'the cascade (the encoder is asked about every message)',
        askAlways(model),
        encoder,
      ),
    );
  }
  return {
    trainedOn: training.data,
    trees: model.manifest.training.trees,
    ...outcomes(labelled, whole),
    parts,
  };
}

function askAlways(model: Model): Model {
  const thresholds = { ...model.manifest.thresholds, cascadeLow: 0, cascadeHigh: 1 };
  return { ...model, manifest: { ...model.manifest, thresholds } };
}

const right = (rows: readonly LabelledMessage[], said: readonly MessageClass[], index: number): number =>
  rows[index]!.label === said[index] ? 1 : 0;

const BATCH = 256;

async function answersOf(
  model: Model,
  encoder: Encoder | undefined,
  rows: readonly LabelledMessage[],
): Promise<MessageClass[]> {
  const classifier = createClassifier(model, encoder);
  const said: MessageClass[] = [];
  for (let at = 0; at < rows.length; at += BATCH) {
    const batch = rows.slice(at, at + BATCH).map(({ text }) => ({ text }));
    for (const verdict of await classifier.classify(batch, { reasons: false })) said.push(verdict.class);
  }
  return said;
}

function outcomes(
  rows: readonly LabelledMessage[],
  said: readonly MessageClass[],
): { clean: Outcome; hard: Outcome } {
  const of = (hard: boolean) => {
    const at = [...rows.keys()].filter((index) => (rows[index]!.hard === true) === hard);
    return outcomeOf(
      at.map((index) => rows[index]!.label),
      at.map((index) => said[index]!),
    );
  };
  return { clean: of(false), hard: of(true) };
}
