import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { LanewayError } from '../../models/base/errors.ts';
import { canonicalJson } from '../../models/base/json.ts';
import { createKeyFilter, filterBits } from './key-filter.ts';
import {
  type AddressKeys,
  ATTRIBUTES_AT,
  bucketOf,
  type EntryAttributes,
  fenceBitsFor,
  KEY_BYTES,
  MAGIC,
  PAGE_BYTES,
  RECORD_BYTES,
  type RegistryHeader,
  SINCE_AT,
} from './registry-format.ts';

export interface RegistryEntry extends EntryAttributes {
  /** As messages have it: E.164, e-mail address with its domain in lower case, or device token. */
  readonly recipient: string;
  readonly listedSinceMs?: number;
}

/** Entries are sorted in so many parts, by the first byte of their key; one part at a time is in memory. */
const PARTS = 256;
const PART_BUFFER_BYTES = 64 * RECORD_BYTES * 64;
/** A part's place in the sort key has 20 bits. */
const MOST_IN_PART = 2 ** 20;
const MOST_ATTRIBUTES = 65_535;
const MINUTE_MS = 60_000;

/**
 * Writes the file of a registry. Memory stays bounded whatever the number of entries: they are hashed, split over
 * parts on disk, and sorted part by part. Of an address twice the entry that binds longest is kept: without a date,
 * or with the earliest.
 *
 * @param folder of the registry's files; the file gets its name there only when it is whole
 * @returns header and file name
 * @throws LanewayError `REGISTRY_TOO_LARGE` beyond about 250 million entries or 65,535 sets of attributes
 */
