import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';

export type TensorFlow = typeof tf;

let ready: Promise<TensorFlow> | undefined;

/**
 * TensorFlow.js with the fastest backend at hand: the native one where `@tensorflow/tfjs-node` is installed, else
 * WebAssembly on one thread, whose sums do not depend on the number of cores.
 */
export function openTensorFlow(): Promise<TensorFlow> {
  ready ??= load();
  return ready;
}

async function load(): Promise<TensorFlow> {
  const native = '@tensorflow/tfjs-node';
  const installed = await import(native).then(
    (module: { default?: TensorFlow } & TensorFlow) => module.default ?? module,
    () => undefined,
  );
  if (installed) return installed;
  const directory = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(`${directory}/`);
  setThreadsCount(1);
  await tf.setBackend('wasm');
  await tf.ready();
  return tf;
}
