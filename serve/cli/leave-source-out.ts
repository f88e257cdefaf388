import { LanewayError } from '../../models/base/errors.ts';
import { parseEncoderSpec } from '../../models/encoder/index.ts';
import type { CliContext } from './context.ts';
import { headerLine, outcomeLine } from './evaluate.ts';
import { readLabelledData } from './labelled-data.ts';
import { peerLines } from './peer-lines.ts';
import { openPreparedEncoder } from './prepared-encoder.ts';
import type { TrainFlags } from './train.ts';

export interface LeaveSourceOutFlags extends TrainFlags {
  /** Other classifiers on the same folds. */
  readonly peers?: boolean;
  /** Every fold also learns from the authored corpus. */
  readonly withCorpus?: boolean;
  /** The figures as JSON instead of a table. */
  readonly json?: boolean;
}

/** `laneway evaluate --leave-source-out` */
export async function leaveSourceOutCommand(context: CliContext, flags: LeaveSourceOutFlags): Promise<void> {
  const path = flags.data ?? (context.env['LANEWAY_EVAL_DATA'] || undefined);
  if (path === undefined) {
    throw new LanewayError('OPTION_INVALID', '--leave-source-out needs data with a source column', {
      fix: 'Name a file with --data FILE.',
    });
  }
  const spec = parseEncoderSpec(flags.encoder ?? 'minilm:int8');
  const { rows } = await readLabelledData(context, path, flags);
  const encoder = spec === 'none' ? undefined : await openPreparedEncoder(context, spec);
  const { leaveSourceOut } = await import('../../train/leave-source-out.ts');
  const corpus = flags.withCorpus ? (await import('../../train/corpus-rows.ts')).corpusRows() : undefined;
  const peers = flags.peers
    ? await (await import('../../train/peers/peers.ts')).availablePeers(encoder ? { encoder } : {})
    : [];
  try {
    const measured = await leaveSourceOut(rows, {
      ...(encoder ? { encoder } : {}),
      ...(corpus ? { corpus } : {}),
      peers,
      ...(flags.trees === undefined ? {} : { trees: flags.trees }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      onProgress: (fold, phase, done, total) =>
        context.progress.show(`${phase}, without ${shorten(fold)}`, done, total),
    });
    context.progress.end();
    if (flags.json) return context.print(JSON.stringify(measured, null, 2));
    const { folds, clean, hard, all } = measured;
    context.print(`each source of ${path} answered by a model that saw none of it`);
    context.print(headerLine());
    context.print(outcomeLine('clean', clean));
    if (hard) context.print(outcomeLine('hard', hard));
    context.print(outcomeLine('all', all));
    for (const fold of folds) {
      context.print(`\nwithout ${fold.sources.join(', ')} (trained on ${fold.trainedOn} rows)`);
      context.print(outcomeLine('', fold.all));
    }
    for (const line of peerLines(measured)) context.print(line);
  } finally {
    context.progress.end();
    await encoder?.close();
  }
}

function shorten(text: string): string {
  return text.length <= 32 ? text : `${text.slice(0, 31)}…`;
}
