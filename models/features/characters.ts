import { encodeSymbols } from '../text/placeholders.ts';
import { LONGEST_GRAM, MAX_CHUNK_LENGTH, SHORTEST_GRAM } from './terms.ts';
import type { SparseVector, Vocabulary } from './vocabulary.ts';
import { weigh } from './vocabulary.ts';

/**
 * `vectorise(vocabulary, charTerms(canonical))`, value for value, several times faster: grams are looked up
 * by a rolling hash of their characters and never become strings of their own.
 *
 * @param vocabulary fitted on `charTerms`
 */
export function createCharVectoriser(vocabulary: Vocabulary): (canonical: string) => SparseVector {
  const { terms } = vocabulary;
  const capacity = 1 << Math.max(4, 34 - Math.clz32(terms.length));
  const mask = capacity - 1;
  // Open addressing; a slot holds index + 1.
  const slots = new Int32Array(capacity);
  terms.forEach((term, index) => {
    let hash = 0;
    for (let i = 0; i < term.length; i++) hash = mix(hash, term.charCodeAt(i));
    let slot = spread(hash) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = index + 1;
  });

  const lookUp = (hash: number, text: string, start: number, size: number): number => {
    for (let slot = spread(hash) & mask; slots[slot] !== 0; slot = (slot + 1) & mask) {
      const index = slots[slot]! - 1;
      const term = terms[index]!;
      if (term.length === size && text.startsWith(term, start)) return index;
    }
    return -1;
  };

  return (canonical) => {
    const found: number[] = [];
    for (const chunk of encodeSymbols(canonical.toLowerCase()).split(/\s+/)) {
      if (chunk === '') continue;
      const padded = ` ${chunk.slice(0, MAX_CHUNK_LENGTH)} `;
      const longest = Math.min(LONGEST_GRAM, padded.length);
      for (let start = 0; start + SHORTEST_GRAM <= padded.length; start++) {
        let hash = mix(0, padded.charCodeAt(start));
        const end = Math.min(longest, padded.length - start);
        for (let size = 2; size <= end; size++) {
          hash = mix(hash, padded.charCodeAt(start + size - 1));
          if (size < SHORTEST_GRAM) continue;
          const index = lookUp(hash, padded, start, size);
          if (index >= 0) found.push(index);
        }
      }
    }
    return weigh(vocabulary, Uint32Array.from(found));
  };
}

/** FNV-1a over UTF-16 units. */
const mix = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193) + 0x9e3779b9;
/** Brings the high bits down. */
const spread = (hash: number): number => hash ^ (hash >>> 15) ^ (hash >>> 7);
