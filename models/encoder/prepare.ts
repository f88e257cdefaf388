import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildProgress, buildEncoder } from './build.ts';
import type { Precision } from './manifest.ts';

/**
 * Canonical texts that were rendered from the authored corpus once. They are pinned: the encoder's vectors, and with
 * them every trained model, must not change when the corpus grows.
 */
const CALIBRATION_FILE = fileURLToPath(new URL('./calibration.jsonl', import.meta.url));

/**
 * Builds the encoder in the data folder from the weights package; does nothing where that is done.
 *
 * @param home data folder
 * @param precision what will be opened; default: both are checked
 * @returns folder to open the encoder from
 */
export async function prepareEncoder(
  home: string,
  onProgress?: (progress: BuildProgress) => void,
  precision?: Precision,
): Promise<string> {
  const dir = join(home, 'encoder');
  const calibrationTexts = readFileSync(CALIBRATION_FILE, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as string);
  await buildEncoder({
    dir,
    calibrationTexts,
    ...(precision ? { precision } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  return dir;
}
