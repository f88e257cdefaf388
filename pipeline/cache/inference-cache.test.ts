import { expect, test } from 'vitest';
import type { Classifier, ClassifyInput, Verdict } from '../../models/verdict.ts';
import { keywordClassifier } from '../compose.fixture.ts';
import { createCachedClassifier, type RemoteCache } from './inference-cache.ts';

const bytes = (verdicts: readonly Verdict[]): string =>
  JSON.stringify(verdicts.map(({ stage: _, ...rest }) => rest));
const cacheKey = (input: ClassifyInput): string | undefined =>
  input.text.includes('secret') ? undefined : input.text;

function memoryRemote(): RemoteCache & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getMany: async (keys) => keys.map((key) => entries.get(key) ?? null),
    async setMany(pairs) {
      for (const [key, value] of pairs) entries.set(key, value);
    },
  };
}

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

test('memory first, then the remote tier, then the model, and the stage says which', async () => {
  const remote = memoryRemote();
  const one = createCachedClassifier({ classifier: keywordClassifier(), cacheKey, remote });
  expect((await one.classify([{ text: 'a' }]))[0]?.stage).toBe('lexical');
  expect((await one.classify([{ text: 'a' }]))[0]?.stage).toBe('cache-l1');
  const model = keywordClassifier();
  const two = createCachedClassifier({ classifier: model, cacheKey, remote });
  expect((await two.classify([{ text: 'a' }]))[0]?.stage).toBe('cache-l2');
  expect(model.calls).toBe(0);
});

test('a remote tier that lies, fails or hangs changes nothing but the counters', async () => {
  const good = bytes(await keywordClassifier().classify([{ text: 'sale' }]));
  const foreign = JSON.stringify({
    ...(await keywordClassifier().classify([{ text: 'x' }]))[0],
    modelVersion: 'other',
  });
  for (const getMany of [
    async () => ['not json'],
    async () => ['{"class":"spam"}'],
    async () => [foreign],
    async () => Promise.reject(new Error('down')),
    () => new Promise<never>(() => undefined),
  ]) {
    const cached = createCachedClassifier({
      classifier: keywordClassifier(),
      cacheKey,
      remote: { getMany, setMany: async () => undefined },
      remoteTimeoutMs: 1,
    });
    expect(bytes(await cached.classify([{ text: 'sale' }]))).toBe(good);
    expect(cached.stats()).toMatchObject({ l2Hits: 0, misses: 1, remoteFaults: 1 });
  }
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
  await cached.classify([{ text: 'a' }]);
  expect((await cached.classify([{ text: 'a' }]))[0]?.stage).toBe('lexical');
  const whole = createCachedClassifier({ classifier: keywordClassifier(), cacheKey, remote });
  await whole.classify([{ text: 'secret' }]);
  expect((await whole.classify([{ text: 'secret' }]))[0]?.stage).toBe('lexical');
  expect(remote.entries.size).toBe(0);
});
