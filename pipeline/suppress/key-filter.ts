/**
 * A Bloom filter over keys that are hashes already: says "not there" for certain, "there" with a small chance of being
 * wrong. With 10 bits and 7 hashes a key that chance is 0.8% (Bloom 1970; Kirsch and Mitzenmacher 2006 for making
 * seven hashes of two).
 */
export interface KeyFilter {
  readonly bits: number;
  readonly bytes: Uint8Array;
  add(key: Buffer, offset: number): void;
  mayHold(key: Buffer, offset: number): boolean;
}

/** Bits of filter for each key. */
const BITS_PER_KEY = 10;
const HASHES = 7;

/** Bits of a filter for so many keys, a whole number of bytes. */
export const filterBits = (keys: number): number => Math.max(64, Math.ceil((keys * BITS_PER_KEY) / 8) * 8);

/** @param bytes of an earlier filter of the same keys, or zeros; `bits / 8` of them */
export function createKeyFilter(bits: number, bytes: Uint8Array = new Uint8Array(bits / 8)): KeyFilter {
  const walk = (key: Buffer, offset: number, visit: (byte: number, mask: number) => boolean): boolean => {
    // Ten bytes of a hash: six for where to begin, four for the stride.
    let at = key.readUIntBE(offset, 6) % bits;
    const stride = (key.readUInt32BE(offset + 6) % (bits - 1)) + 1;
    for (let i = 0; i < HASHES; i++) {
      if (!visit(Math.floor(at / 8), 1 << (at % 8))) return false;
      at += stride;
      if (at >= bits) at -= bits;
    }
    return true;
  };
  return {
    bits,
    bytes,
    add(key, offset) {
      walk(key, offset, (byte, mask) => {
        bytes[byte]! |= mask;
        return true;
      });
    },
    mayHold: (key, offset) => walk(key, offset, (byte, mask) => (bytes[byte]! & mask) !== 0),
  };
}
