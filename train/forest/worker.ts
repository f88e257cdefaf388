import { parentPort, workerData } from 'node:worker_threads';
import { createTreeBuilder } from './builder.ts';
import type { WorkerReport, WorkerTask } from './threads.ts';

const { input, nextTree } = workerData as WorkerTask;
const builder = createTreeBuilder(input);

for (;;) {
  const number = Atomics.add(nextTree, 0, 1);
  if (number >= input.plan.trees) break;
  const tree = builder.grow(number);
  const report: WorkerReport = { kind: 'tree', number, tree };
  parentPort!.postMessage(report, [
    tree.feature.buffer as ArrayBuffer,
    tree.threshold.buffer as ArrayBuffer,
    tree.value.buffer as ArrayBuffer,
    tree.cover.buffer as ArrayBuffer,
    tree.importances.buffer as ArrayBuffer,
  ]);
}
const done: WorkerReport = { kind: 'done', outOfBag: builder.outOfBag };
parentPort!.postMessage(done);
