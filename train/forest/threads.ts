import type { Worker } from 'node:worker_threads';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { startWorker } from '../../models/base/worker.ts';
import { createTreeBuilder, type GrowInput, type OutOfBag } from './builder.ts';
import type { GrownTree } from './tree.ts';

/** How far growing has come. */
export interface GrowProgress {
  readonly treesDone: number;
  readonly trees: number;
}

/** Trees in their order, and each thread's out-of-bag sums. */
export interface Harvest {
  readonly trees: readonly GrownTree[];
  readonly outOfBag: readonly OutOfBag[];
}

/** What a worker is started with; its arrays lie in shared memory. */
export interface WorkerTask {
  readonly input: GrowInput;
  /** One shared number: the next tree nobody has taken. */
  readonly nextTree: Int32Array;
}

/** What a worker reports: each tree as it is done, its sums at the end. */
export type WorkerReport =
  | { readonly kind: 'tree'; readonly number: number; readonly tree: GrownTree }
  | { readonly kind: 'done'; readonly outOfBag: OutOfBag };

/** Counts finished trees and tells the caller. */
export function createProgress(trees: number, onProgress?: (progress: GrowProgress) => void): () => void {
  let treesDone = 0;
  return () => {
    treesDone++;
    onProgress?.({ treesDone, trees });
  };
}

/** Grows all trees on this thread, letting the event loop turn between them. */
export async function growHere(
  input: GrowInput,
  progress: () => void,
  signal?: AbortSignal,
): Promise<Harvest> {
  const builder = createTreeBuilder(input);
  const trees: GrownTree[] = [];
  for (let tree = 0; tree < input.plan.trees; tree++) {
    signal?.throwIfAborted();
    trees.push(builder.grow(tree));
    progress();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  return { trees, outOfBag: [builder.outOfBag] };
}

function workerFailed(cause: unknown): LanewayError {
  return new LanewayError('FOREST_WORKER_FAILED', `A thread that grew trees failed: ${messageOf(cause)}`, {
    fix: 'Use fewer threads if memory ran out; otherwise report this with the training command.',
    cause,
  });
}

/** Grows trees on worker threads, each taking the next number as it gets free. All threads end before it returns. */
export async function growOnThreads(
  input: GrowInput,
  threads: number,
  progress: () => void,
  signal?: AbortSignal,
): Promise<Harvest> {
  signal?.throwIfAborted();
  const nextTree = new Int32Array(new SharedArrayBuffer(4));
  const trees = new Array<GrownTree>(input.plan.trees);
  const workers: Worker[] = [];
  let onAbort: (() => void) | undefined;
  const one = () =>
    new Promise<OutOfBag>((resolve, reject) => {
      const task: WorkerTask = { input, nextTree };
      const worker = startWorker(new URL('./worker.ts', import.meta.url), { workerData: task });
      workers.push(worker);
      worker.on('message', (report: WorkerReport) => {
        if (report.kind === 'done') return resolve(report.outOfBag);
        trees[report.number] = report.tree;
        try {
          progress();
        } catch (error) {
          reject(error);
        }
      });
      worker.on('error', (error) => reject(workerFailed(error)));
      worker.on('exit', (code) => reject(workerFailed(`it exited with code ${code} before it was done`)));
    });
  try {
    const aborted = new Promise<never>((_, reject) => {
      onAbort = () => reject(signal?.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
    const outOfBag = await Promise.race([Promise.all(Array.from({ length: threads }, one)), aborted]);
    return { trees, outOfBag };
  } finally {
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
