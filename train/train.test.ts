import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../data/corpus.ts';
import { generateRows } from '../data/generate.ts';
import { encodeModel } from '../models/artifact/codec.ts';
import { seedOf } from '../models/base/random.ts';
import type { Encoder } from '../models/encoder/encoder.ts';
import { type TrainRequest, trainModel } from './train.ts';

const root = mkdtempSync(join(tmpdir(), 'laneway-train-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Traffic of a slice of the corpus, with metadata: few rows, every part of training at work. */
const rows = [
  ...generateRows(
    readCorpus().filter((_, index) => index % 24 === 0),
    { count: 900, seed: 3, scamShare: 0.06 },
  ),
];
const WIDTH = 32;

/** Hashed words as vectors of unit length: an encoder small enough for a test, with something to learn from. */
function hashEncoder(texts: { left: number } = { left: Number.POSITIVE_INFINITY }): Encoder {
  return {
    id: 'hashed-words/1',
    dimensions: WIDTH,
    async encode(batch) {
      texts.left -= batch.length;
      if (texts.left < 0) throw new Error('interrupted');
      const values = new Float32Array(batch.length * WIDTH);
      batch.forEach((text, row) => {
        for (const word of text.toLowerCase().split(/\W+/))
          values[row * WIDTH + (seedOf(word) % WIDTH)]! += seedOf(`sign/${word}`) % 2 ? 1 : -1;
        const vector = values.subarray(row * WIDTH, (row + 1) * WIDTH);
        const length = Math.hypot(...vector) || 1;
        vector.forEach((value, i) => {
          vector[i] = value / length;
        });
      });
      return values;
    },
    close: async () => undefined,
  };
}

const train = (request: Partial<TrainRequest> = {}) =>
  trainModel({
    rows,
    name: 'test',
    data: 'generated rows',
    encoder: hashEncoder(),
    trees: 12,
    threads: 1,
    ...request,
  });
const bytesOf = async (request?: Partial<TrainRequest>) => encodeModel((await train(request)).model).bytes;

let made: Promise<Uint8Array> | undefined;
/** The artifact that all others are held against. */
const reference = () => {
  made ??= bytesOf();
  return made;
};

describe('trainModel', () => {
  it('gives the same artifact bytes at one and two threads', async () => {
    expect(await bytesOf({ threads: 2 })).toEqual(await reference());
  });

  it('gives others for another seed', async () => {
    expect(await bytesOf({ seed: 2 })).not.toEqual(await reference());
  });

  it('goes on after an interruption and comes to the same bytes', async () => {
    const embeddingCache = join(root, 'embeddings');
    const interrupted = train({ encoder: hashEncoder({ left: 200 }), embeddingCache });
    await expect(interrupted).rejects.toThrow('interrupted');
    expect(await bytesOf({ embeddingCache })).toEqual(await reference());
  });

  it('reads a stream as it reads a list, counts every row, and says how long each phase took', async () => {
    async function* stream() {
      for (const row of rows) yield row;
    }
    const seen = new Set<string>();
    const { model, phases, warnings } = await train({
      rows: stream(),
      onProgress: (phase) => seen.add(phase),
    });
    expect(encodeModel(model).bytes).toEqual(await reference());
    expect(model.manifest.training).toMatchObject({ rows: rows.length });
    expect(model.manifest.training.distinct).toBeLessThan(rows.length);
    expect(Object.keys(phases)).toEqual([...seen]);
    expect([...seen]).toEqual([
      'reading',
      'grouping',
      'terms',
      'embedding',
      'heads',
      'lexical forest',
      'full forest',
    ]);
    expect(warnings).toEqual([]);
  });
});
