import { parentPort, workerData } from 'node:worker_threads';
import { LanewayError, messageOf } from '../base/errors.ts';
import { openSession, type TokenBatch } from './session.ts';

/** What `minilm.ts` starts the thread with. */
export interface WorkerStart {
  readonly modelPath: string;
}
export type WorkerRequest =
  | { readonly kind: 'run'; readonly batch: TokenBatch }
  | { readonly kind: 'close' }
  /** Ends without a word, as a crash would, between two batches. */
  | { readonly kind: 'crash' };
export type WorkerReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string }
  | { readonly kind: 'vectors'; readonly vectors: Float32Array }
  | { readonly kind: 'failed'; readonly message: string };

/** One session, one batch at a time; the parent sends the next when it has the answer. */
async function serve(modelPath: string): Promise<void> {
  const port = parentPort!;
  const reply = (message: WorkerReply) => port.postMessage(message);
  const session = await openSession(modelPath);
  port.on('message', async (request: WorkerRequest) => {
    if (request.kind === 'crash') process.exit(1);
    if (request.kind === 'close') {
      await session.close();
      port.close();
      return;
    }
    try {
      const [vectors] = await session.run(request.batch, ['embedding']);
      reply({ kind: 'vectors', vectors: vectors! });
    } catch (error) {
      reply({ kind: 'failed', message: messageOf(error) });
    }
  });
  reply({ kind: 'ready' });
}

serve((workerData as WorkerStart).modelPath).catch((error: unknown) => {
  const code = error instanceof LanewayError ? error.code : 'ENCODER_LOAD_FAILED';
  parentPort!.postMessage({ kind: 'refused', code, message: messageOf(error) } satisfies WorkerReply);
});
