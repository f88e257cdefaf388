import type { Worker } from 'node:worker_threads';
import { LanewayError } from '../../models/base/errors.ts';
import { startWorker } from '../../models/base/worker.ts';
import type { Challenger, ShadowAnswer } from './shadow.ts';
import type { ChallengerReply, ChallengerRequest, ChallengerStart } from './worker.ts';

/** How long is waited for a challenger to end, ms; it is never broken off, as its encoder may be inside native code. */
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
    if (first.kind === 'ready') worker.postMessage({ kind: 'close' } satisfies ChallengerRequest);
    await ended.catch(() => undefined);
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
      let impatient: NodeJS.Timeout | undefined;
      const waitedLong = new Promise<void>((resolve) => {
        impatient = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([ended.catch(() => undefined), waitedLong]);
      clearTimeout(impatient);
      worker.unref();
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
