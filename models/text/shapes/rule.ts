import { SYMBOL_CLASS, symbol } from '../placeholders.ts';

/** One shaping step: text with symbols in, text with more symbols out. Linear in the length of the text. */
export interface ShapeRule {
  readonly name: string;
  /** Cheap necessary condition; where it fails the rule is skipped. */
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

export function applyRules(text: string, rules: readonly ShapeRule[]): string {
  let shaped = text;
  // No rule makes a digit, so once they are gone the many rules that need one are skipped unasked.
  let digits = true;
  for (const rule of rules) {
    if (rule.needs === DIGIT) {
      digits &&= DIGIT.test(shaped);
      if (!digits) continue;
    } else if (!rule.needs.test(shaped)) continue;
    shaped = shaped.replace(rule.pattern, rule.shape);
  }
  return shaped;
}

/** Splits trailing sentence punctuation off a greedy match. */
export function trimEnd(match: string, marks: string): readonly [kept: string, rest: string] {
  let end = match.length;
  while (end > 0 && marks.includes(match[end - 1]!)) end--;
  return [match.slice(0, end), match.slice(end)];
}
