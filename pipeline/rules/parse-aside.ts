import { once } from 'node:events';
import { LanewayError } from '../../models/base/errors.ts';
import { startWorker } from '../../models/base/worker.ts';
import type { Release } from './release.ts';

type Answer = { readonly release: Release } | { readonly refused: { code: string; message: string } };

/** {@link parsePacks} in a thread of its own. @throws LanewayError `RULE_PACK_INVALID` */
export async function readRelease(files: Readonly<Record<string, string>>): Promise<Release> {
  const worker = startWorker(new URL('./parse-worker.ts', import.meta.url));
  worker.postMessage(files);
  try {
    const [answer] = (await once(worker, 'message')) as [Answer];
    if ('release' in answer) return answer.release;
    throw new LanewayError(answer.refused.code, answer.refused.message, {
      fix: 'Correct the lines named; the packs in force stay as they are.',
    });
  } finally {
    await worker.terminate();
  }
}
