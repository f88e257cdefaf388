import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { LanewayError, messageOf } from '../base/errors.ts';
import { startWorker } from '../base/worker.ts';
import { packBatch } from './batching.ts';
import type { Encoder } from './encoder.ts';
import { checkedPath, encoderId, type Precision, readChecked, readManifest } from './manifest.ts';
import { createTextQueue } from './text-queue.ts';
import { createWordPiece } from './wordpiece.ts';
import type { WorkerReply, WorkerRequest, WorkerStart } from './worker.ts';

export interface MiniLmOptions {
  /** Folder that `buildEncoder` filled. */
  readonly dir: string;
  /** `int8` (default) or `fp32`, the exact one, about half as fast. */
  readonly precision?: Precision;
  /** Worker threads with a session each, 1 to the number of cores; default 2, on one core 1. */
  readonly threads?: number;
}

/** `degraded`: a thread was lost, the others go on. `failed`: none is left, every call is refused. */
export type EncoderState = 'ready' | 'degraded' | 'failed' | 'closed';

/** all-MiniLM-L6-v2 on worker threads. */
export interface MiniLmEncoder extends Encoder {
  readonly precision: Precision;
  state(): EncoderState;
  /** Ends one thread after its batch, as a crash would, what waits for it unanswered: for failure drills. */
  endThread(index: number): Promise<void>;
}

interface Call {
  readonly vectors: Float32Array;
  left: number;
  resolve(vectors: Float32Array): void;
  reject(error: LanewayError): void;
  settled: boolean;
}
interface Item {
  readonly call: Call;
  readonly row: number;
  readonly ids: readonly number[];
}
interface Lane {
  readonly worker: Worker;
  running: readonly Item[] | undefined;
}

const DIMENSIONS = 768;
const WORKER = new URL('./worker.ts', import.meta.url);

/**
 * Opens a built encoder: checks the files against their manifest, loads one session a thread, answers when
 * all are ready. Texts of concurrent calls that are equally long share a batch; no text waits for others, and urgent
 * calls go first.
 *
 * `encode` rejects with `ENCODER_CRASHED` when the thread that had the call's texts is lost,
 * `ENCODER_UNAVAILABLE` when no thread is left, `ENCODER_CLOSED` after `close`, which first finishes what runs.
 *
 * @throws LanewayError `ENCODER_NOT_BUILT`, `ENCODER_CORRUPT`, `ENCODER_LOAD_FAILED`, `OPTION_INVALID`
 */
