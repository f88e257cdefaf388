import { SYMBOL_CLASS, symbol } from '../placeholders.ts';
import { CLUE, cluesOf } from './clues.ts';

/** One shaping step: text with symbols in, text with more symbols out. Linear in the length of the text. */
export interface ShapeRule {
  readonly name: string;
  /** Clues (bits of `CLUE`) that a text must have, all of them, for the rule to match; absent: none. */
  readonly all?: number;
  /** Clues of which a text must have one; absent: none. */
  readonly any?: number;
  /** Cheap condition on the text as it is by then; where it fails the rule is skipped. */
  readonly needs: RegExp;
  readonly pattern: RegExp;
  /** What the match becomes; return the match itself to leave it as it is. */
  readonly shape: (...match: string[]) => string;
}

/** Replaces the whole match by one placeholder. */
export const to = (name: string): (() => string) => {
  const char = symbol(name);
  return () => char;
};

/** Not inside a word, a number or next to a placeholder's letters. */
export const START = '(?<![A-Za-z0-9])';
export const END = '(?![A-Za-z0-9])';
export const ANY_SYMBOL = `[${SYMBOL_CLASS}]`;

export const DIGIT = /\d/;

/**
 * Applies rules in order, each to all texts before the next: the code of one pattern stays in the processor's cache,
 * that of all does not. Clues are looked for once: shaping takes characters away and puts symbols in their place, so
 * what a text has no clue of at first it has none of later.
 */
export function applyRules(texts: readonly string[], rules: readonly ShapeRule[]): string[] {
  const shaped = [...texts];
  const clues = Int32Array.from(texts, cluesOf);
  for (const { all = 0, any = -1, needs, pattern, shape } of rules) {
    for (let i = 0; i < shaped.length; i++) {
      const here = clues[i]!;
      if ((here & all) !== all || ((here & any) === 0 && any !== -1)) continue;
      const text = shaped[i]!;
      if (needs !== DIGIT && !needs.test(text)) continue;
      const after = text.replace(pattern, shape);
      shaped[i] = after;
      // No rule makes a digit, so once they are gone the many rules that need one are skipped unasked.
      if ((here & CLUE.digit) !== 0 && after !== text && !DIGIT.test(after)) clues[i] = here & ~CLUE.digit;
    }
  }
  return shaped;
}

/** Splits trailing sentence punctuation off a greedy match. */
export function trimEnd(match: string, marks: string): readonly [kept: string, rest: string] {
  let end = match.length;
  while (end > 0 && marks.includes(match[end - 1]!)) end--;
  return [match.slice(0, end), match.slice(end)];
}
