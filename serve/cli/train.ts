import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type LabelledRow, type LabelledStream, streamLabelled } from '../../data/read/labelled.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { parseEncoderSpec } from '../../models/encoder/index.ts';
import type { Model } from '../../models/model.ts';
import type { CliContext } from './context.ts';
import { noteLabelled } from './labelled-data.ts';
import { type DataFlags, labelledOptions } from './options.ts';
import { openPreparedEncoder } from './prepared-encoder.ts';
import { registerModel } from './register-model.ts';
import { type TrainingFacts, writeTrainingFacts } from './training-facts.ts';
import { type RowFlags, refineRows } from './training-rows.ts';

export interface TrainFlags extends DataFlags, Omit<RowFlags, 'data'> {
  readonly name?: string;
  /** As `openEncoder` takes it; default `minilm:int8`. */
  readonly encoder?: string;
  readonly trees?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly promote?: boolean;
  /** False: `data` alone, without the authored corpus beside it. */
  readonly corpus?: boolean;
  /** What to do about one text with both labels: `majority` (default) or `refuse`. */
  readonly contradictions?: string;
}

const SHOWN_CONTRADICTIONS = 10;

/** `laneway train`: trains, registers and, unless told not to, promotes. */
export async function trainCommand(context: CliContext, flags: TrainFlags): Promise<void> {
  const { model, facts } = await trainAndRegister(context, flags);
  const { training, thresholds, outOfFold, version } = model.manifest;
  const { print } = context;
  print(`model      ${version}`);
  print(
    `trained on ${training.data}: ${training.rows} rows, ${training.distinct} distinct, ${training.groups} groups`,
  );
  print('held out while training (groups apart):');
  for (const [name, value] of Object.entries(outOfFold)) {
    print(`  ${name.padEnd(24)} ${formatFigure(value)}`);
  }
  print(
    `thresholds promotional from ${thresholds.decision.toFixed(3)}; unsure from ${thresholds.sureBelow.toFixed(3)} to ${thresholds.sureAbove.toFixed(3)}`,
  );
  print(`took       ${phaseLine(facts.phases)}; at most ${facts.peakMemoryMb} MB of memory`);
  print(`stored in  ${context.home}/models/${version}${isPromoted(flags) ? ' (now champion)' : ''}`);
  print(
    `next       ${isPromoted(flags) ? 'npm run evaluate -- --data FILE' : `npx laneway models promote ${version}`}`,
  );
}

/** A model that learned from people goes to the gates first. */
const isPromoted = ({ promote, withFeedback }: TrainFlags): boolean => promote !== false && !withFeedback;

/** Trains on a file, or on the authored corpus, and stores the model under the data folder. */
export async function trainAndRegister(
  context: CliContext,
  flags: TrainFlags,
): Promise<{ model: Model; facts: TrainingFacts }> {
  const { progress, note } = context;
  const spec = parseEncoderSpec(flags.encoder ?? 'minilm:int8');
  const contradictionPolicy = contradictionsOf(flags.contradictions);
  const source = await refineRows(context, flags, await trainingSource(context, flags));
  const { trainModel } = await import('../../train/train.ts');
  const encoder = spec === 'none' ? undefined : await openPreparedEncoder(context, spec);
  try {
    const { model, contradictions, warnings, phases } = await trainModel({
      ...source,
      name: flags.name ?? (flags.data === undefined ? 'corpus' : 'own'),
      ...(encoder ? { encoder } : {}),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(flags.trees === undefined ? {} : { trees: flags.trees }),
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
      contradictions: contradictionPolicy,
      embeddingCache: join(context.home, 'embeddings'),
      onNote: note,
      onProgress: (phase, done, total) => progress.show(phase, done, total),
    });
    progress.end();
    for (const warning of warnings) note(`warning: ${warning}`);
    if (contradictions.length > 0) {
      const { describeContradiction } = await import('../../train/fold-rows.ts');
      note(
        `${contradictions.length} texts stand in the data with both labels; the more frequent one was taken:`,
      );
      for (const one of contradictions.slice(0, SHOWN_CONTRADICTIONS))
        note(`  ${describeContradiction(one)}`);
      if (contradictions.length > SHOWN_CONTRADICTIONS)
        note(`  and ${contradictions.length - SHOWN_CONTRADICTIONS} more: laneway data check FILE`);
    }
    const facts: TrainingFacts = {
      phases,
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
      threads: flags.threads ?? availableParallelism(),
      warnings,
      contradictions: contradictions.length,
    };
    writeTrainingFacts(registerModel(context, model, { promote: isPromoted(flags) }), facts);
    return { model, facts };
  } finally {
    progress.end();
    await encoder?.close();
  }
}

function contradictionsOf(policy: string | undefined): 'majority' | 'refuse' {
  if (policy === undefined || policy === 'majority') return 'majority';
  if (policy === 'refuse') return policy;
  throw new LanewayError('OPTION_INVALID', `--contradictions ${policy}: it is majority or refuse`, {
    fix: 'majority lets the more frequent label stand; refuse stops and lists the texts.',
  });
}

async function trainingSource(context: CliContext, flags: TrainFlags) {
  if (flags.data !== undefined) {
    let readSoFar = { done: 0, total: 1 };
    const stream = streamLabelled(flags.data, {
      ...labelledOptions(flags),
      onBytes: (done, total) => {
        readSoFar = { done, total };
      },
    });
    const own = { rows: noted(context, flags.data, stream), readSoFar: () => readSoFar, data: flags.data };
    return flags.corpus === false ? own : withCorpus(own);
  }
  const { corpusRows } = await import('../../train/corpus-rows.ts');
  const { rows, intents, metadataOf, description } = corpusRows();
  return { rows, intents, metadataOf, data: description };
}

/** A few thousand rows of one sender know little of the world: what Laneway knows already is learned beside them. */
async function withCorpus<S extends { readonly data: string }>(own: S) {
  const { corpusRows } = await import('../../train/corpus-rows.ts');
  const { rows, intents, metadataOf, description } = corpusRows();
  return { ...own, background: rows, intents, metadataOf, data: `${own.data}, and the ${description}` };
}

/** The rows; when they end, what was left out is said. */
async function* noted(
  context: CliContext,
  path: string,
  { rows, summary }: LabelledStream,
): AsyncGenerator<LabelledRow> {
  yield* rows;
  noteLabelled(context, path, summary());
}

function phaseLine(phases: TrainingFacts['phases']): string {
  return Object.entries(phases)
    .map(([phase, seconds]) => `${phase} ${seconds} s`)
    .join(', ');
}

/** Shares as per cent, everything else as it is. */
export function formatFigure(value: number): string {
  return value >= 0 && value <= 1 ? `${(100 * value).toFixed(2)}%` : String(Math.round(value * 1000) / 1000);
}
