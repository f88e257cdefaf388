import { parentPort } from 'node:worker_threads';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { parsePacks } from './parse.ts';
import { releaseOf } from './release.ts';

/** Reading and validating packs takes a second or more: not on the thread that answers. */
parentPort!.once('message', (files: Readonly<Record<string, string>>) => {
  try {
    parentPort!.postMessage({ release: releaseOf(parsePacks(files)) });
  } catch (error) {
    const code = error instanceof LanewayError ? error.code : 'RULE_PACK_INVALID';
    parentPort!.postMessage({ refused: { code, message: messageOf(error) } });
  }
});
