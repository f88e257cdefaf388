import { join } from 'node:path';
import { readCorpus } from '../data/corpus.ts';
import { expandCorpus } from '../data/generate.ts';
import { type BuildProgress, buildEncoder } from '../models/encoder/index.ts';
import { canonicalise, encoderText } from '../models/text/canonical.ts';

/** Every n-th template calibrates: enough kinds of text, and adding a file changes few of them. */
const CALIBRATION_STEP = 5;

/**
 * Builds the encoder in the data folder from the weights package, calibrated on the authored corpus; does nothing
 * where that is done.
 *
 * @param home data folder
 * @returns folder to open the encoder from
 */
export async function prepareEncoder(
  home: string,
  onProgress?: (progress: BuildProgress) => void,
): Promise<string> {
  const dir = join(home, 'encoder');
  const chosen = readCorpus().filter((_, index) => index % CALIBRATION_STEP === 0);
  const calibrationTexts = expandCorpus(chosen, 1).map((row) => encoderText(canonicalise(row.text)));
  await buildEncoder({ dir, calibrationTexts, ...(onProgress ? { onProgress } : {}) });
  return dir;
}