export async function createMiniLmEncoder(options: MiniLmOptions): Promise<MiniLmEncoder> {
  const { dir, precision = 'int8' } = options;
  const cores = availableParallelism();
  const threads = options.threads ?? Math.min(2, cores);
  if (!Number.isInteger(threads) || threads < 1 || threads > cores)
    throw new LanewayError('OPTION_INVALID', `threads is ${threads}, it must be 1 to ${cores} here`, {
      where: 'threads',
    });
  const manifest = readManifest(dir);
  const { bytes } = readChecked(dir, manifest, 'vocabulary');
  const tokenizer = createWordPiece(JSON.parse(new TextDecoder().decode(bytes)) as string[]);
  const modelPath = await checkedPath(dir, manifest, precision);

  const waiting = createTextQueue<Item>();
  let state: EncoderState = 'ready';
  let dispatching = false;
  let whenIdle: (() => void) | undefined;
  const lanes: Lane[] = await startLanes(modelPath, threads);
  for (const lane of lanes) {
    lane.worker.on('message', (reply: WorkerReply) => answer(lane, reply));
    lane.worker.on('error', (error) => lose(lane, messageOf(error)));
    lane.worker.on('exit', (code) => lose(lane, `its thread ended with code ${code}`));
  }

  function answer(lane: Lane, reply: WorkerReply): void {
    const items = lane.running ?? [];
    lane.running = undefined;
    switch (reply.kind) {
      case 'vectors':
        items.forEach(({ call, row }, i) => {
          call.vectors.set(reply.vectors.subarray(i * DIMENSIONS, (i + 1) * DIMENSIONS), row * DIMENSIONS);
          call.left--;
          if (call.left === 0 && !call.settled) {
            call.settled = true;
            call.resolve(call.vectors);
          }
        });
        break;
      case 'failed':
        refuse(items, 'ENCODER_FAILED', `The encoder failed on a batch: ${reply.message}`);
        break;
      case 'ready':
      case 'refused':
        throw new Error(`the encoder's thread said ${reply.kind} twice`);
    }
    dispatch();
  }

  /** An `error` is followed by an `exit`: only the first of them finds the lane. */
  function lose(lane: Lane, why: string): void {
    const at = lanes.indexOf(lane);
    if (at < 0) return;
    lanes.splice(at, 1);
    if (state !== 'closed') state = lanes.length > 0 ? 'degraded' : 'failed';
    refuse(lane.running ?? [], 'ENCODER_CRASHED', `The encoder lost a thread: ${why}`);
    if (lanes.length === 0) {
      refuse(waiting.drain(), 'ENCODER_UNAVAILABLE', 'The encoder has no thread left');
    }
    dispatch();
  }

  /** Rejects the calls of these items, and takes their other items out of the queue. */
  function refuse(items: readonly Item[], code: string, message: string): void {
    for (const { call } of items) {
      if (call.settled) continue;
      call.settled = true;
      call.reject(new LanewayError(code, message, { fix: 'Restart the process; see its log' }));
    }
    waiting.drop(({ call }) => call.settled);
  }

  function dispatch(): void {
    for (const lane of lanes) {
      if (lane.running !== undefined) continue;
      if (waiting.empty) break;
      const items = waiting.take();
      lane.running = items;
      const batch = packBatch(items.map(({ ids }) => ids));
      lane.worker.postMessage({ kind: 'run', batch } satisfies WorkerRequest);
    }
    if (waiting.empty && lanes.every(({ running }) => running === undefined)) whenIdle?.();
  }

  function dispatchSoon(): void {
    if (dispatching) return;
    dispatching = true;
    // Calls made in the same turn of the event loop share batches.
    queueMicrotask(() => {
      dispatching = false;
      dispatch();
    });
  }

  return {
    id: encoderId(manifest, precision),
    dimensions: DIMENSIONS,
    precision,
    state: () => state,
    async endThread(index) {
      const lane = lanes[index];
      if (lane) await endWorker(lane.worker, 'crash');
    },
    encode(texts, encodeOptions) {
      if (state === 'closed')
        return Promise.reject(new LanewayError('ENCODER_CLOSED', 'The encoder is closed'));
      if (state === 'failed')
        return Promise.reject(
          new LanewayError('ENCODER_UNAVAILABLE', 'The encoder has no thread left', {
            fix: 'Restart the process; see its log',
          }),
        );
      if (texts.length === 0) return Promise.resolve(new Float32Array(0));
      return new Promise((resolve, reject) => {
        const vectors = new Float32Array(texts.length * DIMENSIONS);
        const call: Call = { vectors, left: texts.length, resolve, reject, settled: false };
        texts.forEach((text, row) => {
          const ids = tokenizer.encode(text);
          waiting.push({ call, row, ids }, ids.length, encodeOptions?.urgent === true);
        });
        dispatchSoon();
      });
    },
    async close() {
      if (state === 'closed') return;
      const idle = new Promise<void>((resolve) => {
        whenIdle = resolve;
      });
      state = 'closed';
      dispatch();
      await idle;
      await Promise.all(lanes.map(({ worker }) => endWorker(worker, 'close')));
    },
  };
}

async function startLanes(modelPath: string, threads: number): Promise<Lane[]> {
  const workers = Array.from({ length: threads }, (_, i) =>
    startWorker(WORKER, {
      workerData: { modelPath } satisfies WorkerStart,
      name: `encoder-${i}`,
    }),
  );
  const starts = await Promise.allSettled(workers.map(whenReady));
  const refused = starts.find((start) => start.status === 'rejected');
  if (refused) {
    await Promise.all(
      workers.filter((_, i) => starts[i]!.status === 'fulfilled').map((worker) => endWorker(worker, 'close')),
    );
    throw refused.reason;
  }
  return workers.map((worker) => ({ worker, running: undefined }));
}

function whenReady(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (code: string, message: string) => reject(new LanewayError(code, message));
    const onError = (error: unknown) => fail('ENCODER_LOAD_FAILED', messageOf(error));
    const onExit = (code: number) => fail('ENCODER_LOAD_FAILED', `the thread ended with code ${code}`);
    worker.once('error', onError);
    worker.once('exit', onExit);
    worker.once('message', (reply: WorkerReply) => {
      worker.off('error', onError);
      worker.off('exit', onExit);
      if (reply.kind === 'ready') resolve();
      else fail('ENCODER_LOAD_FAILED', reply.kind === 'refused' ? reply.message : `it said ${reply.kind}`);
    });
  });
}

/**
 * Asks the thread to end: terminated inside ONNX Runtime it would take the process along. `close` releases the
 * session first; its memory is not given back otherwise.
 */
function endWorker(worker: Worker, kind: 'close' | 'crash'): Promise<void> {
  return new Promise((resolve) => {
    worker.once('exit', () => resolve());
    worker.postMessage({ kind } satisfies WorkerRequest);
  });
}
