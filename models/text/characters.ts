import { foldLookalikes } from './lookalikes.ts';
import { encodeSymbols } from './placeholders.ts';

/** Longest text that is read whole, in UTF-16 units with each placeholder counted as one. */
export const MAX_CHARACTERS = 20_000;
/** Of a longer text, this much of the end is kept (and the rest of the budget from the beginning). */
export const KEPT_TAIL = 4_000;

const NOT_PLAIN = /[^\n\x20-\x7e]/;
/** Windows-1252 punctuation that arrives as C1 controls, and typographic signs with a plain twin. */
const TYPOGRAPHY: Readonly<Record<string, string>> = {
  '\u0080': '€',
  '\u0085': '...',
  '\u0091': "'",
  '\u0092': "'",
  '\u0093': '"',
  '\u0094': '"',
  '\u0096': '-',
  '\u0097': '-',
  '\u2018': "'",
  '\u2019': "'",
  '\u201a': "'",
  '\u201b': "'",
  '\u2032': "'",
  '\u02bc': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u201e': '"',
  '\u2033': '"',
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2015': '-',
  '\u2212': '-',
  '\u2044': '/',
  '\u2215': '/',
  '\u2217': '*',
  '\u2028': '\n',
  '\u2029': '\n',
  '\r': '\n',
  '\v': '\n',
  '\f': '\n',
  '\t': ' ',
  '\u2800': ' ',
};
const TYPOGRAPHIC = new RegExp(`\\r\\n|[${Object.keys(TYPOGRAPHY).join('')}]`, 'g');
const LONE_SURROGATES = /\p{Surrogate}/gu;
/** Control, format (zero-width, bidi, tags), private-use and other characters that show nothing. */
const INVISIBLE = /(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Default_Ignorable_Code_Point}]/gu;
/** Marks on Latin letters, digits, signs or nothing; marks of scripts that need them stay. */
const STRAY_MARKS = /(^|[^\p{L}\p{M}]|\p{Script=Latin})\p{M}+/gu;
const ENTITIES = /&(?:amp;)*(?:(lt|gt|quot|#39|apos|nbsp);)?/gi;
const ENTITY: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  apos: "'",
  nbsp: ' ',
};

function foldUnicode(text: string): string {
  const visible = text
    .replace(LONE_SURROGATES, '\ufffd')
    .replace(TYPOGRAPHIC, (found) => TYPOGRAPHY[found] ?? '\n')
    .normalize('NFKD')
    .replace(TYPOGRAPHIC, (found) => TYPOGRAPHY[found] ?? '\n')
    .replace(INVISIBLE, '');
  return foldLookalikes(encodeSymbols(visible)).replace(STRAY_MARKS, '$1').normalize('NFKC');
}

/**
 * Characters that fold to the same whatever stands around them: signs, emoji and Latin letters, and what is never seen.
 * Marks, letters of other scripts (they may be look-alikes or join up) and carriage returns need their surroundings.
 */
const ALONE = new RegExp(
  [
    '^\\p{Script=Latin}$',
    '^(?![\\p{L}\\p{M}\\p{Co}\\p{Cn}\\r])\\p{Script=Common}$',
    '^[\\u200b-\\u200f\\u2060]$',
    '^[\\ufe0e\\ufe0f]$',
  ].join('|'),
  'u',
);
const foldedAlone = new Map<number, string | undefined>();
/** More different ones in one process are only seen by somebody who wants to fill memory. */
const MOST_REMEMBERED = 4_096;

function foldAlone(code: number): string | undefined {
  const known = foldedAlone.get(code);
  if (known !== undefined) return known;
  const char = String.fromCodePoint(code);
  const folded = ALONE.test(char) ? foldUnicode(char) : undefined;
  if (foldedAlone.size < MOST_REMEMBERED) foldedAlone.set(code, folded);
  return folded;
}

/** {@link foldUnicode} character by character; undefined where one needs its surroundings. */
function foldOneByOne(text: string): string | undefined {
  // A folded character may close the brackets of a placeholder that nobody wrote.
  if (text.includes('<')) return undefined;
  let folded = '';
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if ((unit >= 32 && unit < 127) || unit === 10) continue;
    const code = text.codePointAt(i)!;
    const alone = foldAlone(code);
    if (alone === undefined) return undefined;
    folded += text.slice(from, i) + alone;
    if (code > 0xffff) i++;
    from = i + 1;
  }
  return folded + text.slice(from);
}

/** At most `limit` units, the last `tail` of them from the end; never half a surrogate pair. */
function cut(text: string, limit: number, tail: number): string {
  if (text.length <= limit) return text;
  let head = limit - tail - 1;
  if (isLowSurrogate(text, head)) head--;
  let rest = text.length - tail;
  if (isLowSurrogate(text, rest)) rest++;
  return `${text.slice(0, head)}\n${text.slice(rest)}`;
}

const isLowSurrogate = (text: string, at: number): boolean => {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff;
};

/**
 * First half of canonicalisation: what characters there are. The result holds placeholder symbols
 * (private-use characters) for written placeholders, and no other private-use character.
 */
export function foldCharacters(text: string, maxWritten: number): string {
  // A canonical text is never longer than this, so it is never cut here.
  let folded = cut(text, maxWritten, Math.floor(maxWritten / 5));
  folded = NOT_PLAIN.test(folded) ? (foldOneByOne(folded) ?? foldUnicode(folded)) : encodeSymbols(folded);
  if (folded.includes('&')) {
    folded = encodeSymbols(
      folded.replace(ENTITIES, (_, name: string | undefined) =>
        name === undefined ? '&' : ENTITY[name.toLowerCase()]!,
      ),
    );
  }
  return cut(folded, MAX_CHARACTERS, KEPT_TAIL);
}

/** Whether {@link foldBlanks} would change anything; one walk, much cheaper than its patterns. */
function hasLooseBlanks(text: string): boolean {
  let before = 10;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 32 || unit === 10) {
      if (before === 32 || before === 10) return true;
    } else if (
      unit < 32 ||
      unit === 0xa0 ||
      unit === 0x1680 ||
      (unit >= 0x2000 && unit <= 0x205f) ||
      unit === 0x3000
    ) {
      return true;
    }
    before = unit;
  }
  return text !== '' && (before === 32 || before === 10);
}

/** Runs of blanks to one space, no blanks at line ends, no empty lines, trimmed. */
export function foldBlanks(text: string): string {
  if (!hasLooseBlanks(text)) return text;
  return text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n[ \n]*/g, '\n')
    .trim();
}