export async function buildRegistryFile(
  folder: string,
  keys: AddressKeys,
  about: Pick<RegistryHeader, 'name' | 'asOfMs' | 'source'>,
  entries: AsyncIterable<readonly RegistryEntry[]>,
  nowMs: number,
): Promise<{ readonly file: string; readonly header: RegistryHeader }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const work = join(folder, `.build-${randomBytes(6).toString('hex')}`);
  mkdirSync(work, { mode: 0o700 });
  try {
    const { counts, attributes } = await spill(work, keys, entries);
    return assemble(folder, work, { ...about, builtAtMs: nowMs, keyId: keys.id, attributes }, counts);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const partFile = (work: string, part: number): string => join(work, String(part));

/** Hashes the entries into their parts. */
async function spill(
  work: string,
  keys: AddressKeys,
  entries: AsyncIterable<readonly RegistryEntry[]>,
): Promise<{ counts: number[]; attributes: EntryAttributes[] }> {
  const counts = new Array<number>(PARTS).fill(0);
  const buffers = counts.map(() => ({ bytes: Buffer.alloc(PART_BUFFER_BYTES), used: 0, fd: -1 }));
  const attributes: EntryAttributes[] = [{}];
  const known = new Map<string, number>([['{}', 0]]);
  const attributesOf = ({ channels, categories, sectors, answer }: RegistryEntry): number => {
    if (!channels && !categories && !sectors && answer === undefined) return 0;
    const named = {
      ...(channels ? { channels } : {}),
      ...(categories ? { categories } : {}),
      ...(sectors ? { sectors } : {}),
      ...(answer === undefined ? {} : { answer }),
    };
    const text = canonicalJson(named);
    let number = known.get(text);
    if (number === undefined) {
      number = attributes.push(named) - 1;
      if (number > MOST_ATTRIBUTES)
        throw tooLarge(`more than ${MOST_ATTRIBUTES} different sets of attributes`);
      known.set(text, number);
    }
    return number;
  };
  const flush = (part: number): void => {
    const buffer = buffers[part]!;
    if (buffer.used === 0) return;
    if (buffer.fd < 0) buffer.fd = openSync(partFile(work, part), 'a', 0o600);
    writeSync(buffer.fd, buffer.bytes, 0, buffer.used);
    buffer.used = 0;
  };
  try {
    for await (const group of entries) {
      for (const entry of group) {
        const key = keys.keyOf(entry.recipient);
        const part = key[0]!;
        const buffer = buffers[part]!;
        const at = buffer.used;
        key.copy(buffer.bytes, at);
        buffer.bytes.writeUInt32BE(minutes(entry.listedSinceMs), at + SINCE_AT);
        buffer.bytes.writeUInt16BE(attributesOf(entry), at + ATTRIBUTES_AT);
        buffer.used += RECORD_BYTES;
        if (++counts[part]! > MOST_IN_PART) throw tooLarge(`more than ${MOST_IN_PART * PARTS} entries`);
        if (buffer.used === PART_BUFFER_BYTES) flush(part);
      }
    }
    for (let part = 0; part < PARTS; part++) flush(part);
  } finally {
    for (const { fd } of buffers) if (fd >= 0) closeSync(fd);
  }
  return { counts, attributes };
}

const minutes = (ms: number | undefined): number =>
  ms === undefined ? 0 : Math.min(0xffff_ffff, Math.max(1, Math.floor(ms / MINUTE_MS)));

const tooLarge = (what: string): LanewayError =>
  new LanewayError('REGISTRY_TOO_LARGE', `the registry has ${what}`, {
    fix: 'Split it into registries of their own, e.g. by country.',
  });

/** Sorts each part and lays the file down behind the room that header, fence and filter take. */
function assemble(
  folder: string,
  work: string,
  about: Omit<RegistryHeader, 'entries' | 'fenceBits' | 'filterBits' | 'indexHash'>,
  counts: readonly number[],
): { file: string; header: RegistryHeader } {
  const most = counts.reduce((sum, count) => sum + count, 0);
  const fenceBits = fenceBitsFor(most);
  const fence = Buffer.alloc((2 ** fenceBits + 1) * 4);
  const filter = createKeyFilter(filterBits(most));
  const headerBytes = pagesFor(MAGIC.length + 4 + Buffer.byteLength(canonicalJson(about)) + 512);
  const recordsAt = headerBytes + fence.length + filter.bytes.length;
  const whole = join(work, 'whole');
  const fd = openSync(whole, 'w', 0o600);
  let entries = 0;
  let bucket = 0;
  try {
    for (const [part, count] of counts.entries()) {
      if (count === 0) continue;
      const sorted = sortPart(readFileSync(partFile(work, part)));
      for (let at = 0; at < sorted.length; at += RECORD_BYTES) {
        filter.add(sorted, at);
        const own = bucketOf(sorted, at, fenceBits);
        for (; bucket <= own; bucket++) fence.writeUInt32BE(entries, bucket * 4);
        entries++;
      }
      writeSync(fd, sorted, 0, sorted.length, recordsAt + (entries * RECORD_BYTES - sorted.length));
    }
    for (; bucket <= 2 ** fenceBits; bucket++) fence.writeUInt32BE(entries, bucket * 4);
    const indexHash = createHash('sha256').update(fence).update(filter.bytes).digest('hex');
    const header: RegistryHeader = { ...about, entries, fenceBits, filterBits: filter.bits, indexHash };
    const json = Buffer.from(canonicalJson(header));
    const head = Buffer.alloc(headerBytes);
    head.write(MAGIC);
    head.writeUInt32BE(json.length, MAGIC.length);
    json.copy(head, MAGIC.length + 4);
    writeSync(fd, head, 0, head.length, 0);
    writeSync(fd, fence, 0, fence.length, headerBytes);
    writeSync(fd, filter.bytes, 0, filter.bytes.length, headerBytes + fence.length);
    fsyncSync(fd);
    const digest = createHash('sha256').update(json).digest('hex').slice(0, 12);
    const file = `${about.name}-${digest}.lwreg`;
    renameSync(whole, join(folder, file));
    return { file, header };
  } finally {
    closeSync(fd);
  }
}

export const pagesFor = (bytes: number): number => Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;

/** Records of one part in the order of their keys, each key once. */
function sortPart(records: Buffer): Buffer {
  const count = records.length / RECORD_BYTES;
  // Four bytes of key and the place in one number: sorted as numbers, which is much faster than by a function.
  const order = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    order[i] = records.readUInt32BE(i * RECORD_BYTES + 1) * MOST_IN_PART + i;
  }
  order.sort();
  const places = Array.from(order, (value) => (value % MOST_IN_PART) * RECORD_BYTES);
  const compare = (a: number, b: number): number =>
    records.compare(records, b, b + RECORD_BYTES, a, a + RECORD_BYTES);
  // Few share those four bytes: they are put right by their whole record, so the earliest date comes first.
  for (let i = 1; i < count; i++) {
    const own = places[i]!;
    let to = i;
    for (; to > 0 && compare(places[to - 1]!, own) > 0; to--) places[to] = places[to - 1]!;
    places[to] = own;
  }
  const sorted = Buffer.alloc(records.length);
  let used = 0;
  for (const from of places) {
    const isRepeated =
      used > 0 &&
      sorted.compare(
        records,
        from,
        from + KEY_BYTES,
        used - RECORD_BYTES,
        used - RECORD_BYTES + KEY_BYTES,
      ) === 0;
    if (isRepeated) continue;
    records.copy(sorted, used, from, from + RECORD_BYTES);
    used += RECORD_BYTES;
  }
  return sorted.subarray(0, used);
}
