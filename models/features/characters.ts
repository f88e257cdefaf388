import type { LinearHead } from '../heads/linear.ts';
import { encodeSymbols } from '../text/placeholders.ts';
import { isBlank, placeholderEnd, placeholderIn, scanTokens, type TokenScan } from '../text/token-scan.ts';
import {
  BLANK,
  createGramTable,
  findGrams,
  findWideGrams,
  type GramTable,
  symbolCode,
} from './gram-table.ts';
import { createTermCounter, type ScoredRow } from './term-counter.ts';
import { LONGEST_GRAM, MAX_CHUNK_LENGTH } from './terms.ts';
import type { Vocabulary } from './vocabulary.ts';

const tables = new WeakMap<Vocabulary, GramTable>();

function tableOf(vocabulary: Vocabulary): GramTable {
  const known = tables.get(vocabulary);
  if (known) return known;
  const made = createGramTable(vocabulary.terms);
  tables.set(vocabulary, made);
  return made;
}

/**
 * `vectorise(vocabulary, charTerms(canonical))`, value for value, many times faster: grams are looked up packed in
 * numbers and never become strings of their own.
 *
 * @param vocabulary fitted on `charTerms`
 * @param heads over its rows
 */
export function createCharVectoriser(
  vocabulary: Vocabulary,
  heads: readonly LinearHead[] = [],
): (canonical: string) => ScoredRow {
  const table = tableOf(vocabulary);
  const countTerms = createTermCounter(vocabulary, heads);
  let codes = new Uint8Array(0);
  let found = new Uint32Array(0);
  const makeRoom = (length: number): void => {
    if (codes.length >= length) return;
    codes = new Uint8Array(2 * length);
    found = new Uint32Array(2 * length * LONGEST_GRAM);
  };
  return (canonical) => {
    const scan = scanTokens(canonical);
    if (scan !== undefined) {
      // A blank before, and a blank behind in place of one that is there or of the end.
      makeRoom(canonical.length + 2);
      return countTerms(found, findGrams(table, codes, writeCodes(scan, codes), found));
    }
    const text = encodeSymbols(canonical.toLowerCase());
    makeRoom(3 * text.length);
    let count = 0;
    for (const chunk of text.split(/\s+/))
      if (chunk !== '') count = findWideGrams(table, ` ${chunk.slice(0, MAX_CHUNK_LENGTH)} `, found, count);
    return countTerms(found, count);
  };
}

const LESS = 60;

/** The codes of a plain text in small letters, one blank before and behind each word; returns how many. */
function writeCodes({ text, lower }: TokenScan, codes: Uint8Array): number {
  let length = 0;
  let word = 0;
  codes[length++] = BLANK;
  for (let i = 0; i < text.length; i++) {
    let code = lower[i]!;
    if (isBlank(code)) {
      if (word > 0) codes[length++] = BLANK;
      word = 0;
      continue;
    }
    if (code === LESS) {
      const end = placeholderEnd(lower, i, text.length);
      const placeholder = end === 0 ? -1 : placeholderIn(lower, i, end);
      if (placeholder >= 0) {
        code = symbolCode(placeholder);
        i = end - 1;
      }
    }
    if (word++ < MAX_CHUNK_LENGTH) codes[length++] = code;
  }
  if (word > 0) codes[length++] = BLANK;
  return length;
}
