import { LanewayError } from '../../models/base/errors.ts';
import { parseEncoderSpec } from '../../models/encoder/index.ts';
import type { CliContext } from './context.ts';
import { headerLine, outcomeLine } from './evaluate.ts';
import { readLabelledData } from './labelled-data.ts';
import { openPreparedEncoder } from './prepared-encoder.ts';
import type { TrainFlags } from './train.ts';

/** `laneway evaluate --leave-source-out` */
export async function leaveSourceOutCommand(context: CliContext, flags: TrainFlags): Promise<void> {
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
  try {
    const { folds, clean, hard, all } = await leaveSourceOut(rows, {
      ...(encoder ? { encoder } : {}),
      ...(flags.trees === undefined ? {} : { trees: flags.trees }),
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      onProgress: (fold, phase, done, total) =>
        context.progress.show(`${phase}, without ${shorten(fold)}`, done, total),
    });
    context.progress.end();
    context.print(`each source of ${path} answered by a model that saw none of it`);
    context.print(headerLine());
    context.print(outcomeLine('clean', clean));
    if (hard) context.print(outcomeLine('hard', hard));
    context.print(outcomeLine('all', all));
    for (const fold of folds) {
      context.print(`\nwithout ${fold.sources.join(', ')} (trained on ${fold.trainedOn} rows)`);
      context.print(outcomeLine('', fold.all));
    }
  } finally {
    context.progress.end();
    await encoder?.close();
  }
}

function shorten(text: string): string {
  return text.length <= 32 ? text : `${text.slice(0, 31)}…`;
}
