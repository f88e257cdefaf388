import type { LinearHead } from '../heads/linear.ts';
import { PLACEHOLDERS } from '../text/placeholders.ts';
import { scanTokens } from '../text/token-scan.ts';
import { createTokenTable, slotsFor } from '../text/token-table.ts';
import { tokenise } from '../text/tokenize.ts';
import { createTermCounter, type ScoredRow } from './term-counter.ts';
import type { Vocabulary } from './vocabulary.ts';

/**
 * `vectorise(vocabulary, wordTerms(canonical))`, value for value, several times faster: tokens become numbers at one
 * look-up each, and a pair is found by two numbers.
 *
 * @param vocabulary fitted on `wordTerms`
 * @param heads over its rows
 */
export function createWordVectoriser(
  vocabulary: Vocabulary,
  heads: readonly LinearHead[] = [],
): (canonical: string) => ScoredRow {
  const { terms } = vocabulary;
  const split = terms.map((term) => term.split(' '));
  const tokens = [...new Set([...PLACEHOLDERS.map(({ name }) => `<${name}>`), ...split.flat()])];
  const table = createTokenTable(tokens);
  /** The term that is a token alone, and the token that stands for another in pairs. */
  const single = new Int32Array(tokens.length).fill(-1);
  const inPairs = Int32Array.from(tokens.keys());
  for (const { name, family } of PLACEHOLDERS)
    inPairs[table.numberOf(`<${name}>`)] = table.numberOf(`<${family}>`);
  const pairs = createPairTable(split.filter(({ length }) => length === 2).length);
  split.forEach((parts, term) => {
    if (parts.length === 1) single[table.numberOf(parts[0]!)] = term;
    if (parts.length === 2) pairs.set(table.numberOf(parts[0]!), table.numberOf(parts[1]!), term);
  });
  const countTerms = createTermCounter(vocabulary, heads);
  let read = new Int32Array(0);
  let found = new Uint32Array(0);

  /** Terms of the first `length` tokens of `read`; returns how many. */
  const findTerms = (length: number): number => {
    let count = 0;
    let before = -1;
    for (let i = 0; i < length; i++) {
      const token = read[i]!;
      const paired = token < 0 ? -1 : inPairs[token]!;
      if (token >= 0 && single[token]! >= 0) found[count++] = single[token]!;
      if (before >= 0 && paired >= 0) {
        const pair = pairs.get(before, paired);
        if (pair >= 0) found[count++] = pair;
      }
      before = paired;
    }
    return count;
  };
  const makeRoom = (length: number): void => {
    if (read.length >= length) return;
    read = new Int32Array(2 * length);
    found = new Uint32Array(4 * length);
  };

  return (canonical) => {
    const scan = scanTokens(canonical);
    if (scan !== undefined) {
      const { count, lower, start, end, hash } = scan;
      makeRoom(count);
      for (let i = 0; i < count; i++) read[i] = table.find(lower, start[i]!, end[i]!, hash[i]!);
      return countTerms(found, findTerms(count));
    }
    const texts = tokenise(canonical, { punctuation: true });
    makeRoom(texts.length);
    for (let i = 0; i < texts.length; i++) read[i] = table.numberOf(texts[i]!);
    return countTerms(found, findTerms(texts.length));
  };
}

/** Numbers by two numbers: open addressing, three numbers a slot, the last of them the value + 1. */
function createPairTable(most: number) {
  const mask = slotsFor(most) - 1;
  const slots = new Int32Array(3 * (mask + 1));
  const slotOf = (a: number, b: number): number => {
    const hash = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b);
    let at = (hash ^ (hash >>> 15)) & mask;
    while (slots[3 * at + 2] !== 0 && (slots[3 * at] !== a || slots[3 * at + 1] !== b)) at = (at + 1) & mask;
    return 3 * at;
  };
  return {
    get: (a: number, b: number): number => slots[slotOf(a, b) + 2]! - 1,
    set(a: number, b: number, value: number): void {
      const slot = slotOf(a, b);
      slots[slot] = a;
      slots[slot + 1] = b;
      slots[slot + 2] = value + 1;
    },
  };
}
