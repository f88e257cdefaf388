import { type Encoder, openEncoder } from '../../models/encoder/index.ts';
import type { CliContext } from './context.ts';

/** Builds the encoder when its folder does not hold it yet; bars while it does. */
export async function ensureEncoder(context: CliContext): Promise<string> {
  const { prepareEncoder } = await import('../../models/encoder/prepare.ts');
  const dir = await prepareEncoder(context.home, ({ phase, done, total }) =>
    context.progress.show(`building encoder: ${phase}`, done, total),
  );
  context.progress.end();
  return dir;
}

/** Opens the encoder of a spec, building it first where that is needed. */
export async function openPreparedEncoder(context: CliContext, spec: string): Promise<Encoder> {
  const dir = spec.startsWith('minilm:') ? await ensureEncoder(context) : '';
  return openEncoder(spec, { dir });
}
