import { undisguise } from '../disguise.ts';
import { symbol } from '../placeholders.ts';
import { CLUE } from './clues.ts';
import type { ShapeRule } from './rule.ts';

/**
 * Tokens of letters and digits: words written in leet are read, codes become placeholders by shape, and
 * ordinary words that happen to hold a digit (`covid19`, `4G`, `mp3`) stay.
 */
function shapeMixed(token: string): string {
  if (/^(?:\d{0,2}(?:1st|2nd|3rd)|\d{1,3}th)$/i.test(token)) return symbol('ordinal');
  const plain = undisguise(token);
  if (plain !== undefined) return plain;
  if (/^[A-Z]{3,}\d{1,4}$/.test(token)) return symbol('worddigits');
  const digits = token.replace(/\D/g, '').length;
  const groups = token.match(/\d+/g)!.length;
  if (token.length <= 3 || (digits <= 3 && groups === 1 && /^[A-Za-z]?[a-z]*\d*[a-z]*$/.test(token)))
    return token;
  if (token.length <= 5) return symbol('alnum5');
  if (token.length <= 8) return symbol('alnum8');
  return symbol(token.length <= 12 ? 'alnum12' : 'alnum20');
}

export const WORD_RULES: readonly ShapeRule[] = [
  {
    name: 'mixed token',
    any: CLUE.letterDigit | CLUE.digitLetter,
    needs: /[A-Za-z]\d|\d[A-Za-z]/,
    pattern: /(?<![A-Za-z0-9])(?:\d+[A-Za-z]|[A-Za-z]+\d)[A-Za-z0-9]*/g,
    shape: (match) => shapeMixed(match!),
  },
];
