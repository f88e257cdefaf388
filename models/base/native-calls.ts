import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

/**
 * A thread that is ended while it is inside a native add-on takes the whole process down: the add-on comes back to a
 * thread where no value can be made, throws, and nothing can catch that. `worker.terminate()` does it, and so does
 * `process.exit()` or an uncaught error of the main thread, which end every thread. So threads say when they are
 * inside, in memory that all threads of the process share, and the process leaves when none is.
 */
const KEY = 'laneway:native-calls';
const LEAVING = 0;
const INSIDE = 1;
/** A call takes milliseconds, loading a model a few hundred; what is longer hangs, and leaving goes on. */
const PATIENCE_MS = 10_000;

const shared = sharedWords();
/** Calls of this thread: the main thread cannot wait for itself. */
let own = 0;

function sharedWords(): Int32Array {
  const present = getEnvironmentData(KEY);
  if (present instanceof SharedArrayBuffer) return new Int32Array(present);
  const memory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);
  // Threads started from here on inherit it, and theirs.
  setEnvironmentData(KEY, memory);
  if (isMainThread) process.on('exit', waitUntilOutside);
  return new Int32Array(memory);
}

/** Runs in `exit` handlers, where nothing asynchronous does: the thread sleeps until the others are out. */
function waitUntilOutside(): void {
  Atomics.store(shared, LEAVING, 1);
  for (;;) {
    const inside = Atomics.load(shared, INSIDE);
    if (inside <= own || Atomics.wait(shared, INSIDE, inside, PATIENCE_MS) === 'timed-out') return;
  }
}

/**
 * Runs a call into a native add-on so that the process is not left in the middle of it. While the process leaves, no
 * call begins: the promise stays open, as its thread is about to end.
 */
export async function nativeCall<T>(call: () => Promise<T>): Promise<T> {
  Atomics.add(shared, INSIDE, 1);
  own++;
  try {
    if (Atomics.load(shared, LEAVING) === 0) return await call();
  } finally {
    own--;
    Atomics.sub(shared, INSIDE, 1);
    Atomics.notify(shared, INSIDE);
  }
  return new Promise<never>(() => undefined);
}
