/**
 * Strings by number, found by the code units of a text that lie in a buffer: whoever looks a word up makes no string of
 * it. Numbers are positions in the list given.
 */
export interface TokenTable {
  readonly size: number;
  /** The number of `units[start .. end)`, whose {@link hashOfUnits} is `hash`; -1 where it is none of the table's. */
  find(units: Uint8Array, start: number, end: number, hash: number): number;
  /** The number of any string, -1 where it is none of the table's. */
  numberOf(token: string): number;
}

const SEED = 0x811c9dc5 | 0;
const PRIME = 0x01000193;

/** FNV-1a of `units[start .. end)`, its bits mixed once more so that the low ones will do. */
export function hashOfUnits(units: Uint8Array, start: number, end: number): number {
  let hash = SEED;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ units[i]!, PRIME);
  return hash ^ (hash >>> 15);
}

/** Slots of an open-addressing table: a power of two of which half stays empty at least, so that a search ends soon. */
export const slotsFor = (entries: number): number => 1 << Math.max(4, 33 - Math.clz32(entries));

/** @param tokens different strings; those beyond ASCII are found by {@link TokenTable.numberOf} alone */
export function createTokenTable(tokens: readonly string[]): TokenTable {
  const numbers = new Map(tokens.map((token, number) => [token, number]));
  const capacity = slotsFor(tokens.length);
  const mask = capacity - 1;
  /** Open addressing, two numbers a slot: the hash, and the token's number + 1. */
  const slots = new Int32Array(2 * capacity);
  const first = new Int32Array(tokens.length + 1);
  tokens.forEach((token, number) => {
    first[number + 1] = first[number]! + token.length;
  });
  const bytes = new Uint8Array(first[tokens.length]!);
  tokens.forEach((token, number) => {
    const from = first[number]!;
    for (let i = 0; i < token.length; i++) {
      const unit = token.charCodeAt(i);
      if (unit > 127) return;
      bytes[from + i] = unit;
    }
    const hash = hashOfUnits(bytes, from, from + token.length);
    let at = hash & mask;
    while (slots[2 * at + 1] !== 0) at = (at + 1) & mask;
    slots[2 * at] = hash;
    slots[2 * at + 1] = number + 1;
  });
  return {
    size: tokens.length,
    find(units, start, end, hash) {
      for (let at = hash & mask; ; at = (at + 1) & mask) {
        const number = slots[2 * at + 1]! - 1;
        if (number < 0) return -1;
        if (slots[2 * at] !== hash) continue;
        const from = first[number]!;
        if (first[number + 1]! - from !== end - start) continue;
        let i = start;
        while (i < end && units[i] === bytes[from + i - start]) i++;
        if (i === end) return number;
      }
    },
    numberOf: (token) => numbers.get(token) ?? -1,
  };
}
