import { FIRST_SYMBOL } from '../text/placeholders.ts';
import { slotsFor } from '../text/token-table.ts';
import { LONGEST_GRAM, SHORTEST_GRAM } from './terms.ts';

/**
 * Character grams by number. A gram of ASCII and placeholders is packed in two numbers, of 32 and of 8 bits; grams
 * with any other unit are kept as strings.
 */
export interface GramTable {
  /**
   * Open addressing, two numbers a slot: the first four codes, and an entry of the fifth code (8 bits), whether longer
   * grams begin so (1 bit), and the term + 1, or 0 for a gram that is no term but begins one. An empty slot is 0, 0.
   */
  readonly slots: Int32Array;
  readonly mask: number;
  readonly wide: ReadonlyMap<string, number>;
}

const LOW_UNITS = 4;
const HIGH_BITS = 0xff;
const LONGER = 0x100;
const TERM_SHIFT = 9;

const FIRST_SYMBOL_CODE = 128;
/** Stands for a unit that has no code. */
const WIDE = 0;
/** Ends every word, and begins the next. */
export const BLANK = 32;

/** 1 to 255, one for every ASCII character and placeholder; {@link WIDE} for any other unit. */
export function codeOf(unit: number): number {
  if (unit < FIRST_SYMBOL_CODE) return unit;
  const symbol = unit - FIRST_SYMBOL;
  return symbol >= 0 && symbol < FIRST_SYMBOL_CODE ? symbolCode(symbol) : WIDE;
}

/** The code of a placeholder by its number. */
export const symbolCode = (placeholder: number): number => FIRST_SYMBOL_CODE + placeholder;

/** The slot where a gram is, or where it would be. */
function slotOf(slots: Int32Array, mask: number, low: number, high: number): number {
  const hash = Math.imul(low ^ Math.imul(high + 1, 0x9e3779b9), 0x85ebca6b);
  let at = (hash ^ (hash >>> 13) ^ (hash >>> 22)) & mask;
  while (slots[2 * at + 1] !== 0 && (slots[2 * at] !== low || (slots[2 * at + 1]! & HIGH_BITS) !== high))
    at = (at + 1) & mask;
  return 2 * at;
}

/** @param terms of the vocabulary, by number */
export function createGramTable(terms: readonly string[]): GramTable {
  const wide = new Map<string, number>();
  /** Entries by gram, those included that only begin terms. */
  const entries = new Map<string, number>();
  terms.forEach((term, number) => {
    for (let i = 0; i < term.length; i++) {
      if (codeOf(term.charCodeAt(i)) !== WIDE) continue;
      wide.set(term, number);
      return;
    }
    entries.set(term, (entries.get(term) ?? 0) | ((number + 1) << TERM_SHIFT));
    for (let size = SHORTEST_GRAM; size < term.length; size++) {
      const begin = term.slice(0, size);
      entries.set(begin, (entries.get(begin) ?? 0) | LONGER);
    }
  });
  const capacity = slotsFor(entries.size);
  const slots = new Int32Array(2 * capacity);
  for (const [gram, entry] of entries) {
    let low = 0;
    for (let i = 0; i < Math.min(LOW_UNITS, gram.length); i++) low = (low << 8) | codeOf(gram.charCodeAt(i));
    const high = gram.length > LOW_UNITS ? codeOf(gram.charCodeAt(LOW_UNITS)) : 0;
    const slot = slotOf(slots, capacity - 1, low, high);
    slots[slot] = low;
    slots[slot + 1] = entry | high;
  }
  return { slots, mask: capacity - 1, wide };
}

/**
 * Finds the terms among grams of `codes[0 .. length)` that lie within words, blanks between them.
 *
 * @param found gets the terms, five for each code at most
 * @returns how many there are
 */
export function findGrams(
  { slots, mask }: GramTable,
  codes: Uint8Array,
  length: number,
  found: Uint32Array,
): number {
  let count = 0;
  for (let start = 0; start + 1 < length; start++) {
    const end = Math.min(start + LONGEST_GRAM, length);
    let low = codes[start]!;
    for (let at = start + 1; at < end; at++) {
      const code = codes[at]!;
      const high = at - start < LOW_UNITS ? 0 : code;
      if (high === 0) low = (low << 8) | code;
      const entry = slots[slotOf(slots, mask, low, high) + 1]!;
      if (entry >>> TERM_SHIFT !== 0) found[count++] = (entry >>> TERM_SHIFT) - 1;
      // A blank ends the word. What begins no longer gram is an empty slot as well.
      if (code === BLANK || (entry & LONGER) === 0) break;
    }
  }
  return count;
}

/**
 * {@link findGrams} of one word of any units, a blank before and behind.
 *
 * @param found gets the terms from `count` on
 * @returns how many there are then
 */
export function findWideGrams(
  { slots, mask, wide }: GramTable,
  padded: string,
  found: Uint32Array,
  count: number,
): number {
  for (let start = 0; start + SHORTEST_GRAM <= padded.length; start++) {
    const most = Math.min(LONGEST_GRAM, padded.length - start);
    let low = codeOf(padded.charCodeAt(start));
    let isWide = low === WIDE;
    for (let size = SHORTEST_GRAM; size <= most; size++) {
      const code = codeOf(padded.charCodeAt(start + size - 1));
      const high = size <= LOW_UNITS ? 0 : code;
      if (size <= LOW_UNITS) low = (low << 8) | code;
      isWide ||= code === WIDE;
      const term = isWide
        ? (wide.get(padded.slice(start, start + size)) ?? -1)
        : (slots[slotOf(slots, mask, low, high) + 1]! >>> TERM_SHIFT) - 1;
      if (term >= 0) found[count++] = term;
    }
  }
  return count;
}
