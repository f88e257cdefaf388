import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { seedOf } from './random.ts';
import { startWorker } from './worker.ts';

/** What `worker.test.ts` runs: as a program, a thread, and a thread of a thread. */
interface Task {
  readonly depth: number;
}

async function answer(depth: number): Promise<string> {
  if (depth === 0) return `leaf ${seedOf('leaf')}`;
  const worker = startWorker(new URL(import.meta.url), { workerData: { depth: depth - 1 } satisfies Task });
  worker.postMessage('go');
  const [message] = (await once(worker, 'message')) as [string];
  await worker.terminate();
  return `node > ${message}`;
}

if (isMainThread) {
  if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(await answer(2));
} else {
  // Asking for the message late shows that it was queued while the module was loading.
  const [message] = (await once(parentPort!, 'message')) as [string];
  if (message === 'throw') throw new Error('thrown in the worker');
  parentPort!.postMessage(await answer((workerData as Task).depth));
}
