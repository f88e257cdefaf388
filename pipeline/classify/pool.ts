import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { startWorker } from '../../models/base/worker.ts';
import type { EncodeOptions, Encoder } from '../../models/encoder/encoder.ts';
import type { Model } from '../../models/model.ts';
import type { Classifier, ClassifyInput, ClassifyOptions, Verdict } from '../../models/verdict.ts';
import { MOST_NUMBERED, type PoolReply, type PoolRequest, type PoolStart } from './pool-letters.ts';

export interface PoolOptions {
  /** 1 to 64; default one a core. */
  readonly threads?: number;
  /** Shared by all threads; stays the caller's to close. */
  readonly encoder?: Encoder;
  /** Templates each thread remembers, default 100,000; 0: none. */
  readonly cacheEntries?: number;
  /** Memory of each thread's templates, bytes, default 32 MiB. */
  readonly cacheBytes?: number;
}

export interface ClassifierPool extends Classifier {
  /** Messages answered, and of them from a thread's cache. */
  stats(): { readonly answered: number; readonly hits: number };
}

interface Part {
  readonly inputs: readonly ClassifyInput[];
  readonly options: ClassifyOptions | undefined;
  readonly resolve: (verdicts: Verdict[]) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  /** Verdicts by the number the thread gave them. */
  readonly verdicts: Verdict[];
  readonly inHand: Map<number, Part>;
}

/** Messages that go to a thread at once: enough to outweigh the letter, few enough to share the work evenly. */
const PART = 256;
/** Parts a thread has in hand: one it works on, one that waits. */
const PARTS_IN_HAND = 2;
const WORKER = new URL('./pool-worker.ts', import.meta.url);

/**
 * A classifier on several cores: each thread has the model and a cache of its own, the encoder is one for all. For bulk
 * work; a single message is answered sooner in the caller's own thread. Verdicts are the same.
 *
 * `classify` rejects with `CLASSIFIER_LOST` when the thread that had the messages ends.
 *
 * @throws LanewayError `CLASSIFIER_LOST` when a thread cannot start
 */
export async function createClassifierPool(model: Model, options: PoolOptions = {}): Promise<ClassifierPool> {
  const { threads = availableParallelism(), encoder } = options;
  const start: PoolStart = {
    model,
    ...(encoder ? { encoder: { id: encoder.id, dimensions: encoder.dimensions } } : {}),
    cacheEntries: options.cacheEntries ?? 100_000,
    cacheBytes: options.cacheBytes ?? 32 * 1_048_576,
  };
  const waiting: Part[] = [];
  const stats = { answered: 0, hits: 0 };
  let nextCall = 0;
  let closed = false;

  const pool = new Set<Thread>();
  const lost = (message: string) =>
    new LanewayError('CLASSIFIER_LOST', `A classifying thread ended: ${message}`, {
      fix: 'Send the messages again; see the log if it persists',
    });

  function lose(thread: Thread, message: string): void {
    if (!pool.delete(thread)) return;
    for (const part of thread.inHand.values()) part.reject(lost(message));
    if (pool.size === 0) for (const part of waiting.splice(0)) part.reject(lost(message));
  }

  async function encode(
    thread: Thread,
    ask: number,
    texts: readonly string[],
    encodeOptions: EncodeOptions | undefined,
  ): Promise<void> {
    const send = (request: PoolRequest, transfer: ArrayBuffer[] = []) =>
      thread.worker.postMessage(request, transfer);
    try {
      const vectors = await encoder!.encode(texts, encodeOptions);
      send({ kind: 'vectors', ask, vectors }, [vectors.buffer as ArrayBuffer]);
    } catch (error) {
      send({ kind: 'no-vectors', ask, message: messageOf(error) });
    }
  }

  function hear(thread: Thread, reply: PoolReply): void {
    switch (reply.kind) {
      case 'ready':
        return;
      case 'encode':
        void encode(thread, reply.ask, reply.texts, reply.options);
        return;
      case 'failed': {
        const part = thread.inHand.get(reply.call);
        thread.inHand.delete(reply.call);
        part?.reject(new LanewayError('CLASSIFIER_FAILED', reply.message));
        break;
      }
      case 'answers': {
        const part = thread.inHand.get(reply.call);
        thread.inHand.delete(reply.call);
        reply.fresh.forEach((verdict, at) => {
          thread.verdicts[reply.from + at] = Object.freeze(verdict);
        });
        stats.answered += reply.numbers.length;
        stats.hits += reply.hits;
        part?.resolve(Array.from(reply.numbers, (number) => thread.verdicts[number]!));
      }
    }
    dispatch();
  }

  function dispatch(): void {
    for (let hands = 0; hands < PARTS_IN_HAND; hands++) {
      for (const thread of pool) {
        if (thread.inHand.size > hands) continue;
        const part = waiting.shift();
        if (!part) return;
        const call = nextCall++;
        thread.inHand.set(call, part);
        thread.worker.postMessage({
          kind: 'classify',
          call,
          inputs: part.inputs.map((input) => (input.metadata === undefined ? input.text : input)),
          ...(part.options ? { options: part.options } : {}),
        } satisfies PoolRequest);
      }
    }
  }

  const ready = Array.from({ length: threads }, (_, at) => {
    const worker = startWorker(WORKER, { workerData: start, name: `classifier-${at}` });
    const thread: Thread = { worker, verdicts: new Array<Verdict>(MOST_NUMBERED), inHand: new Map() };
    pool.add(thread);
    worker.on('message', (reply: PoolReply) => hear(thread, reply));
    worker.on('error', (error) => lose(thread, messageOf(error)));
    worker.on('exit', (code) => lose(thread, `code ${code}`));
    return new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', (error) => reject(lost(messageOf(error))));
      worker.once('exit', (code) => reject(lost(`code ${code}`)));
    });
  });
  const outcomes = await Promise.allSettled(ready);
  const refused = outcomes.find((outcome) => outcome.status === 'rejected');
  if (refused) {
    await Promise.all([...pool].map(({ worker }) => worker.terminate()));
    throw refused.reason;
  }

  return {
    modelVersion: model.manifest.version,
    async classify(inputs, classifyOptions) {
      if (closed || pool.size === 0) throw lost(closed ? 'the pool is closed' : 'none is left');
      const parts: Promise<Verdict[]>[] = [];
      for (let from = 0; from < inputs.length; from += PART) {
        parts.push(
          new Promise((resolve, reject) => {
            waiting.push({
              inputs: inputs.slice(from, from + PART),
              options: classifyOptions,
              resolve,
              reject,
            });
          }),
        );
      }
      dispatch();
      return (await Promise.all(parts)).flat();
    },
    stats: () => ({ ...stats }),
    async close() {
      if (closed) return;
      closed = true;
      await Promise.all(
        [...pool].map(
          ({ worker }) =>
            new Promise<void>((resolve) => {
              worker.once('exit', () => resolve());
              worker.postMessage({ kind: 'close' } satisfies PoolRequest);
            }),
        ),
      );
    },
  };
}
