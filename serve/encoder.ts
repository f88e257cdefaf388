import { join } from 'node:path';
import { LanewayError, messageOf } from '../models/base/errors.ts';
import { type Encoder, openEncoder } from '../models/encoder/index.ts';
import type { Model } from '../models/model.ts';

/** The encoder that answers with a model, or why none does. */
export interface OpenedEncoder {
  readonly encoder?: Encoder;
  /** For `/readyz`: its id, `none needed`, or what is wrong. */
  readonly state: string;
  /** Set when the model wants an encoder that is not there. */
  readonly missing?: string;
}

/** The setting that opens the encoder of this id: `minilm-l6-v2/int8/...`, `hub/<owner>/<name>/...`. */
export function specOfEncoder(id: string): string {
  const [kind, ...rest] = id.split('/');
  if (kind === 'hub') return `hub:${rest.slice(0, -2).join('/')}`;
  return `minilm:${rest[0]}`;
}

/** What must be equal for vectors to mean the same: weights and precision, or the model of the hub. */
const familyOf = (id: string): string =>
  id
    .split('/')
    .slice(0, id.startsWith('hub/') ? -1 : 2)
    .join('/');

/**
 * Opens what a model was trained with. Never throws: without the encoder the lexical forest answers, and says so.
 *
 * @param wanted `auto` or an encoder's spec
 */
export async function openEncoderFor(
  model: Model,
  wanted: string,
  options: { readonly home: string; readonly threads?: number },
): Promise<OpenedEncoder> {
  const trainedWith = model.manifest.encoderId;
  if (trainedWith === undefined) return { state: 'none needed: the model is lexical' };
  const refused = (why: string): OpenedEncoder => ({ state: `off: ${why}`, missing: why });
  if (wanted === 'none') return refused('switched off by LANEWAY_ENCODER=none');
  let encoder: Encoder;
  try {
    const spec = wanted === 'auto' ? specOfEncoder(trainedWith) : wanted;
    encoder = await openEncoder(spec, {
      dir: join(options.home, 'encoder'),
      ...(options.threads === undefined ? {} : { threads: options.threads }),
    });
  } catch (error) {
    return refused(
      error instanceof LanewayError && error.fix ? `${error.message}. ${error.fix}` : messageOf(error),
    );
  }
  if (familyOf(encoder.id) !== familyOf(trainedWith)) {
    await encoder.close();
    return refused(`the model was trained with ${trainedWith}, not ${encoder.id}`);
  }
  return { encoder, state: `ok: ${encoder.id}` };
}
