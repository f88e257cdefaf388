import { afterEach, expect, test } from 'vitest';
import { createClassifier } from '../../models/classify.ts';
import { madeUpTexts } from '../../models/encoder/testing/texts.ts';
import { createHashEncoder, randomModel } from '../../models/testing/random-model.ts';
import type { ClassifyInput, Verdict } from '../../models/verdict.ts';
import { type ClassifierPool, createClassifierPool } from './pool.ts';

const open: ClassifierPool[] = [];
afterEach(async () => {
  for (const pool of open.splice(0)) await pool.close();
});

const bytes = (verdicts: readonly Verdict[]): string =>
  JSON.stringify(verdicts.map(({ stage: _, ...rest }) => rest));
const inputs = madeUpTexts(700).map(
  (text, at): ClassifyInput => (at % 5 === 0 ? { text, metadata: { localHour: at % 24 } } : { text }),
);

test('threads say what one thread says, in order, cached or not, with one encoder for all', async () => {
  const model = randomModel(8);
  const encoder = createHashEncoder();
  const plain = await createClassifier(model, encoder).classify(inputs);
  for (const cacheEntries of [0, 1_000]) {
    const pool = await createClassifierPool(model, { threads: 2, encoder, cacheEntries });
    open.push(pool);
    expect(pool.modelVersion).toBe(model.manifest.version);
    for (let round = 0; round < 2; round++) {
      const answers = await Promise.all([pool.classify(inputs), pool.classify(inputs.slice(0, 3))]);
      expect(bytes(answers[0])).toBe(bytes(plain));
      expect(bytes(answers[1])).toBe(bytes(plain.slice(0, 3)));
    }
    expect(await pool.classify([])).toEqual([]);
    expect(pool.stats().hits > 0).toBe(cacheEntries > 0);
  }
}, 60_000);

test('an encoder that fails degrades what needed it, and says so', async () => {
  const model = randomModel(8);
  const encoder = { ...createHashEncoder(), encode: () => Promise.reject(new Error('no vectors')) };
  const pool = await createClassifierPool(model, { threads: 1, encoder });
  open.push(pool);
  const plain = await createClassifier(model, encoder).classify(inputs);
  const answers = await pool.classify(inputs);
  expect(answers.some(({ degraded }) => degraded?.includes('no vectors'))).toBe(true);
  expect(bytes(answers)).toBe(bytes(plain));
}, 60_000);

test('after it is closed it refuses', async () => {
  const pool = await createClassifierPool(randomModel(8, false), { threads: 1 });
  await pool.close();
  await expect(pool.classify(inputs)).rejects.toMatchObject({ code: 'CLASSIFIER_LOST' });
}, 60_000);
