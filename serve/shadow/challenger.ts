import type { Worker } from 'node:worker_threads';
import { LanewayError } from '../../models/base/errors.ts';
import { startWorker } from '../../models/base/worker.ts';
import type { Challenger, ShadowAnswer } from './shadow.ts';
import type { ChallengerReply, ChallengerRequest, ChallengerStart } from './worker.ts';

/** How long a challenger may take to end by itself, ms. */
const PATIENCE_MS = 5_000;

/**
 * A challenger in a thread of its own, of low priority where the system has such: however slow it is, the thread that
 * serves the champion waits for nothing.
 *
 * @throws LanewayError `CHALLENGER_REFUSED`: the model or its encoder cannot be opened
 */
export async function startChallenger(version: string, start: ChallengerStart): Promise<Challenger> {
  const worker = startWorker(new URL('./worker.ts', import.meta.url), { workerData: start });
  const ended = endOf(worker);
  const first = await nextReply(worker, ended);
  if (first.kind !== 'ready' || first.missing !== undefined) {
    await worker.terminate();
    const why =
      first.kind === 'ready'
        ? `no encoder: ${first.missing}`
        : 'message' in first
          ? first.message
          : first.kind;
    throw new LanewayError('CHALLENGER_REFUSED', `${version} cannot be asked: ${why}`, { where: start.dir });
  }
  const send = (request: ChallengerRequest) => worker.postMessage(request);
  return {
    version,
    async classify(inputs): Promise<ShadowAnswer[]> {
      const replied = nextReply(worker, ended);
      send({ kind: 'classify', inputs });
      const reply = await replied;
      if (reply.kind === 'answers') return [...reply.answers];
      throw new LanewayError('CHALLENGER_FAILED', 'message' in reply ? reply.message : reply.kind);
    },
    async close() {
      send({ kind: 'close' });
      const impatient = setTimeout(() => void worker.terminate(), PATIENCE_MS);
      await ended.catch(() => undefined);
      clearTimeout(impatient);
    },
  };
}

/** Rejects when the thread fails; resolves when it ends. */
function endOf(worker: Worker): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
  ended.catch(() => undefined);
  return ended;
}

/** The thread's next word. Calls come one at a time, so it answers the last one. */
function nextReply(worker: Worker, ended: Promise<void>): Promise<ChallengerReply> {
  let heard: ((reply: ChallengerReply) => void) | undefined;
  const reply = new Promise<ChallengerReply>((resolve) => {
    heard = resolve;
    worker.once('message', resolve);
  });
  const gone = ended.then((): ChallengerReply => ({ kind: 'failed', message: 'the challenger has ended' }));
  return Promise.race([reply, gone]).finally(() => worker.off('message', heard!));
}
