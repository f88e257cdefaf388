import type { LabelledRow } from '../data/read/labelled.ts';
import { LanewayError } from '../models/base/errors.ts';
import { createClassifier } from '../models/classify.ts';
import type { Encoder } from '../models/encoder/encoder.ts';
import type { Model } from '../models/model.ts';
import type { MessageClass } from '../models/verdict.ts';
import type { CorpusRows } from './corpus-rows.ts';
import { type Difference, pairedBootstrap } from './evaluate/bootstrap.ts';
import { outcomeOf } from './evaluate/figures.ts';
import type { Outcome } from './evaluate/metrics.ts';
import type { Peer } from './peers/peer.ts';
import { trainPeer } from './peers/peers.ts';
import { rememberingEncoder } from './remembering-encoder.ts';
import { trainModel } from './train.ts';

export interface LeaveSourceOutOptions {
  readonly encoder?: Encoder;
  /** Trained on as well, in every fold. */
  readonly corpus?: Pick<CorpusRows, 'rows' | 'intents' | 'metadataOf'>;
  /** Others that answer the same folds; with a `corpus` each of them twice, without and with it. */
  readonly peers?: readonly Peer[];
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

/** A peer on the same folds. */
export interface PeerFigures {
  readonly name: string;
  readonly words: string;
  /** `sources`: the other sources of the data. `sources+corpus`: those and the authored corpus. */
  readonly data: 'sources' | 'sources+corpus';
  /** Most rows it was trained on in a fold. */
  readonly trainedOn: number;
  readonly clean: Outcome;
  readonly hard: Outcome;
  /** Accuracy of Laneway minus its own, over the same rows. */
  readonly aheadClean: Difference;
  readonly aheadHard: Difference;
}

export interface LeaveSourceOut {
  readonly folds: readonly SourceFold[];
  readonly all: Outcome;
  readonly clean: Outcome;
  /** Undefined when no row is marked hard. */
  readonly hard: Outcome | undefined;
  readonly withCorpus: boolean;
  readonly peers: readonly PeerFigures[];
}

type LabelledMessage = LabelledRow & { readonly label: MessageClass };

/** Who answers, and what was said of all held rows so far. */
interface Contestant {
  readonly peer: Peer;
  readonly data: PeerFigures['data'];
  readonly said: MessageClass[];
  trainedOn: number;
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
  const encoder = options.encoder && rememberingEncoder(options.encoder);
  const { corpus, peers = [], seed = 1, trees = 200 } = options;
  const answered: LabelledMessage[] = [];
  const said: MessageClass[] = [];
  const folds: SourceFold[] = [];
  const contestants = peers.flatMap((peer): Contestant[] =>
    (corpus ? (['sources', 'sources+corpus'] as const) : (['sources'] as const)).map((data) => ({
      peer,
      data,
      said: [],
      trainedOn: 0,
    })),
  );
  for (const sources of foldsOfSources(rows)) {
    const fold = sources.join(', ');
    const isHeld = (row: LabelledRow) => row.source !== undefined && sources.includes(row.source);
    const others = rows.filter((row) => !isHeld(row));
    const training = corpus ? [...corpus.rows, ...others] : others;
    const held = rows.filter((row): row is LabelledMessage => isHeld(row) && row.label !== undefined);
    const { model } = await trainModel({
      rows: training,
      name: 'fold',
      data: `${corpus ? 'authored corpus and ' : ''}all sources but ${fold}`,
      ...(corpus ? { intents: corpus.intents, metadataOf: corpus.metadataOf } : {}),
      ...(encoder ? { encoder } : {}),
      trees,
      seed,
      onProgress: (phase, done, total) => options.onProgress?.(fold, phase, done, total),
    });
    const answers = await answersOf(model, encoder, held);
    answered.push(...held);
    said.push(...answers);
    const labels = held.map(({ label }) => label);
    folds.push({ sources, trainedOn: training.length, all: outcomeOf(labels, answers) });
    for (const [index, contestant] of contestants.entries()) {
      options.onProgress?.(fold, contestant.peer.name, index, contestants.length);
      const given = contestant.data === 'sources' ? others : training;
      const { predict, trainedOn } = await trainPeer(contestant.peer, given, {
        ...(encoder ? { encoder } : {}),
        seed,
        trees,
      });
      contestant.trainedOn = Math.max(contestant.trainedOn, trainedOn);
      for (const probability of await predict(held.map(({ text }) => text)))
        contestant.said.push(probability >= 0.5 ? 'promotional' : 'transactional');
      // A long computation lets the process answer in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  const { all, clean, hard } = outcomesOf(answered, said);
  return {
    folds,
    all,
    clean,
    hard: hard.rows === 0 ? undefined : hard,
    withCorpus: corpus !== undefined,
    peers: contestants.map((contestant) => peerFigures(contestant, answered, said)),
  };
}

function peerFigures(
  { peer, data, said, trainedOn }: Contestant,
  rows: readonly LabelledMessage[],
  ours: readonly MessageClass[],
): PeerFigures {
  const ahead = (hard: boolean): Difference => {
    const at = [...rows.keys()].filter((index) => (rows[index]!.hard === true) === hard);
    const rightOf = (answers: readonly MessageClass[]) =>
      at.map((index) => (answers[index] === rows[index]!.label ? 1 : 0));
    return pairedBootstrap(rightOf(ours), rightOf(said));
  };
  const { clean, hard } = outcomesOf(rows, said);
  const { name, words } = peer;
  return { name, words, data, trainedOn, clean, hard, aheadClean: ahead(false), aheadHard: ahead(true) };
}

function outcomesOf(
  rows: readonly LabelledMessage[],
  said: readonly MessageClass[],
): { all: Outcome; clean: Outcome; hard: Outcome } {
  const of = (wanted: (row: LabelledMessage) => boolean): Outcome => {
    const at = [...rows.keys()].filter((index) => wanted(rows[index]!));
    return outcomeOf(
      at.map((index) => rows[index]!.label),
      at.map((index) => said[index]!),
    );
  };
  return { all: of(() => true), clean: of(({ hard }) => !hard), hard: of(({ hard }) => hard === true) };
}

async function answersOf(
  model: Model,
  encoder: Encoder | undefined,
  rows: readonly LabelledMessage[],
): Promise<MessageClass[]> {
  const classifier = createClassifier(model, encoder);
  const said: MessageClass[] = [];
  for (let start = 0; start < rows.length; start += CLASSIFY_BATCH) {
    const batch = rows.slice(start, start + CLASSIFY_BATCH).map(({ text }) => ({ text }));
    const verdicts = await classifier.classify(batch, { reasons: false });
    said.push(...verdicts.map((verdict) => verdict.class));
  }
  return said;
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
