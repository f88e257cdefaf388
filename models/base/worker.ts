import { Worker, type WorkerOptions } from 'node:worker_threads';
import { compiledOf } from './build.mjs';
// Threads inherit its shared memory from the first thread that starts one.
import './native-calls.ts';

/**
 * Starts a `.ts` worker thread the same way whatever started the parent: `node --import tsx`, `tsx`, vitest,
 * or another worker. Node 20 hands module hooks down to a worker only by chance of how the parent registered
 * them, so the worker registers `tsx` itself before it imports `url`; the parent's own flags (vitest's
 * conditions, a debugger's port) are not inherited. In a process that runs compiled code the worker does too.
 *
 * Messages posted before the worker listens are queued by Node, none is lost. The caller owns the lifetime:
 * listen for `error` and `exit`, end with `terminate()`, but never a thread that calls a native add-on or may have
 * threads that do (see `native-calls.ts`): ask it to end.
 *
 * @param url absolute `file:` URL of the worker's module: `new URL('./worker.ts', import.meta.url)`.
 * @param options as of `node:worker_threads`; `eval` has no meaning here.
 */
export function startWorker(url: URL, options: Omit<WorkerOptions, 'eval'> = {}): Worker {
  const compiled = compiledOf(url);
  const boot = compiled
    ? `import { mapStacks } from ${module('./stack.mjs')}; mapStacks(); await import(${JSON.stringify(compiled)});`
    : `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}; register(); await import(${JSON.stringify(url.href)});`;
  return new Worker(new URL(`data:text/javascript,${encodeURIComponent(boot)}`), {
    execArgv: [],
    ...options,
  });
}

const module = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
