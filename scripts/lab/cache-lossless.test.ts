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

/** A random model that answers some of the inputs by words alone and asks the encoder about others. */
async function modelOfBothStages(inputs: readonly ClassifyInput[]) {
  for (let seed = 1; seed < 50; seed++) {
    const model = randomModel(seed);
    const plain = await createClassifier(model, createHashEncoder()).classify(inputs);
    if (new Set(plain.map(({ stage }) => stage)).size === 2) return { model, plain };
  }
  throw new Error('no random model has use for both stages');
}

test('cached or not, in batches of any size, a cascade says the same of traffic it was not trained on', async () => {
  const encoder = createHashEncoder();
  const traffic = [...generateRows(readCorpus(), { count: 600, seed: 77 })].map(
    ({ text }, at): ClassifyInput => (at % 7 === 0 ? { text, metadata: { localHour: at % 24 } } : { text }),
  );
  const inputs = [...traffic, ...traffic.slice(0, 300)];
  const { model, plain } = await modelOfBothStages(inputs);

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
