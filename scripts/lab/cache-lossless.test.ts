import { expect, test } from 'vitest';
import { readCorpus } from '../../data/corpus.ts';
import { generateRows } from '../../data/generate.ts';
import { createCacheKeys } from '../../models/cache-key.ts';
import { createClassifier } from '../../models/classify.ts';
import { createHashEncoder, randomModel } from '../../models/testing/random-model.ts';
import type { ClassifyInput, Verdict } from '../../models/verdict.ts';
import { createCachedClassifier } from '../../pipeline/cache/inference-cache.ts';

const bytes = (verdicts: readonly Verdict[]): string =>
  JSON.stringify(verdicts.map(({ stage: _, ...rest }) => rest));

test('cached or not, in batches of any size, a cascade says the same of traffic it was not trained on', async () => {
  const model = randomModel(5);
  const encoder = createHashEncoder();
  const traffic = [...generateRows(readCorpus(), { count: 600, seed: 77 })].map(
    ({ text }, at): ClassifyInput => (at % 7 === 0 ? { text, metadata: { localHour: at % 24 } } : { text }),
  );
  const inputs = [...traffic, ...traffic.slice(0, 300)];
  const plain = await createClassifier(model, encoder).classify(inputs);
  expect(new Set(plain.map(({ stage }) => stage))).toEqual(new Set(['lexical', 'semantic']));

  const entries = new Map<string, Uint8Array>();
  const cacheKey = createCacheKeys({ modelVersion: model.manifest.version, encoderId: encoder.id });
  let [fromMemory, fromRemote] = [0, 0];
  for (const [size, reasons] of [
    [1, true],
    [7, false],
    [64, true],
    [900, false],
    [64, false],
  ] as const) {
    const cached = createCachedClassifier({
      classifier: createClassifier(model, encoder),
      cacheKey,
      remote: {
        getMany: async (keys) => keys.map((key) => entries.get(key) ?? null),
        async setMany(values) {
          for (const [key, value] of values) entries.set(key, value);
        },
      },
      maxEntries: 300,
      maxTexts: 80,
      remoteTimeoutMs: 30_000,
    });
    const answers: Verdict[] = [];
    for (let from = 0; from < inputs.length; from += size)
      answers.push(...(await cached.classify(inputs.slice(from, from + size), { reasons })));
    expect(bytes(answers)).toBe(bytes(reasons ? plain : plain.map((one) => ({ ...one, reasons: [] }))));
    const { l1Hits, l2Hits, joined, misses } = cached.stats();
    expect(l1Hits + l2Hits + joined + misses).toBe(inputs.length);
    fromMemory += l1Hits;
    fromRemote += l2Hits;
  }
  expect(Math.min(fromMemory, fromRemote)).toBeGreaterThan(100);
}, 120_000);
