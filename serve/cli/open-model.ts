import { createRegistry, type OpenedModel } from '../../models/artifact/registry.ts';
import { messageOf } from '../../models/base/errors.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Encoder } from '../../models/encoder/index.ts';
import type { Model } from '../../models/model.ts';
import type { Classifier } from '../../models/verdict.ts';
import { openEncoderFor } from '../encoder.ts';
import type { CliContext } from './context.ts';
import { ensureEncoder } from './prepared-encoder.ts';

/**
 * Opens a model by name, version or alias; makes one from the authored corpus when the champion is wanted and there is
 * none at all.
 *
 * @param insist refuse when the model wanted cannot answer, where another one would stand in for it
 */
export async function openModel(
  context: CliContext,
  reference?: string,
  insist = false,
): Promise<OpenedModel> {
  const registry = createRegistry(context.home);
  try {
    const opened = registry.open(reference);
    if (insist && opened.refused[0]) throw opened.refused[0];
    for (const refused of opened.refused) {
      context.note(`refused ${refused.where ?? 'a model'}: ${refused.message}`);
    }
    return opened;
  } catch (error) {
    const none = (reference ?? 'champion') === 'champion' && registry.list().length === 0;
    if (!none) throw error;
    context.note('No model yet: training one on the authored corpus (a few minutes).');
    const { trainAndRegister } = await import('./train.ts');
    await trainAndRegister(context, { promote: true });
    return registry.open(reference);
  }
}

/** A model with its encoder, ready to answer. Without its encoder it answers by words alone, and says so. */
export async function openClassifier(
  context: CliContext,
  reference?: string,
  insist = false,
): Promise<{ model: Model; classifier: Classifier; encoder: Encoder | undefined }> {
  const { model } = await openModel(context, reference, insist);
  const { encoderId } = model.manifest;
  if (encoderId?.startsWith('minilm-')) {
    try {
      await ensureEncoder(context, encoderId);
    } catch (error) {
      context.progress.end();
      if (isDiskFull(error)) throw error;
      context.note(`warning: the encoder cannot be built: ${messageOf(error)}`);
    }
  }
  const { encoder, missing } = await openEncoderFor(model, 'auto', { home: context.home });
  if (missing) context.note(`warning: words alone decide, the encoder ${encoderId} is not there: ${missing}`);
  return { model, classifier: createClassifier(model, encoder), encoder };
}

function isDiskFull(error: unknown): boolean {
  const { code, cause } = (error ?? {}) as NodeJS.ErrnoException & { cause?: unknown };
  return code === 'ENOSPC' || (cause !== undefined && isDiskFull(cause));
}
