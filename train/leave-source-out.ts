import type { LabelledRow } from '../data/read/labelled.ts';
import { LanewayError } from '../models/base/errors.ts';
import { createClassifier } from '../models/classify.ts';
import type { Encoder } from '../models/encoder/encoder.ts';
import type { MessageClass } from '../models/verdict.ts';
import { type Answered, outcomeOfItems } from './evaluate/figures.ts';
import type { Outcome } from './evaluate/metrics.ts';
import { trainModel } from './train.ts';

export interface LeaveSourceOutOptions {
  readonly encoder?: Encoder;
  /** Default 200. */
  readonly trees?: number;
  /** Default 1. */
  readonly seed?: number;
  readonly onProgress?: (fold: string, phase: string, done: number, total: number) => void;
}

/** One fold: what a model that saw none of these sources says of them. */
export interface SourceFold {
  readonly sources: readonly string[];
  readonly trainedOn: number;
  readonly all: Outcome;
}

export interface LeaveSourceOut {
  readonly folds: readonly SourceFold[];
  readonly all: Outcome;
  readonly clean: Outcome;
  /** Undefined when no row is marked hard. */
  readonly hard: Outcome | undefined;
}

/** Sources that are a fold of their own: the largest ones. */
const LARGE_SOURCES = 2;

const CLASSIFY_BATCH = 500;

/**
 * Measures on senders never seen: three folds, the two sources with the most labelled rows and all others together;
 * each is answered by a model trained on the rest. Rows without a class teach the risk output only.
 *
 * @throws LanewayError `SOURCES_TOO_FEW` when fewer than three sources are named, and what training throws
 */
export async function leaveSourceOut(
  rows: readonly LabelledRow[],
  options: LeaveSourceOutOptions = {},
): Promise<LeaveSourceOut> {
  const encoder = options.encoder && remembering(options.encoder);
  const answered: Answered[] = [];
  const folds: SourceFold[] = [];
  for (const sources of foldsOfSources(rows)) {
    const isHeld = (row: LabelledRow) => row.source !== undefined && sources.includes(row.source);
    const training = rows.filter((row) => !isHeld(row));
    const { model } = await trainModel({
      rows: training,
      name: 'fold',
      data: `all sources but ${sources.join(', ')}`,
      ...(encoder ? { encoder } : {}),
      ...(options.trees === undefined ? {} : { trees: options.trees }),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      onProgress: (phase, done, total) => options.onProgress?.(sources.join(', '), phase, done, total),
    });
    const classifier = createClassifier(model, encoder);
    const held = rows.filter(
      (row): row is LabelledRow & { label: MessageClass } => isHeld(row) && row.label !== undefined,
    );
    const items: Answered[] = [];
    for (let start = 0; start < held.length; start += CLASSIFY_BATCH) {
      const batch = held.slice(start, start + CLASSIFY_BATCH);
      const verdicts = await classifier.classify(
        batch.map(({ text }) => ({ text })),
        { reasons: false },
      );
      batch.forEach((row, index) => {
        items.push({ row, verdict: verdicts[index]! });
      });
    }
    answered.push(...items);
    folds.push({ sources, trainedOn: training.length, all: outcomeOfItems(items) });
  }
  const hard = answered.filter(({ row }) => row.hard);
  return {
    folds,
    all: outcomeOfItems(answered),
    clean: outcomeOfItems(answered.filter(({ row }) => !row.hard)),
    hard: hard.length === 0 ? undefined : outcomeOfItems(hard),
  };
}

function foldsOfSources(rows: readonly LabelledRow[]): string[][] {
  const counts = new Map<string, number>();
  for (const { source, label } of rows) {
    if (source !== undefined && label !== undefined) counts.set(source, (counts.get(source) ?? 0) + 1);
  }
  const ranked = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([source]) => source);
  if (ranked.length <= LARGE_SOURCES) {
    throw new LanewayError(
      'SOURCES_TOO_FEW',
      `${ranked.length} sources; leaving one out takes at least ${LARGE_SOURCES + 1}`,
      {
        fix: 'Name the sender or origin of each row in a "source" column, or map one with --column source=NAME.',
      },
    );
  }
  return [...ranked.slice(0, LARGE_SOURCES).map((source) => [source]), ranked.slice(LARGE_SOURCES)];
}

/** The folds share most of their texts: each is encoded once. */
function remembering(encoder: Encoder): Encoder {
  const known = new Map<string, Float32Array>();
  const { dimensions } = encoder;
  return {
    id: encoder.id,
    dimensions,
    close: () => encoder.close(),
    encode: async (texts) => {
      const missing = [...new Set(texts)].filter((text) => !known.has(text));
      if (missing.length > 0) {
        const vectors = await encoder.encode(missing);
        missing.forEach((text, index) => {
          known.set(text, vectors.slice(index * dimensions, (index + 1) * dimensions));
        });
      }
      const out = new Float32Array(texts.length * dimensions);
      texts.forEach((text, index) => {
        out.set(known.get(text)!, index * dimensions);
      });
      return out;
    },
  };
}
