import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LanewayError, messageOf } from '../base/errors.ts';
import { stateOf } from '../base/file-state.mjs';

export type Precision = 'int8' | 'fp32';

/** Files of an encoder folder. */
export const FILES = {
  manifest: 'manifest.json',
  vocabulary: 'vocabulary.json',
  fp32: 'minilm-fp32.onnx',
  int8: 'minilm-int8.onnx',
} as const;

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const Manifest = z.object({
  format: z.literal(1),
  model: z.literal('minilm-l6-v2'),
  dimensions: z.literal(768),
  maxTokens: z.literal(128),
  /** Hash of what int8 depends on: weights, vocabulary, recipe, calibration texts. The same on every machine. */
  inputs: Sha256,
  /** Hash of what fp32 depends on: weights, vocabulary, graph. */
  exactInputs: Sha256,
  /** Hash of signs that the inputs are still the same, on this machine: sizes and times in place of contents. */
  signs: Sha256.optional(),
  calibration: z.object({ texts: z.int().nonnegative(), recipe: z.record(z.string(), z.number()) }),
  /** int8 against fp32 on texts that were not calibrated on; mean over both pooled halves. */
  cosine: z.object({ mean: z.number(), min: z.number(), texts: z.int().positive() }),
  files: z.object({
    vocabulary: z.object({ sha256: Sha256, bytes: z.int() }),
    fp32: z.object({ sha256: Sha256, bytes: z.int() }),
    int8: z.object({ sha256: Sha256, bytes: z.int() }),
  }),
});
/** What lies in an encoder folder and how good it is. */
export type EncoderManifest = Readonly<z.infer<typeof Manifest>>;

export const sha256 = (...parts: readonly (Uint8Array | string)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** @throws LanewayError `ENCODER_NOT_BUILT` when there is none, `ENCODER_CORRUPT` when it cannot be read. */
export function readManifest(dir: string): EncoderManifest {
  const path = join(dir, FILES.manifest);
  let json: string;
  try {
    json = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LanewayError('ENCODER_NOT_BUILT', `No encoder in ${dir}`, {
      fix: 'Run: npm start, which builds it',
      where: path,
      cause,
    });
  }
  try {
    return Manifest.parse(JSON.parse(json));
  } catch (cause) {
    throw corrupt(path, messageOf(cause), cause);
  }
}

/** Files that this process has found whole: what they were then. Hashing them takes longer than all else of a start. */
const found = new Map<string, string>();

/** The bytes of a small file, checked against the manifest. @throws LanewayError `ENCODER_CORRUPT` */
export function readChecked(dir: string, manifest: EncoderManifest, file: keyof EncoderManifest['files']) {
  const path = join(dir, FILES[file]);
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw corrupt(path, messageOf(cause), cause);
  }
  if (sha256(bytes) !== manifest.files[file].sha256) throw changed(path);
  return { path, bytes };
}

/**
 * Path of a file, checked against the manifest off this thread; its bytes are read once in a process unless it changes.
 *
 * @throws LanewayError `ENCODER_CORRUPT`
 */
export async function checkedPath(
  dir: string,
  manifest: EncoderManifest,
  file: keyof EncoderManifest['files'],
): Promise<string> {
  const path = join(dir, FILES[file]);
  const { sha256: wanted } = manifest.files[file];
  let state: string;
  let hash: string;
  try {
    state = `${wanted} ${stateOf(path)}`;
    if (found.get(path) === state) return path;
    hash = Buffer.from(await crypto.subtle.digest('SHA-256', await readFile(path))).toString('hex');
  } catch (cause) {
    throw corrupt(path, messageOf(cause), cause);
  }
  if (hash !== wanted) throw changed(path);
  found.set(path, state);
  return path;
}

const changed = (path: string) => corrupt(path, 'its hash is not the one of its build');

/** Names weights, precision and everything the vectors depend on but the kind of CPU. */
export function encoderId(manifest: EncoderManifest, precision: Precision): string {
  const inputs = precision === 'int8' ? manifest.inputs : manifest.exactInputs;
  return `${manifest.model}/${precision}/${inputs.slice(0, 12)}`;
}

const corrupt = (path: string, why: string, cause?: unknown) =>
  new LanewayError('ENCODER_CORRUPT', `${path} is damaged: ${why}`, {
    fix: 'Delete the folder; the next start builds it anew',
    where: path,
    cause,
  });
