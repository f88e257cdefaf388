import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import type { RegistryAnswer } from '../comply/facts.ts';
import { createKeyFilter } from './key-filter.ts';
import { pagesFor } from './registry-build.ts';
import {
  type AddressKeys,
  ATTRIBUTES_AT,
  bucketOf,
  KEY_BYTES,
  MAGIC,
  PAGE_BYTES,
  RECORD_BYTES,
  type RegistryHeader,
  SINCE_AT,
} from './registry-format.ts';

/** How lookups went since the file was opened. */
export interface RegistryFileStats {
  readonly asked: number;
  /** Those that the filter could not exclude, so that the disk was read. */
  readonly read: number;
  readonly listed: number;
  /** Those that the filter held for listed and the disk did not. */
  readonly falsePositives: number;
}

export interface RegistryFile {
  readonly header: RegistryHeader;
  /** Bytes held in memory. */
  readonly memoryBytes: number;
  /** `undefined` in no case: the copy is whole, so what it does not hold is not listed. */
  lookup(recipient: string): Promise<RegistryAnswer>;
  stats(): RegistryFileStats;
  close(): Promise<void>;
}

/**
 * Opens a registry's file: fence and filter in memory (about 11.5 bits an entry), records on disk. An address that is not
 * listed is answered from memory, but for the filter's mistakes; one that may be takes one read of some 500 bytes.
 *
 * @throws LanewayError `REGISTRY_FILE_DAMAGED`, `REGISTRY_FILE_UNREADABLE`, `REGISTRY_KEY_MISMATCH`
 */
export async function openRegistryFile(path: string, keys: AddressKeys): Promise<RegistryFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw new LanewayError(
      'REGISTRY_FILE_UNREADABLE',
      `the registry file cannot be read: ${messageOf(error)}`,
      {
        where: path,
        fix: 'Load the registry on this machine: laneway registry load. Until then it gives no answer.',
      },
    );
  }
  try {
    return await read(path, handle, keys);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const damaged = (path: string, why: string): LanewayError =>
  new LanewayError('REGISTRY_FILE_DAMAGED', `the registry file is damaged: ${why}`, {
    where: path,
    fix: 'Load the registry again: laneway registry load.',
  });

async function readHeader(
  path: string,
  handle: FileHandle,
): Promise<{ header: RegistryHeader; bytes: number }> {
  const first = Buffer.alloc(PAGE_BYTES);
  await handle.read(first, 0, PAGE_BYTES, 0);
  if (first.toString('latin1', 0, MAGIC.length) !== MAGIC) throw damaged(path, 'it does not begin as one');
  const length = first.readUInt32BE(MAGIC.length);
  const { size } = await handle.stat();
  if (length > size) throw damaged(path, 'its header is longer than the file');
  const json = Buffer.alloc(length);
  await handle.read(json, 0, length, MAGIC.length + 4);
  let header: RegistryHeader;
  try {
    header = JSON.parse(json.toString()) as RegistryHeader;
  } catch (error) {
    throw damaged(path, `its header is not JSON (${messageOf(error)})`);
  }
  // Fence and filter stand before the records, so what the records do not take is header.
  const index = (2 ** header.fenceBits + 1) * 4 + header.filterBits / 8;
  const bytes = size - index - header.entries * RECORD_BYTES;
  if (!Number.isInteger(bytes) || bytes !== pagesFor(bytes) || bytes < MAGIC.length + 4 + length)
    throw damaged(path, 'its size is not what its header says');
  return { header, bytes };
}

async function read(path: string, handle: FileHandle, keys: AddressKeys): Promise<RegistryFile> {
  const { header, bytes: headerBytes } = await readHeader(path, handle);
  if (header.keyId !== keys.id) {
    throw new LanewayError(
      'REGISTRY_KEY_MISMATCH',
      'the registry file was made with the key of another folder',
      {
        where: path,
        fix: 'Load the registry again here, or bring the key that lies beside the files where it was made.',
      },
    );
  }
  const { fenceBits, entries, attributes } = header;
  const fence = Buffer.alloc((2 ** fenceBits + 1) * 4);
  const filterBytes = Buffer.alloc(header.filterBits / 8);
  await handle.read(fence, 0, fence.length, headerBytes);
  await handle.read(filterBytes, 0, filterBytes.length, headerBytes + fence.length);
  const indexHash = createHash('sha256').update(fence).update(filterBytes).digest('hex');
  if (indexHash !== header.indexHash) throw damaged(path, 'its index does not match its hash');
  const filter = createKeyFilter(header.filterBits, filterBytes);
  const recordsAt = headerBytes + fence.length + filterBytes.length;
  const counts = { asked: 0, read: 0, listed: 0, falsePositives: 0 };
  const absent: RegistryAnswer = Object.freeze({ listed: false, checkedAtMs: header.asOfMs });

  return {
    header,
    memoryBytes: fence.length + filterBytes.length,
    stats: () => ({ ...counts }),
    close: () => handle.close(),
    async lookup(recipient) {
      const key = keys.keyOf(recipient);
      counts.asked++;
      if (entries === 0 || !filter.mayHold(key, 0)) return absent;
      const bucket = bucketOf(key, 0, fenceBits);
      const from = fence.readUInt32BE(bucket * 4);
      const to = fence.readUInt32BE(bucket * 4 + 4);
      const records = Buffer.alloc((to - from) * RECORD_BYTES);
      counts.read++;
      if (records.length > 0) {
        const { bytesRead } = await handle.read(records, 0, records.length, recordsAt + from * RECORD_BYTES);
        if (bytesRead < records.length) throw damaged(path, 'records are missing at its end');
      }
      const at = find(records, key);
      if (at < 0) {
        counts.falsePositives++;
        return absent;
      }
      counts.listed++;
      const since = records.readUInt32BE(at + SINCE_AT);
      return {
        listed: true,
        ...(since === 0 ? {} : { listedSinceMs: since * 60_000 }),
        ...attributes[records.readUInt16BE(at + ATTRIBUTES_AT)],
        checkedAtMs: header.asOfMs,
      };
    },
  };
}

/** Place of the record of a key among sorted records, or -1. */
function find(records: Buffer, key: Buffer): number {
  let low = 0;
  let high = records.length / RECORD_BYTES - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = middle * RECORD_BYTES;
    const order = records.compare(key, 0, KEY_BYTES, at, at + KEY_BYTES);
    if (order === 0) return at;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
