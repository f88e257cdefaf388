import { describe, expect, test, vi } from 'vitest';
import type { Classifier, ClassifyInput, Verdict } from '../../models/verdict.ts';
import { keywordClassifier } from '../compose.fixture.ts';
import { createCachedClassifier } from './inference-cache.ts';
import type { RemoteCache } from './remote-tier.ts';

const bytes = (verdicts: readonly Verdict[]): string =>
  JSON.stringify(verdicts.map(({ stage: _, ...rest }) => rest));
const stages = (verdicts: readonly Verdict[]): string[] => verdicts.map(({ stage }) => stage);
const cacheKey = (input: ClassifyInput): string | undefined =>
  input.text.includes('secret') ? undefined : input.text;
const ask = (text: string) => [{ text }];

type Memory = RemoteCache & {
  readonly entries: Map<string, Uint8Array>;
  readonly claims: Map<string, string>;
};

function memoryRemote(): Memory {
  const entries = new Map<string, Uint8Array>();
  const claims = new Map<string, string>();
  return {
    entries,
    claims,
    getMany: async (keys) => keys.map((key) => entries.get(key) ?? null),
    async setMany(values) {
      for (const [key, value] of values) entries.set(key, value);
    },
    async claimMany(keys, owner) {
      return keys.map((key) => {
        if (claims.has(key)) return false;
        claims.set(key, owner);
        return true;
      });
    },
  };
}

/** A classifier whose answers wait until they are let go. */
function heldClassifier() {
  const inner = keywordClassifier();
  const waiting: (() => void)[] = [];
  const classifier: Classifier = {
    get modelVersion() {
      return inner.modelVersion;
    },
    async classify(inputs, options) {
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
      });
      return inner.classify(inputs, options);
    },
    close: async () => undefined,
  };
  const letGo = () => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  return { classifier, inner, waiting, letGo };
}

describe('lossless', () => {
  test('the same bytes with the cache and without, in any batching', async () => {
    const inputs = ['a', 'sale', 'a', 'secret', 'b', 'sale', 'secret'].map((text) => ({ text }));
    const plain = bytes(await keywordClassifier().classify(inputs));
    const cached = createCachedClassifier({
      classifier: keywordClassifier(),
      cacheKey,
      remote: memoryRemote(),
    });
    expect(bytes(await cached.classify(inputs))).toBe(plain);
    expect(bytes(await cached.classify(inputs))).toBe(plain);
    const single: Verdict[] = [];
    for (const input of inputs) single.push(...(await cached.classify([input])));
    expect(bytes(single)).toBe(plain);
  });

  test('degraded verdicts and inputs without a key are asked anew each time', async () => {
    const inner = keywordClassifier();
    const degraded: Classifier = {
      ...inner,
      classify: async (inputs) =>
        (await inner.classify(inputs)).map((one) => ({ ...one, degraded: 'encoder-unavailable' })),
    };
    const remote = memoryRemote();
    const cached = createCachedClassifier({ classifier: degraded, cacheKey, remote });
    await cached.classify(ask('a'));
    expect(stages(await cached.classify(ask('a')))).toEqual(['lexical']);
    expect(cached.stats()).toMatchObject({ misses: 2, negative: 2, l1Hits: 0, l2Hits: 0 });
    const whole = createCachedClassifier({ classifier: keywordClassifier(), cacheKey, remote });
    await whole.classify(ask('secret'));
    expect(stages(await whole.classify(ask('secret')))).toEqual(['lexical']);
    expect(whole.stats()).toMatchObject({ misses: 2, unkeyed: 2 });
  });
});

