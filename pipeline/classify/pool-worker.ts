import { parentPort, workerData } from 'node:worker_threads';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { createCacheKeys } from '../../models/cache-key.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Encoder } from '../../models/encoder/encoder.ts';
import type { Verdict } from '../../models/verdict.ts';
import { createCachedClassifier } from '../cache/inference-cache.ts';
import { MOST_NUMBERED, type PoolReply, type PoolRequest, type PoolStart } from './pool-letters.ts';

/** Asks the thread that owns the encoder: one encoder serves all of the pool. */
function borrowEncoder(
  about: Pick<Encoder, 'id' | 'dimensions'>,
  reply: (message: PoolReply) => void,
): { encoder: Encoder; settle: (request: PoolRequest) => void } {
  const waiting = new Map<
    number,
    { resolve: (vectors: Float32Array) => void; reject: (error: Error) => void }
  >();
  let next = 0;
  return {
    encoder: {
      ...about,
      encode: (texts, options) =>
        new Promise((resolve, reject) => {
          const ask = next++;
          waiting.set(ask, { resolve, reject });
          reply({ kind: 'encode', ask, texts, ...(options ? { options } : {}) });
        }),
      close: async () => undefined,
    },
    settle(request) {
      if (request.kind !== 'vectors' && request.kind !== 'no-vectors') return;
      const call = waiting.get(request.ask);
      waiting.delete(request.ask);
      if (request.kind === 'vectors') call?.resolve(request.vectors);
      else call?.reject(new LanewayError('ENCODER_UNAVAILABLE', request.message));
    },
  };
}

function serve(start: PoolStart): void {
  const port = parentPort!;
  const reply = (message: PoolReply) => port.postMessage(message);
  const { model } = start;
  const borrowed = start.encoder && borrowEncoder(start.encoder, reply);
  const cacheKey = createCacheKeys({
    modelVersion: model.manifest.version,
    encoderId: start.encoder?.id ?? 'none',
  });
  const plain = createClassifier(model, borrowed?.encoder);
  const classifier =
    start.cacheEntries > 0
      ? createCachedClassifier({
          classifier: plain,
          cacheKey,
          maxEntries: start.cacheEntries,
          maxBytes: start.cacheBytes,
        })
      : plain;
  let numbers = new WeakMap<Verdict, number>();
  let numbered = 0;

  /** Verdicts that the owner has are sent by number: a cached answer costs four bytes. */
  function pack(call: number, verdicts: readonly Verdict[]): PoolReply {
    if (numbered >= MOST_NUMBERED) {
      numbers = new WeakMap();
      numbered = 0;
    }
    const from = numbered;
    const fresh: Verdict[] = [];
    let hits = 0;
    const sent = Int32Array.from(verdicts, (verdict) => {
      if (verdict.stage === 'cache-l1') hits++;
      const known = numbers.get(verdict);
      if (known !== undefined) return known;
      numbers.set(verdict, numbered);
      fresh.push(verdict);
      return numbered++;
    });
    return { kind: 'answers', call, numbers: sent, fresh, from, hits };
  }

  port.on('message', async (request: PoolRequest) => {
    switch (request.kind) {
      case 'close':
        port.close();
        return;
      case 'vectors':
      case 'no-vectors':
        borrowed?.settle(request);
        return;
      case 'classify':
        try {
          const inputs = request.inputs.map((input) => (typeof input === 'string' ? { text: input } : input));
          reply(pack(request.call, await classifier.classify(inputs, request.options)));
        } catch (error) {
          reply({ kind: 'failed', call: request.call, message: messageOf(error) });
        }
    }
  });
  reply({ kind: 'ready' });
}

serve(workerData as PoolStart);
