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
  /** Set when another precision of the same weights answers in place of the one wanted: slower, and why. */
  readonly standIn?: string;
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

const weightsOf = (id: string): string => id.split('/')[0]!;

const INT8 = 'minilm:int8';
const FP32 = 'minilm:fp32';
const why = (error: unknown): string =>
  error instanceof LanewayError && error.fix ? `${error.message}. ${error.fix}` : messageOf(error);

/**
 * Opens what a model was trained with. Never throws: where int8 cannot be opened fp32 stands in for it, and without an
 * encoder the lexical forest answers; either says so.
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
  const spec = wanted === 'auto' ? specOfEncoder(trainedWith) : wanted;
  const open = (what: string): Promise<Encoder> =>
    openEncoder(what, {
      dir: join(options.home, 'encoder'),
      ...(options.threads === undefined ? {} : { threads: options.threads }),
    });
  let encoder: Encoder;
  let standIn: string | undefined;
  try {
    encoder = await open(spec);
  } catch (error) {
    if (spec !== INT8) return refused(why(error));
    try {
      encoder = await open(FP32);
    } catch {
      return refused(why(error));
    }
    standIn = `fp32 stands in for int8: ${why(error)}`;
  }
  const standsIn = standIn !== undefined && weightsOf(encoder.id) === weightsOf(trainedWith);
  if (!standsIn && familyOf(encoder.id) !== familyOf(trainedWith)) {
    await encoder.close();
    return refused(`the model was trained with ${trainedWith}, not ${encoder.id}`);
  }
  if (standIn !== undefined) return { encoder, state: `slow: ${encoder.id}, ${standIn}`, standIn };
  return { encoder, state: `ok: ${encoder.id}` };
}