describe('tiers', () => {
  test('memory first, then the remote tier, then the model, and the stage says which', async () => {
    const remote = memoryRemote();
    const one = createCachedClassifier({ classifier: keywordClassifier(), cacheKey, remote });
    expect(stages(await one.classify(ask('a')))).toEqual(['lexical']);
    expect(stages(await one.classify(ask('a')))).toEqual(['cache-l1']);
    expect(stages(await one.classify(ask('a')))).toEqual(['cache-l1']);
    expect(one.stats()).toMatchObject({ misses: 1, l1Hits: 2, exactHits: 1, entries: 1 });
    const model = keywordClassifier();
    const two = createCachedClassifier({ classifier: model, cacheKey, remote });
    expect(stages(await two.classify(ask('a')))).toEqual(['cache-l2']);
    expect(model.calls).toBe(0);
  });

  test('an answer with reasons serves those who want none, not the other way round', async () => {
    const cached = createCachedClassifier({ classifier: keywordClassifier(), cacheKey });
    await cached.classify(ask('a'), { reasons: false });
    expect(stages(await cached.classify(ask('a')))).toEqual(['lexical']);
    expect(stages(await cached.classify(ask('a'), { reasons: false }))).toEqual(['cache-l1']);
  });

  test('memory stays within its bounds under texts that are all different', async () => {
    const cached = createCachedClassifier({
      classifier: keywordClassifier(),
      cacheKey,
      maxEntries: 1_000,
      maxBytes: 200_000,
      maxTexts: 100,
    });
    for (let round = 0; round < 20; round++)
      await cached.classify(Array.from({ length: 1_000 }, (_, i) => ({ text: `text ${round} ${i}` })));
    expect(cached.stats().entries).toBeLessThanOrEqual(1_000);
    expect(cached.stats().bytes).toBeLessThanOrEqual(200_000);
  });

  test('another model puts everything out of reach at once, in both tiers', async () => {
    const remote = memoryRemote();
    let version = 'one';
    const inner = keywordClassifier();
    const classifier: Classifier = {
      get modelVersion() {
        return version;
      },
      classify: async (inputs) =>
        (await inner.classify(inputs)).map((one) => ({ ...one, modelVersion: version })),
      close: async () => undefined,
    };
    const cached = createCachedClassifier({ classifier, cacheKey, remote });
    await cached.classify(ask('a'));
    version = 'two';
    const [answer] = await cached.classify(ask('a'));
    expect(answer).toMatchObject({ stage: 'lexical', modelVersion: 'two' });
    expect(new Set([...remote.entries.keys()].map((key) => key.split(':')[1])).size).toBe(2);
  });
});

describe('a remote tier that cannot be trusted', () => {
  test('lies, failures and silence change nothing but the counters', async () => {
    const good = bytes(await keywordClassifier().classify(ask('sale')));
    for (const getMany of [
      async () => [Buffer.from('not a verdict')],
      async () => [Buffer.alloc(300, 0x4c)],
      async () => [new Uint8Array()],
      async () => Promise.reject(new Error('down')),
      () => new Promise<never>(() => undefined),
    ]) {
      const cached = createCachedClassifier({
        classifier: keywordClassifier(),
        cacheKey,
        remote: { getMany, setMany: async () => undefined },
        remoteTimeoutMs: 1,
      });
      expect(bytes(await cached.classify(ask('sale')))).toBe(good);
      expect(cached.stats()).toMatchObject({ l2Hits: 0, misses: 1, remoteFaults: 1 });
    }
  });

  test('an entry of another text under our key is poison, is not believed, and is written over', async () => {
    const remote = memoryRemote();
    const writer = createCachedClassifier({ classifier: keywordClassifier(), cacheKey, remote });
    await writer.classify([{ text: 'hello' }, { text: 'sale' }]);
    const [hello, sale] = [...remote.entries.keys()] as [string, string];
    remote.entries.set(hello, remote.entries.get(sale)!);
    const reader = createCachedClassifier({ classifier: keywordClassifier(), cacheKey, remote });
    const [answer] = await reader.classify(ask('hello'));
    expect(answer).toMatchObject({ class: 'transactional', stage: 'lexical' });
    expect(reader.stats()).toMatchObject({ poisoned: 1, misses: 1 });
    const next = createCachedClassifier({ classifier: keywordClassifier(), cacheKey, remote });
    expect(stages(await next.classify(ask('hello')))).toEqual(['cache-l2']);
  });

  test('after repeated faults it is left alone', async () => {
    let calls = 0;
    const cached = createCachedClassifier({
      classifier: keywordClassifier(),
      cacheKey,
      remote: {
        async getMany() {
          calls++;
          throw new Error('down');
        },
        setMany: async () => {
          throw new Error('down');
        },
      },
    });
    for (let i = 0; i < 50; i++) await cached.classify(ask(`text ${i}`));
    expect(calls).toBeLessThan(5);
  });
});

