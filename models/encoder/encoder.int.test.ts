import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packBatch } from './batching.ts';
import { buildEncoder, createMiniLmEncoder, type EncoderManifest, openEncoder } from './index.ts';
import { FILES } from './manifest.ts';
import { floatGraph } from './onnx/float-graph.ts';
import { miniLmWeights } from './onnx/minilm-graph.ts';
import { openSession } from './session.ts';
import { doubleBert } from './testing/double-bert.ts';
import { madeUpTexts } from './testing/texts.ts';
import { minilmSource, tensorsOf, vocabularyOf } from './weights.ts';
import { createWordPiece } from './wordpiece.ts';

const texts = madeUpTexts(120);
const home = mkdtempSync(join(tmpdir(), 'laneway-encoder-'));
const dir = join(home, 'encoder');
let built: EncoderManifest;

beforeAll(async () => {
  built = (await buildEncoder({ dir, calibrationTexts: texts })).manifest;
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let dot = 0;
  for (let i = 0; i < a.length; i++) dot += a[i]! * b[i]!;
  return dot / 2;
};

test('the exact graph equals BERT in double precision', async () => {
  const source = minilmSource();
  const weights = miniLmWeights(tensorsOf(source));
  const ids = createWordPiece(vocabularyOf(source)).encode('Your code is 482913. Do not share it 🎉');
  const session = await openSession(floatGraph(weights));
  const [vector] = await session.run(packBatch([ids]), ['embedding']);
  await session.close();
  const oracle = doubleBert(weights, ids);
  const worst = Math.max(...oracle.map((value, i) => Math.abs(value - vector![i]!)));
  expect(worst).toBeLessThan(2e-6);
});

describe('build', () => {
  test('int8 stays near the exact encoder on texts it was not calibrated on', () => {
    expect(built.cosine.texts).toBe(24);
    expect(built.cosine.mean).toBeGreaterThan(0.996);
    expect(built.cosine.min).toBeGreaterThan(0.99);
  });

  test('does nothing when built, in any order of the texts; a damaged file is built anew, the same bytes', async () => {
    const again = await buildEncoder({ dir, calibrationTexts: [...texts].reverse() });
    expect(again.outcome).toBe('already-built');
    const path = join(dir, FILES.int8);
    const bytes = readFileSync(path);
    const damaged = Buffer.from(bytes);
    damaged[1000]! ^= 1;
    writeFileSync(path, damaged);
    await expect(createMiniLmEncoder({ dir })).rejects.toMatchObject({ code: 'ENCODER_CORRUPT' });
    const repaired = await buildEncoder({ dir, calibrationTexts: texts });
    expect(repaired.outcome).toBe('built');
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(repaired.manifest).toEqual(built);
  });

  test('too few texts are refused, and the folder is left as it was', async () => {
    const few = buildEncoder({ dir, calibrationTexts: Array(500).fill('the same') });
    await expect(few).rejects.toMatchObject({ code: 'CALIBRATION_TOO_SMALL' });
    expect(JSON.parse(readFileSync(join(dir, FILES.manifest), 'utf8'))).toEqual(built);
  });
});

describe.each(['int8', 'fp32'] as const)('%s', (precision) => {
  test('a text has the same bytes alone, in a batch, in any order and on any number of threads', async () => {
    const two = await createMiniLmEncoder({ dir, precision });
    const one = await createMiniLmEncoder({ dir, precision, threads: 1 });
    try {
      const all = await two.encode(texts);
      expect(all).toHaveLength(texts.length * 768);
      expect(Buffer.from((await one.encode([...texts].reverse())).buffer).equals(reversed(all))).toBe(true);
      const alone = await Promise.all(texts.slice(0, 40).map((text) => two.encode([text])));
      alone.forEach((vector, i) => {
        expect(Buffer.from(vector.buffer).equals(rowOf(all, i)), texts[i]).toBe(true);
      });
      for (let i = 0; i < 5; i++) {
        const vector = await one.encode([texts[i]!]);
        expect(Buffer.from(vector.buffer).equals(rowOf(all, i)), texts[i]).toBe(true);
      }
    } finally {
      await Promise.all([one.close(), two.close()]);
    }
  });

  test('both halves have unit length, empty and endless texts too', async () => {
    const encoder = await openEncoder(`minilm:${precision}`, { dir, threads: 1 });
    try {
      const odd = ['', '\ud800', '🎉'.repeat(200), 'word '.repeat(50_000), '\u0000'];
      const vectors = await encoder.encode(odd);
      for (let half = 0; half < 2 * odd.length; half++) {
        const part = vectors.subarray(half * 384, (half + 1) * 384);
        expect(part.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 5);
      }
      expect(await encoder.encode([])).toHaveLength(0);
    } finally {
      await encoder.close();
    }
  });
});

test('near in meaning is near in space', async () => {
  const encoder = await createMiniLmEncoder({ dir, threads: 1 });
  const [code, otp, sale] = await Promise.all(
    [
      'Your verification code is 1234',
      'Use one-time password 9876 to log in',
      'Big sale on garden furniture',
    ].map((text) => encoder.encode([text])),
  );
  await encoder.close();
  expect(cosine(code!, otp!)).toBeGreaterThan(cosine(code!, sale!) + 0.1);
});

describe('lifetime', () => {
  test('close finishes what was asked, refuses what comes after, and may be called twice', async () => {
    const encoder = await createMiniLmEncoder({ dir });
    const before = encoder.encode(texts.slice(0, 30));
    const closing = encoder.close();
    await expect(encoder.encode(['late'])).rejects.toMatchObject({ code: 'ENCODER_CLOSED' });
    expect(await before).toHaveLength(30 * 768);
    await closing;
    await encoder.close();
    expect(encoder.state()).toBe('closed');
  });

  test('a thread lost while closing does not keep close waiting', async () => {
    const encoder = await createMiniLmEncoder({ dir, threads: 1 });
    const pending = encoder.encode(texts);
    const lost = expect(pending).rejects.toMatchObject({ code: 'ENCODER_CRASHED' });
    const closing = encoder.close();
    await encoder.endThread(0);
    await Promise.all([lost, closing]);
  });

  test('a lost thread rejects its calls and degrades the encoder; with none left, every call is refused', async () => {
    const threads = Math.min(2, availableParallelism());
    const encoder = await createMiniLmEncoder({ dir, threads });
    const pending = encoder.encode(texts);
    const lost = expect(pending).rejects.toMatchObject({ code: 'ENCODER_CRASHED' });
    await encoder.endThread(0);
    await lost;
    if (threads === 2) {
      expect(encoder.state()).toBe('degraded');
      expect(await encoder.encode(['still there'])).toHaveLength(768);
      await encoder.endThread(0);
    }
    expect(encoder.state()).toBe('failed');
    await expect(encoder.encode(['gone'])).rejects.toMatchObject({ code: 'ENCODER_UNAVAILABLE' });
    await encoder.close();
  });

  // A thread that is ended inside ONNX Runtime aborts the process (134): by chance, so it is tried more than once.
  test.each([
    ['exit', 7, 2],
    ['throw', 1, 1],
  ])('a process that leaves amid encoding by %s ends with its own code', (way, code, times) => {
    const program = fileURLToPath(new URL('./leave.fixture.ts', import.meta.url));
    for (let i = 0; i < times; i++) {
      const left = spawnSync(process.execPath, ['--import', 'tsx', program, dir, way], { encoding: 'utf8' });
      expect({ status: left.status, signal: left.signal }, left.stderr).toEqual({
        status: code,
        signal: null,
      });
    }
  });

  test('a folder that is missing, or whose manifest is not one, says what to do', async () => {
    const missing = createMiniLmEncoder({ dir: join(home, 'nowhere') });
    await expect(missing).rejects.toMatchObject({ code: 'ENCODER_NOT_BUILT', fix: expect.any(String) });
    const odd = join(home, 'odd');
    cpSync(dir, odd, { recursive: true });
    writeFileSync(join(odd, FILES.manifest), '{"format":2}');
    await expect(createMiniLmEncoder({ dir: odd })).rejects.toMatchObject({ code: 'ENCODER_CORRUPT' });
    await expect(createMiniLmEncoder({ dir, threads: 0 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});

const rowOf = (vectors: Float32Array, row: number) =>
  Buffer.from(vectors.slice(row * 768, (row + 1) * 768).buffer);
const reversed = (vectors: Float32Array) =>
  Buffer.concat(
    Array.from({ length: vectors.length / 768 }, (_, i) => rowOf(vectors, vectors.length / 768 - 1 - i)),
  );
