import { parentPort, workerData } from 'node:worker_threads';
import { type FitReport, type FitTask, fitOne } from './fold-fits.ts';

const task = workerData as FitTask;
const fits = task.jobs.length * (task.foldCount + 1);

for (;;) {
  const number = Atomics.add(task.nextFit, 0, 1);
  if (number >= fits) break;
  const head = fitOne(task, number);
  parentPort!.postMessage({ kind: 'fit', number, head } satisfies FitReport, [
    head.weights.buffer as ArrayBuffer,
  ]);
}
parentPort!.postMessage({ kind: 'done' } satisfies FitReport);
