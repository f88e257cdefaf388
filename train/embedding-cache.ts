import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Encoder } from '../models/encoder/encoder.ts';
import { encoderText } from '../models/text/canonical.ts';
import { fromFloat16, toFloat16 } from './float16.ts';

/** Vectors of all texts, row after row. */
export interface Embeddings {
  readonly values: Float32Array;
  readonly dimensions: number;
}

export interface EmbedOptions {
  /**
   * Folder that keeps vectors between trainings, made when missing. An interrupted training goes on where it stopped;
   * files that are not whole are dropped.
   */
  readonly cache?: string;
  readonly onProgress?: (done: number, total: number) => void;
  /** Told of every file of the cache that was not whole. */
  readonly onDropped?: (path: string) => void;
}

/** Texts encoded at a time; sorted by length, since texts of one length share a batch of the encoder. */
const CALL = 1_024;
/** Vectors written to one file of the cache. */
const SHARD = 4_096;

/**
 * Vectors of canonical texts, in order, each distinct text encoded once. Vectors are rounded to 16 bits whether they come
 * from the cache or not, so that a model does not depend on what was cached.
 */
export async function embedTexts(
  canonical: readonly string[],
  encoder: Encoder,
  options: EmbedOptions = {},
): Promise<Embeddings> {
  const { dimensions } = encoder;
  const values = new Float32Array(canonical.length * dimensions);
  const wanted = new Map<string, { readonly text: string; readonly rows: number[] }>();
  canonical.forEach((one, row) => {
    const text = encoderText(one);
    const key = keyOf(text);
    const entry = wanted.get(key);
    if (entry) entry.rows.push(row);
    else wanted.set(key, { text, rows: [row] });
  });
  let done = 0;
  const take = (key: string, bits: Uint16Array): void => {
    const entry = wanted.get(key);
    if (entry === undefined) return;
    for (const row of entry.rows) fromFloat16(bits, values, row * dimensions);
    done += entry.rows.length;
    wanted.delete(key);
  };
  const cache =
    options.cache === undefined ? undefined : openCache(options.cache, encoder, options.onDropped);
  cache?.readAll(take);
  options.onProgress?.(done, canonical.length);

  const missing = [...wanted].map(([key, { text }]) => ({ key, text }));
  // Short ones first; equal lengths in a fixed order.
  missing.sort((a, b) => a.text.length - b.text.length || (a.key < b.key ? -1 : 1));
  let keys: string[] = [];
  let rows: Uint16Array[] = [];
  const flush = () => {
    if (keys.length > 0) cache?.write(keys, rows);
    keys = [];
    rows = [];
  };
  const calls = Array.from({ length: Math.ceil(missing.length / CALL) }, (_, call) =>
    missing.slice(call * CALL, (call + 1) * CALL),
  );
  const start = (call: number) =>
    call < calls.length ? encoder.encode(calls[call]!.map(({ text }) => text)) : undefined;
  // One call ahead, so that the encoder's threads do not wait for this one.
  let next = start(0);
  for (let call = 0; call < calls.length; call++) {
    const running = next!;
    next = start(call + 1);
    next?.catch(() => undefined);
    const bits = toFloat16(await running);
    calls[call]!.forEach(({ key }, index) => {
      const row = bits.subarray(index * dimensions, (index + 1) * dimensions);
      keys.push(key);
      rows.push(row);
      take(key, row);
    });
    if (keys.length >= SHARD) flush();
    options.onProgress?.(done, canonical.length);
  }
  flush();
  return { values, dimensions };
}

const KEY_BYTES = 16;

/** 128 bits of SHA-256 of what the encoder is given, as hex. */
function keyOf(text: string): string {
  return createHash('sha256')
    .update(text, 'utf8')
    .digest('hex')
    .slice(0, 2 * KEY_BYTES);
}

interface Cache {
  readAll(take: (key: string, bits: Uint16Array) => void): void;
  write(keys: readonly string[], rows: readonly Uint16Array[]): void;
}

const MAGIC = 0x424d454c; // "LEMB", little-endian
const FORMAT = 1;
const HEADER_BYTES = 16;
const HASH_BYTES = 32;

/**
 * One folder an encoder, named by its id, holding files named by their content. A file: magic, format, dimensions, number
 * of vectors (u32 each, little-endian); the keys, 16 bytes each; the vectors, 2 bytes a value; SHA-256 of all before.
 */
function openCache(root: string, encoder: Encoder, onDropped?: (path: string) => void): Cache {
  const dir = join(root, createHash('sha256').update(encoder.id).digest('hex').slice(0, 16));
  mkdirSync(dir, { recursive: true });
  const { dimensions } = encoder;
  return {
    readAll(take) {
      for (const name of readdirSync(dir).sort()) {
        const path = join(dir, name);
        if (!name.endsWith('.vec')) {
          if (isLeftOver(name)) rmSync(path, { force: true });
          continue;
        }
        const bytes = readFileSync(path);
        const count = wholeShard(bytes, dimensions);
        if (count < 0) {
          onDropped?.(path);
          rmSync(path, { force: true });
          continue;
        }
        const vectors = new Uint16Array(count * dimensions);
        const from = HEADER_BYTES + count * KEY_BYTES;
        new Uint8Array(vectors.buffer).set(bytes.subarray(from, from + vectors.byteLength));
        for (let i = 0; i < count; i++) {
          const at = HEADER_BYTES + i * KEY_BYTES;
          const key = bytes.toString('hex', at, at + KEY_BYTES);
          take(key, vectors.subarray(i * dimensions, (i + 1) * dimensions));
        }
      }
    },
    write(keys, rows) {
      const bytes = Buffer.alloc(HEADER_BYTES + keys.length * (KEY_BYTES + 2 * dimensions) + HASH_BYTES);
      [MAGIC, FORMAT, dimensions, keys.length].forEach((value, i) => {
        bytes.writeUInt32LE(value, 4 * i);
      });
      keys.forEach((key, i) => {
        bytes.write(key, HEADER_BYTES + i * KEY_BYTES, 'hex');
      });
      const from = HEADER_BYTES + keys.length * KEY_BYTES;
      rows.forEach((row, i) => {
        bytes.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), from + 2 * i * dimensions);
      });
      const body = bytes.subarray(0, bytes.length - HASH_BYTES);
      const hash = createHash('sha256').update(body).digest();
      bytes.set(hash, body.length);
      const half = join(dir, `.half-${process.pid}`);
      writeFileSync(half, bytes, { flush: true });
      renameSync(half, join(dir, `${hash.toString('hex').slice(0, 16)}.vec`));
    },
  };
}

/** How many vectors a file holds; -1 when it is not whole or of another width. */
function wholeShard(bytes: Buffer, dimensions: number): number {
  if (bytes.length < HEADER_BYTES + HASH_BYTES) return -1;
  const [magic, format, width, count] = [0, 4, 8, 12].map((at) => bytes.readUInt32LE(at));
  if (magic !== MAGIC || format !== FORMAT || width !== dimensions || count === undefined) return -1;
  if (bytes.length !== HEADER_BYTES + count * (KEY_BYTES + 2 * dimensions) + HASH_BYTES) return -1;
  const body = bytes.subarray(0, bytes.length - HASH_BYTES);
  const hash = createHash('sha256').update(body).digest();
  return hash.equals(bytes.subarray(body.length)) ? count : -1;
}

/** Whether a file was being written by a process that is gone. */
function isLeftOver(name: string): boolean {
  const pid = Number(/^\.half-(\d+)$/.exec(name)?.[1]);
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
