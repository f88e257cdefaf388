import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { startWorker } from '../../models/base/worker.ts';
import type { LinearHead } from '../../models/heads/linear.ts';
import type { SparseMatrix } from '../sparse-matrix.ts';
import { fitLogisticMatrix } from './logistic.ts';

/** One head to be fitted once without each fold and once on all rows. */
export interface FoldJob {
  readonly matrix: SparseMatrix;
  /** 1 positive, 0 negative, -1 leaves the row out. */
  readonly targets: Int16Array;
  readonly weights: Float32Array;
  readonly c: number;
}

export interface FoldFitOptions {
  readonly folds: Uint8Array;
  readonly foldCount: number;
  /** Default one a core; the heads are the same at any number. */
  readonly threads?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Heads of one job: `byFold[f]` never saw fold `f`, `all` saw every row. */
export interface FoldHeads {
  readonly byFold: readonly LinearHead[];
  readonly all: LinearHead;
}

/** What a worker is started with; its arrays lie in shared memory. */
export interface FitTask {
  readonly jobs: readonly FoldJob[];
  readonly folds: Uint8Array;
  readonly foldCount: number;
  /** One shared number: the next fit nobody has taken. */
  readonly nextFit: Int32Array;
}

export type FitReport =
  | { readonly kind: 'fit'; readonly number: number; readonly head: LinearHead }
  | { readonly kind: 'done' };

/** Entries times fits below which starting threads gains nothing. */
const WORTH_THREADS = 20_000_000;

/**
 * Fits all heads of all jobs, on worker threads where that pays. Each fit is a function of its rows alone, so it does
 * not matter who does it.
 *
 * @throws LanewayError `HEAD_WORKER_FAILED`
 */
export async function fitFolds(jobs: readonly FoldJob[], options: FoldFitOptions): Promise<FoldHeads[]> {
  const { foldCount } = options;
  const fits = jobs.length * (foldCount + 1);
  const heads = new Array<LinearHead>(fits);
  let done = 0;
  const keep = (number: number, head: LinearHead) => {
    heads[number] = head;
    options.onProgress?.(++done, fits);
  };
  const work = jobs.reduce((sum, { matrix }) => sum + matrix.indices.length, 0) * (foldCount + 1);
  const threads = Math.min(options.threads ?? (work < WORTH_THREADS ? 1 : availableParallelism()), fits);
  const task: FitTask = {
    jobs: jobs.map((job) => ({ ...job, targets: shared(job.targets), weights: shared(job.weights) })),
    folds: shared(options.folds),
    foldCount,
    nextFit: new Int32Array(new SharedArrayBuffer(4)),
  };
  if (threads <= 1) {
    for (let number = 0; number < fits; number++) {
      keep(number, fitOne(task, number));
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  } else {
    await fitOnThreads(task, threads, keep);
  }
  return jobs.map((_, job) => {
    const first = job * (foldCount + 1);
    return { byFold: heads.slice(first, first + foldCount), all: heads[first + foldCount]! };
  });
}

function shared<T extends Int16Array | Float32Array | Uint8Array>(from: T): T {
  const Type = from.constructor as new (buffer: SharedArrayBuffer) => T;
  const to = new Type(new SharedArrayBuffer(from.byteLength));
  to.set(from);
  return to;
}

/** Number `n` is job `n / (folds + 1)` without fold `n % (folds + 1)`; the last of a job leaves none out. */
export function fitOne({ jobs, folds, foldCount }: FitTask, number: number): LinearHead {
  const { matrix, targets, weights, c } = jobs[Math.floor(number / (foldCount + 1))]!;
  const held = number % (foldCount + 1);
  const used = weights.map((value, row) => (targets[row]! < 0 || folds[row] === held ? 0 : value));
  return fitLogisticMatrix(matrix, targets, used, { c });
}

async function fitOnThreads(
  task: FitTask,
  threads: number,
  keep: (number: number, head: LinearHead) => void,
): Promise<void> {
  const workers: Worker[] = [];
  const failed = (cause: unknown) =>
    new LanewayError('HEAD_WORKER_FAILED', `A thread that fitted heads failed: ${messageOf(cause)}`, {
      fix: 'Use fewer threads if memory ran out; otherwise report this with the training command.',
      cause,
    });
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const worker = startWorker(new URL('./fit-worker.ts', import.meta.url), { workerData: task });
      workers.push(worker);
      worker.on('message', (report: FitReport) => {
        if (report.kind === 'done') return resolve();
        try {
          keep(report.number, report.head);
        } catch (error) {
          reject(error);
        }
      });
      worker.on('error', (error) => reject(failed(error)));
      worker.on('exit', (code) => reject(failed(`it exited with code ${code} before it was done`)));
    });
  try {
    await Promise.all(Array.from({ length: threads }, one));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
