import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort } from 'node:worker_threads';
import { LanewayError } from '../../../models/base/errors.ts';
import type { Pack } from '../types.ts';
import { PACK_DIR, parsePack } from './load.ts';
import { packKey, writePacks } from './read-packs.ts';

/** Reads the packs that come with Laneway, for the build. Those that cannot be read are left for whoever wants them. */
const packs: Record<string, Pack> = {};
for (const file of readdirSync(PACK_DIR).filter((name) => name.endsWith('.yaml'))) {
  const text = readFileSync(join(PACK_DIR, file), 'utf8');
  try {
    packs[packKey(text, file)] = parsePack(text, file);
  } catch (error) {
    if (!(error instanceof LanewayError)) throw error;
  }
}
parentPort?.postMessage(writePacks(packs));
