import { LanewayError } from '../base/errors.ts';
import type { Encoder } from './encoder.ts';
import { createHubEncoder, type HubOptions } from './hub.ts';
import { createMiniLmEncoder } from './minilm.ts';
import { createNoEncoder } from './none.ts';

export { type BuildOptions, type BuildProgress, type BuildResult, buildEncoder } from './build.ts';
export type { Encoder } from './encoder.ts';
export { createHubEncoder, type HubOptions } from './hub.ts';
export { type EncoderManifest, encoderId, type Precision, readManifest } from './manifest.ts';
export { createMiniLmEncoder, type EncoderState, type MiniLmEncoder, type MiniLmOptions } from './minilm.ts';
export { createNoEncoder } from './none.ts';

/** What the settings and a model's manifest name. */
export type EncoderSpec = 'minilm:int8' | 'minilm:fp32' | `hub:${string}` | 'none';

export interface OpenEncoderOptions {
  /** Folder that `buildEncoder` filled; only `minilm:*` reads it. */
  readonly dir: string;
  /** Worker threads of `minilm:*`. */
  readonly threads?: number;
  /** For `hub:<id>`. */
  readonly hub?: HubOptions;
}

/** @throws LanewayError `OPTION_INVALID` naming what is allowed. */
export function parseEncoderSpec(spec: string): EncoderSpec {
  if (spec === 'minilm:int8' || spec === 'minilm:fp32' || spec === 'none') return spec;
  if (/^hub:[^\s:]+$/.test(spec)) return spec as `hub:${string}`;
  throw new LanewayError('OPTION_INVALID', `"${spec}" names no encoder`, {
    fix: 'Use minilm:int8, minilm:fp32, hub:<owner/name> or none',
    where: 'encoder',
  });
}

/**
 * Opens the encoder that a spec names.
 *
 * @throws LanewayError `OPTION_INVALID`, and what the encoder's own constructor throws.
 */
export async function openEncoder(spec: string, options: OpenEncoderOptions): Promise<Encoder> {
  const known = parseEncoderSpec(spec);
  const threads = options.threads === undefined ? {} : { threads: options.threads };
  switch (known) {
    case 'none':
      return createNoEncoder();
    case 'minilm:int8':
      return createMiniLmEncoder({ dir: options.dir, precision: 'int8', ...threads });
    case 'minilm:fp32':
      return createMiniLmEncoder({ dir: options.dir, precision: 'fp32', ...threads });
    default:
      return createHubEncoder(known.slice('hub:'.length), options.hub);
  }
}
