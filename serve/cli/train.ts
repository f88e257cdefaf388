import { createRegistry } from '../../models/artifact/registry.ts';
import { parseEncoderSpec } from '../../models/encoder/index.ts';
import type { Model } from '../../models/model.ts';
import type { CliContext } from './context.ts';
import { readLabelledData } from './labelled-data.ts';
import type { DataFlags } from './options.ts';
import { openPreparedEncoder } from './prepared-encoder.ts';

export interface TrainFlags extends DataFlags {
  readonly name?: string;
  /** As `openEncoder` takes it; default `minilm:int8`. */
  readonly encoder?: string;
  readonly trees?: number;
  readonly seed?: number;
  readonly threads?: number;
  readonly promote?: boolean;
}

/** `laneway train`: trains, registers and, unless told not to, promotes. */
export async function trainCommand(context: CliContext, flags: TrainFlags): Promise<void> {
  const model = await trainAndRegister(context, flags);
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
  print(`stored in  ${context.home}/models/${version}${flags.promote === false ? '' : ' (now champion)'}`);
  print('next       npm run evaluate -- --data FILE');
}

/** Trains on a file, or on the authored corpus, and stores the model under the data folder. */
export async function trainAndRegister(context: CliContext, flags: TrainFlags): Promise<Model> {
  const { progress, note } = context;
  const spec = parseEncoderSpec(flags.encoder ?? 'minilm:int8');
  const source = await trainingSource(context, flags);
  const { trainModel } = await import('../../train/train.ts');
  const encoder = spec === 'none' ? undefined : await openPreparedEncoder(context, spec);
  try {
    const { model, contradictions } = await trainModel({
      ...source,
      name: flags.name ?? (flags.data === undefined ? 'corpus' : 'own'),
      ...(encoder ? { encoder } : {}),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(flags.trees === undefined ? {} : { trees: flags.trees }),
      ...(flags.threads === undefined ? {} : { threads: flags.threads }),
      onProgress: (phase, done, total) => progress.show(phase, done, total),
    });
    progress.end();
    if (contradictions.length > 0) {
      note(
        `${contradictions.length} texts stand in the data with both labels; the more frequent one was taken.`,
      );
    }
    const registry = createRegistry(context.home);
    registry.save(model);
    if (flags.promote !== false) registry.promote(model.manifest.version);
    return model;
  } finally {
    progress.end();
    await encoder?.close();
  }
}

async function trainingSource(context: CliContext, flags: TrainFlags) {
  if (flags.data !== undefined) {
    const { rows } = await readLabelledData(context, flags.data, flags);
    return { rows, data: flags.data };
  }
  const { corpusRows } = await import('../../train/corpus-rows.ts');
  const { rows, intents, metadataOf, description } = corpusRows();
  return { rows, intents, metadataOf, data: description };
}

/** Shares as per cent, everything else as it is. */
export function formatFigure(value: number): string {
  return value >= 0 && value <= 1 ? `${(100 * value).toFixed(2)}%` : String(Math.round(value * 1000) / 1000);
}
