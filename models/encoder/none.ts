import { LanewayError } from '../base/errors.ts';
import type { Encoder } from './encoder.ts';

/** No encoder: for lexical-only models. `encode` of anything is a bug of the caller. */
export function createNoEncoder(): Encoder {
  return Object.freeze({
    id: 'none',
    dimensions: 0,
    encode: () =>
      Promise.reject(
        new LanewayError('ENCODER_NONE', 'There is no encoder: the spec is `none`', {
          fix: 'Use a lexical-only model, or open an encoder such as minilm:int8',
        }),
      ),
    close: () => Promise.resolve(),
  });
}
