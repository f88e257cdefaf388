import { encodeSymbols } from '../text/placeholders.ts';
import { LONGEST_GRAM, MAX_CHUNK_LENGTH, SHORTEST_GRAM } from './terms.ts';
import type { SparseVector, Vocabulary } from './vocabulary.ts';
import { weigh } from './vocabulary.ts';

/**
 * `vectorise(vocabulary, charTerms(canonical))`, value for value, several times faster: grams are looked up
 * packed in two numbers and never become strings of their own.
 *
 * @param vocabulary fitted on `charTerms`
 */
export function createCharVectoriser(vocabulary: Vocabulary): (canonical: string) => SparseVector {
  const { terms } = vocabulary;
  const capacity = 1 << Math.max(4, 34 - Math.clz32(terms.length));
  const mask = capacity - 1;
  // Open addressing, three numbers a slot: the gram packed in two, and its index + 1. Grams of anything but ASCII and
  // placeholders do not fit two numbers; their slot has the hash instead, and the term itself is looked at.
  const slots = new Int32Array(3 * capacity);
  terms.forEach((term, index) => {
    const gram = packed(term);
    let at = spread(gram.low, gram.high) & mask;
    while (slots[3 * at + 2] !== 0) at = (at + 1) & mask;
    slots[3 * at] = gram.low;
    slots[3 * at + 1] = gram.high;
    slots[3 * at + 2] = index + 1;
  });

  const lookUp = (low: number, high: number, text: string, start: number, size: number): number => {
    for (let slot = 3 * (spread(low, high) & mask); ; ) {
      const index = slots[slot + 2]! - 1;
      if (index < 0) return -1;
      if (slots[slot] === low && slots[slot + 1] === high) {
        if (high >= 0) return index;
        const term = terms[index]!;
        if (term.length === size && text.startsWith(term, start)) return index;
      }
      slot = slot + 3 === slots.length ? 0 : slot + 3;
    }
  };

  let found = new Uint32Array(1_024);
  return (canonical) => {
    let count = 0;
    for (const chunk of encodeSymbols(canonical.toLowerCase()).split(/\s+/)) {
      if (chunk === '') continue;
      const padded = ` ${chunk.slice(0, MAX_CHUNK_LENGTH)} `;
      if (count + LONGEST_GRAM * padded.length > found.length) {
        const larger = new Uint32Array(2 * (count + LONGEST_GRAM * padded.length));
        larger.set(found.subarray(0, count));
        found = larger;
      }
      for (let start = 0; start + SHORTEST_GRAM <= padded.length; start++) {
        let low = 0;
        let high = 0;
        const end = Math.min(LONGEST_GRAM, padded.length - start);
        for (let size = 1; size <= end; size++) {
          const code = codeOf(padded.charCodeAt(start + size - 1));
          if (code < 0) high = WIDE;
          if (size <= LOW_UNITS) low = (Math.imul(low, 256) + code) | 0;
          else if (high < 0) low = (Math.imul(low, 31) + code) | 0;
          else high = code;
          if (size < SHORTEST_GRAM) continue;
          const index = lookUp(low, high, padded, start, size);
          if (index >= 0) found[count++] = index;
        }
      }
    }
    return weigh(vocabulary, found.slice(0, count));
  };
}

/** Units that go in the first of the two numbers of a gram; the second has the fifth. */
const LOW_UNITS = 4;
/** In place of the second number: a unit of the gram has no code. */
const WIDE = -1;
const FIRST_SYMBOL = 0xe000;

/** 1 to 255, one for every ASCII character and placeholder; a negative number for any other unit. */
function codeOf(unit: number): number {
  if (unit > 0 && unit < 128) return unit;
  if (unit >= FIRST_SYMBOL && unit < FIRST_SYMBOL + 128) return unit - FIRST_SYMBOL + 128;
  return -unit - 1;
}

/** The two numbers of a gram of five units at most. */
function packed(gram: string): { readonly low: number; readonly high: number } {
  let low = 0;
  let high = 0;
  for (let i = 0; i < gram.length; i++) {
    const code = codeOf(gram.charCodeAt(i));
    if (code < 0) high = WIDE;
    if (i < LOW_UNITS) low = (Math.imul(low, 256) + code) | 0;
    else if (high < 0) low = (Math.imul(low, 31) + code) | 0;
    else high = code;
  }
  return { low, high };
}

const spread = (low: number, high: number): number => {
  const hash = Math.imul(low ^ Math.imul(high + 1, 0x9e3779b9), 0x85ebca6b);
  return hash ^ (hash >>> 13) ^ (hash >>> 22);
};