describe('one computation at a time', () => {
  test('in a process: who asks meanwhile joins', async () => {
    const { classifier, inner, waiting, letGo } = heldClassifier();
    const cached = createCachedClassifier({ classifier, cacheKey });
    const first = cached.classify(ask('sale'));
    const second = cached.classify([{ text: 'sale' }, { text: 'sale' }]);
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(waiting).toHaveLength(1);
    letGo();
    const [[a], [b, c]] = await Promise.all([first, second]);
    expect(b).toEqual(a);
    expect(c).toEqual(a);
    expect(inner.calls).toBe(1);
    expect(cached.stats()).toMatchObject({ misses: 1, joined: 2 });
  });

  test('who is in a hurry joins nobody who is not, and says so to the classifier', async () => {
    const { classifier, waiting, letGo } = heldClassifier();
    const urgent: unknown[] = [];
    const cached = createCachedClassifier({
      classifier: {
        ...classifier,
        classify(inputs, options) {
          urgent.push(options?.urgent);
          return classifier.classify(inputs, options);
        },
      },
      cacheKey,
    });
    const calls = [
      cached.classify(ask('a')),
      cached.classify(ask('a'), { urgent: true }),
      cached.classify(ask('a'), { urgent: true }),
      cached.classify(ask('a')),
    ];
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    letGo();
    const [first, ...others] = await Promise.all(calls);
    for (const other of others) expect(bytes(other)).toBe(bytes(first!));
    expect(urgent).toEqual([undefined, true]);
  });

  test('who joined a computation that failed asks on its own', async () => {
    const inner = keywordClassifier();
    let fail = true;
    const cached = createCachedClassifier({
      classifier: {
        ...inner,
        async classify(inputs) {
          if (fail) {
            fail = false;
            throw new Error('a fault of the first');
          }
          return inner.classify(inputs);
        },
      },
      cacheKey,
    });
    const first = cached.classify(ask('sale'));
    const second = cached.classify(ask('sale'));
    await expect(first).rejects.toThrow('a fault of the first');
    expect(await second).toHaveLength(1);
  });

  test('in a fleet: another process waits for the first and takes its answer', async () => {
    const remote = memoryRemote();
    const { classifier, waiting, letGo } = heldClassifier();
    const common = { cacheKey, remote, remoteTimeoutMs: 5_000, fleetWaitMs: 10_000 };
    const one = createCachedClassifier({ classifier, ...common });
    const model = keywordClassifier();
    const two = createCachedClassifier({ classifier: model, ...common });
    const first = one.classify(ask('sale'));
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = two.classify(ask('sale'));
    while (two.stats().fleetWaits === 0) await new Promise((resolve) => setImmediate(resolve));
    letGo();
    await first;
    expect(stages(await second)).toEqual(['cache-l2']);
    expect(model.calls).toBe(0);
  });

  test('in a fleet: who claimed and died delays nobody beyond the deadline', async () => {
    const remote = memoryRemote();
    const model = keywordClassifier();
    const cached = createCachedClassifier({
      classifier: model,
      cacheKey,
      remote: { ...remote, claimMany: async (keys) => keys.map(() => false) },
      remoteTimeoutMs: 5_000,
      fleetWaitMs: 12,
    });
    expect(stages(await cached.classify(ask('sale')))).toEqual(['lexical']);
    expect(cached.stats()).toMatchObject({ fleetWaits: 1, misses: 1 });
  });

  test('in a fleet: a degraded answer sends those who wait on at once', async () => {
    const remote = memoryRemote();
    const inner = keywordClassifier();
    const degraded: Classifier = {
      ...inner,
      classify: async (inputs) =>
        (await inner.classify(inputs)).map((one) => ({ ...one, degraded: 'encoder-unavailable' })),
    };
    const common = { cacheKey, remote, remoteTimeoutMs: 5_000, fleetWaitMs: 600_000 };
    await createCachedClassifier({ classifier: degraded, ...common }).classify(ask('sale'));
    const other = createCachedClassifier({ classifier: keywordClassifier(), ...common });
    const [answer] = await other.classify(ask('sale'));
    expect(answer!.degraded).toBeUndefined();
    expect(answer!.stage).toBe('lexical');
  });
});
