import { type Encoder, openEncoder, type Precision } from '../../models/encoder/index.ts';
import type { CliContext } from './context.ts';

/**
 * Builds the encoder when its folder does not hold it yet; bars while it does.
 *
 * @param spec what will be opened: an encoder's id or a setting; of another one only the size is looked at
 */
export async function ensureEncoder(context: CliContext, spec?: string): Promise<string> {
  const { prepareEncoder } = await import('../../models/encoder/prepare.ts');
  const precision = precisionOf(spec);
  const dir = await prepareEncoder(
    context.home,
    ({ phase, done, total }) => context.progress.show(`building encoder: ${phase}`, done, total),
    precision,
  );
  context.progress.end();
  return dir;
}

/** `minilm:int8`, `minilm-l6-v2/int8/...` */
function precisionOf(spec: string | undefined): Precision | undefined {
  const [, named] = /^minilm[^:/]*[:/](int8|fp32)\b/.exec(spec ?? '') ?? [];
  return named as Precision | undefined;
}

/** Opens the encoder of a spec, building it first where that is needed. */
export async function openPreparedEncoder(context: CliContext, spec: string): Promise<Encoder> {
  const dir = spec.startsWith('minilm:') ? await ensureEncoder(context, spec) : '';
  return openEncoder(spec, { dir });
}
