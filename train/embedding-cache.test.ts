import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Encoder } from '../models/encoder/encoder.ts';
import { embedTexts } from './embedding-cache.ts';
import { fromFloat16, toFloat16 } from './float16.ts';

const root = mkdtempSync(join(tmpdir(), 'laneway-embeddings-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const newFolder = () => join(root, String(folders++));

const DIMENSIONS = 4;
/** An encoder whose vectors are a function of the text, that counts what it is asked. */
function countingEncoder(id = 'test/1', failAfter = Number.POSITIVE_INFINITY) {
  const asked: string[] = [];
  const encoder: Encoder = {
    id,
    dimensions: DIMENSIONS,
    async encode(texts) {
      if (asked.length + texts.length > failAfter) throw new Error('interrupted');
      asked.push(...texts);
      return Float32Array.from(texts.flatMap((text) => vectorOf(text)));
    },
    close: async () => undefined,
  };
  return { encoder, asked };
}
const vectorOf = (text: string) =>
  Array.from({ length: DIMENSIONS }, (_, i) => Math.sin(text.length + 3 * i + text.charCodeAt(0)));
const rounded = (text: string) => {
  const out = new Float32Array(DIMENSIONS);
  fromFloat16(toFloat16(Float32Array.from(vectorOf(text))), out);
  return [...out];
};

const texts = Array.from(
  { length: 60 },
  (_, n) => `${'message '.repeat(1 + (n % 7))}number y${'x'.repeat(n)}`,
);
const rowsOf = ({ values }: { values: Float32Array }) =>
  Array.from({ length: values.length / DIMENSIONS }, (_, row) => [
    ...values.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS),
  ]);
const shards = (dir: string) =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.vec'));

describe('embedTexts', () => {
  it('gives every text its vector at 16 bits, in order, each text encoded once', async () => {
    const { encoder, asked } = countingEncoder();
    const embeddings = await embedTexts([...texts, ...texts.slice(0, 5)], encoder);
    expect(rowsOf(embeddings)).toEqual([...texts, ...texts.slice(0, 5)].map(rounded));
    expect([...asked].sort()).toEqual([...texts].sort());
  });

  it('asks the cache first, and gives the same bits with it and without', async () => {
    const cache = newFolder();
    const first = countingEncoder();
    const without = await embedTexts(texts, countingEncoder().encoder);
    expect(await embedTexts(texts.slice(0, 40), first.encoder, { cache })).toEqual(
      await embedTexts(texts.slice(0, 40), countingEncoder().encoder),
    );
    const second = countingEncoder();
    expect(await embedTexts(texts, second.encoder, { cache })).toEqual(without);
    expect([...second.asked].sort()).toEqual(texts.slice(40).sort());
    const third = countingEncoder();
    const seen: number[] = [];
    expect(
      await embedTexts([...texts].reverse(), third.encoder, { cache, onProgress: (done) => seen.push(done) }),
    ).toEqual(await embedTexts([...texts].reverse(), countingEncoder().encoder));
    expect(third.asked).toEqual([]);
    expect(seen).toEqual([60]);
  });

  it('does not mix encoders', async () => {
    const cache = newFolder();
    await embedTexts(texts, countingEncoder().encoder, { cache });
    const other = countingEncoder('test/2');
    await embedTexts(texts, other.encoder, { cache });
    expect(other.asked).toHaveLength(texts.length);
  });

  it('goes on where an interrupted training stopped', async () => {
    const cache = newFolder();
    const many = Array.from({ length: 9_000 }, (_, n) => `text ${'a'.repeat(n % 40)} ${letters(n)}`);
    await expect(embedTexts(many, countingEncoder('test/1', 7_000).encoder, { cache })).rejects.toThrow(
      'interrupted',
    );
    const next = countingEncoder();
    const embeddings = await embedTexts(many, next.encoder, { cache });
    expect(next.asked.length).toBeLessThan(many.length - 4_000);
    expect(next.asked.length).toBeGreaterThan(0);
    expect(embeddings).toEqual(await embedTexts(many, countingEncoder().encoder));
  });

  it.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, bytes.length - 100)],
    ['empty', () => Buffer.alloc(0)],
    ['changed', (bytes: Buffer) => bytes.fill(1, 200, 201)],
    ['of another format', (bytes: Buffer) => bytes.fill(9, 4, 5)],
  ])('drops a file that is %s, says so and embeds its texts again', async (_, spoil) => {
    const cache = newFolder();
    await embedTexts(texts, countingEncoder().encoder, { cache });
    const [shard] = shards(cache);
    writeFileSync(join(cache, shard!), spoil(Buffer.from(readFileSync(join(cache, shard!)))));
    const dropped: string[] = [];
    const again = countingEncoder();
    expect(
      await embedTexts(texts, again.encoder, { cache, onDropped: (path) => dropped.push(path) }),
    ).toEqual(await embedTexts(texts, countingEncoder().encoder));
    expect(dropped).toEqual([join(cache, shard!)]);
    expect(again.asked).toHaveLength(texts.length);
  });

  it('clears away what a process that is gone left half written', async () => {
    const cache = newFolder();
    await embedTexts(texts, countingEncoder().encoder, { cache });
    const folder = join(cache, readdirSync(cache)[0]!);
    // No process has so high a number.
    writeFileSync(join(folder, '.half-99999999'), 'half');
    const again = countingEncoder();
    await embedTexts(texts, again.encoder, { cache });
    expect(again.asked).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

/** A number in letters only: canonical text hides digits. */
function letters(n: number): string {
  return [...String(n)].map((digit) => 'qwertyuiop'[Number(digit)]).join('');
}
