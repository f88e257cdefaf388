import { hash, randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeSecret, readSecret } from '../keys/secret-file.ts';

/**
 * The file of a registry: a page with a JSON header, the fence (first record of each bucket of keys), the filter, and
 * records in the order of their keys, each of 16 bytes: 10 of key, 4 of "listed since" in minutes since the epoch (0:
 * not said), 2 that name a set of attributes in the header. Numbers are big-endian.
 */
export const MAGIC = 'LWREG001';
export const PAGE_BYTES = 4_096;
export const KEY_BYTES = 10;
export const RECORD_BYTES = 16;
export const SINCE_AT = 10;
export const ATTRIBUTES_AT = 14;
/** Keys in a bucket, on average: what one read from the disk brings. */
const BUCKET_KEYS = 32;
const MOST_FENCE_BITS = 22;

/** What an entry says beside being there. */
export interface EntryAttributes {
  readonly channels?: readonly string[];
  readonly categories?: readonly string[];
  readonly sectors?: readonly string[];
  /** What the register says of it in a word, e.g. `yes`. */
  readonly answer?: string;
}

export interface RegistryHeader {
  readonly name: string;
  /** Date of the copy, epoch ms. */
  readonly asOfMs: number;
  readonly builtAtMs: number;
  readonly source: string;
  readonly entries: number;
  readonly fenceBits: number;
  readonly filterBits: number;
  /** By the number in the record; 0: none. */
  readonly attributes: readonly EntryAttributes[];
  /** Of fence and filter, hex. */
  readonly indexHash: string;
  /** Of the key that addresses are hashed with: a file made with another one answers nothing. */
  readonly keyId: string;
}

/** Buckets of keys: 2 to this power. */
export const fenceBitsFor = (entries: number): number =>
  Math.min(MOST_FENCE_BITS, Math.max(0, Math.ceil(Math.log2(Math.max(1, entries / BUCKET_KEYS)))));

/** Number of the bucket that a key falls into. */
export const bucketOf = (key: Buffer, offset: number, fenceBits: number): number =>
  fenceBits === 0 ? 0 : key.readUInt32BE(offset) >>> (32 - fenceBits);

/** How addresses become keys, the same for every registry of a data folder. */
export interface AddressKeys {
  /** First 10 bytes of SHA-256 over the folder's secret and the address. */
  keyOf(address: string): Buffer;
  readonly id: string;
}

/** Address keys of a secret. */
export function addressKeys(secret: string): AddressKeys {
  return {
    keyOf: (address) => hash('sha256', secret + address, 'buffer').subarray(0, KEY_BYTES),
    id: hash('sha256', `id:${secret}`, 'hex').slice(0, 16),
  };
}

/** The secret of a registry folder, made when it is first asked for: the files tell no address to who has them alone. */
export function openAddressKeys(folder: string): AddressKeys {
  const file = join(folder, 'key');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return addressKeys(readSecret(file) ?? makeSecret(file, randomBytes(32).toString('hex')));
}
