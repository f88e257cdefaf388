import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packBatch } from './batching.ts';
import { createHubEncoder, openEncoder } from './index.ts';
import { floatGraph } from './onnx/float-graph.ts';
import { miniLmWeights } from './onnx/minilm-graph.ts';
import { openSession } from './session.ts';
import { writeTransformersFolder } from './testing/transformers-folder.ts';
import { minilmSource, tensorsOf, vocabularyOf } from './weights.ts';
import { createWordPiece } from './wordpiece.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-hub-'));
const folder = join(home, 'all-MiniLM-L6-v2');
beforeAll(() => writeTransformersFolder(folder));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const TEXTS = ['Your code is 482913.', 'Flash sale! 50% off shoes today only', ''];

test('a local folder needs no network and gives the vectors of our own graph', async () => {
  const source = minilmSource();
  const tokenizer = createWordPiece(vocabularyOf(source));
  const session = await openSession(floatGraph(miniLmWeights(tensorsOf(source))));
  for (const [pooling, offset] of [
    ['mean', 0],
    ['cls', 384],
  ] as const) {
    const encoder = await openEncoder('hub:local/minilm', {
      dir: '',
      hub: { localDir: folder, pooling, remoteHost: 'http://127.0.0.1:9/' },
    });
    expect(encoder.dimensions).toBe(384);
    expect(encoder.id).toMatch(new RegExp(`^hub/local/minilm/${pooling}/[0-9a-f]{12}$`));
    const vectors = await encoder.encode(TEXTS);
    for (const [row, text] of TEXTS.entries()) {
      const [ours] = await session.run(packBatch([tokenizer.encode(text)]), ['embedding']);
      for (let i = 0; i < 384; i++) expect(vectors[row * 384 + i]).toBeCloseTo(ours![offset + i]!, 5);
    }
    await encoder.close();
    await expect(encoder.encode(['late'])).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
  }
  await session.close();
});

test('neither network nor folder: one error that says what to do', async () => {
  const unreachable = createHubEncoder('laneway/no-such-model', {
    remoteHost: 'http://127.0.0.1:9/',
    cacheDir: join(home, 'cache'),
  });
  await expect(unreachable).rejects.toMatchObject({
    code: 'ENCODER_UNAVAILABLE',
    fix: expect.stringContaining('local folder'),
  });
  const empty = createHubEncoder('laneway/minilm', { localDir: join(home, 'empty') });
  await expect(empty).rejects.toMatchObject({ code: 'ENCODER_UNAVAILABLE', where: join(home, 'empty') });
});

test('specs', async () => {
  const none = await openEncoder('none', { dir: '' });
  expect(none.dimensions).toBe(0);
  await expect(none.encode(['a'])).rejects.toMatchObject({ code: 'ENCODER_NONE' });
  for (const bad of ['', 'minilm', 'minilm:int4', 'hub:', 'hub:../../etc', 'bert'])
    await expect(openEncoder(bad, { dir: '' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});
