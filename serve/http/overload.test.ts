import { expect, test } from 'vitest';
import { createCacheKeys } from '../../models/cache-key.ts';
import { createClassifier } from '../../models/classify.ts';
import { createHashEncoder, randomModel } from '../../models/testing/random-model.ts';
import { createCachedClassifier } from '../../pipeline/cache/inference-cache.ts';
import { problemIn, testApp } from '../testing/app.ts';
import { memoryPipeline } from '../testing/memory-pipeline.ts';

const MOST_IN_HAND = 500;
const MOST_ENTRIES = 300;

/** The app on a real classifier behind a small cache. */
function servedModel() {
  const model = randomModel(3);
  const encoder = createHashEncoder();
  const cached = createCachedClassifier({
    classifier: createClassifier(model, encoder),
    cacheKey: createCacheKeys({ modelVersion: model.manifest.version, encoderId: encoder.id }),
    maxEntries: MOST_ENTRIES,
    maxBytes: 1_000_000,
    maxTexts: MOST_ENTRIES,
  });
  const pipeline = Object.assign(memoryPipeline(), { classify: cached.classify });
  return { cached, ...testApp({ pipeline, mostInHand: MOST_IN_HAND }) };
}

/** Different templates, not one template with other digits. */
const template = (n: number): string =>
  `Offer ${n.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]!)} for you: buy now, reply STOP`;

test('10,000 new templates at once: answered or told to come again, in bounded memory, and it goes on', async () => {
  const { cached, post } = servedModel();
  let answered = 0;
  let refused = 0;
  await Promise.all(
    Array.from({ length: 10_000 }, async (_, n) => {
      const response = await post('/v1/classify', { text: template(n) });
      if (response.status === 200) {
        answered++;
        await response.body?.cancel();
        return;
      }
      expect(response.headers.get('Retry-After')).toBe('1');
      expect(await problemIn(response)).toMatchObject({ status: 429, code: 'OVERLOADED' });
      refused++;
    }),
  );
  expect(answered + refused).toBe(10_000);
  expect(answered).toBeGreaterThanOrEqual(MOST_IN_HAND);
  expect(refused).toBeGreaterThan(0);
  const { entries, bytes } = cached.stats();
  expect(entries).toBeLessThanOrEqual(MOST_ENTRIES);
  expect(bytes).toBeLessThanOrEqual(1_000_000);
  expect((await post('/v1/classify', { text: 'Your code is 482913' })).status).toBe(200);
});

test('one text of 100 kB, as hostile as can be, does not stall the short ones of its batch', async () => {
  const { post } = servedModel();
  const short = Array.from({ length: 200 }, (_, n) => ({ text: template(n) }));
  for (const piece of ['1,', 'a.b@', '<code6>', 'x ', 'http://', '$1 ', 'F R E E ', 'й', '😀', '0800 ']) {
    const long = { text: piece.repeat(Math.ceil(100_000 / piece.length)) };
    const from = process.cpuUsage();
    const response = await post('/v1/classify/batch', { messages: [...short, long] });
    const { user } = process.cpuUsage(from);
    const { results } = (await response.json()) as { results: { class?: string }[] };
    expect(results.filter((one) => one.class)).toHaveLength(201);
    // Some tens of milliseconds; a pattern that backtracks over the text would take minutes.
    expect(user / 1_000, piece).toBeLessThan(2_000);
  }
});
