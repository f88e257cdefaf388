import { EVERYDAY_WORDS } from './lexicon.ts';

const LEET: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '8': 'b',
  '@': 'a',
  $: 's',
  '!': 'i',
  '|': 'l',
};

const VOWEL = /[aeiouy]/;

function decode(token: string, one: string): string {
  let plain = '';
  for (const char of token) plain += char === '1' || char === '!' ? one : (LEET[char] ?? char);
  return plain;
}

/** Lower-case letters around single look-alike digits that read as a word: `del1vered`, `app0intment`. */
function readsAsWord(token: string, plain: string): boolean {
  if (token.length < 5 || !/^[A-Za-z][a-z]*(?:[01345][a-z]+){1,3}$/.test(token)) return false;
  // `work4life`: a 4 between words says "for".
  if (/[a-z]{3}4[a-z]{3}/.test(token)) return false;
  const letters = token.replace(/[^a-z]/gi, '').length;
  if (letters < token.length * 0.7 || (letters < token.length - 1 && token.length < 7)) return false;
  if (/[^aeiouy]{4}|[aeiou]{4}/.test(plain)) return false;
  const vowels = [...plain].filter((char) => VOWEL.test(char)).length;
  return vowels >= plain.length * 0.25 && vowels <= plain.length * 0.65;
}

/**
 * The word behind a token written with look-alike digits or signs (`fr33`, `C4SH`, `w1n`, `$ave`), in the
 * case of its letters; undefined where the token may be a code (`A1B2C3`, `K1TE5`).
 */
export function undisguise(token: string): string | undefined {
  if (token.length > 16 || (token.length < 3 && !token.includes('0'))) return undefined;
  const letters = token.replace(/[^A-Za-z]/g, '');
  if (letters.length * 2 < token.length || letters.length === token.length) return undefined;
  const upper = letters === letters.toUpperCase() && letters.length > 1;
  const lower = token.toLowerCase();
  for (const one of ['i', 'l']) {
    const plain = decode(lower, one);
    if (EVERYDAY_WORDS.has(plain) || readsAsWord(token, plain)) {
      if (upper) return plain.toUpperCase();
      return /^[A-Z]/.test(letters) ? plain[0]!.toUpperCase() + plain.slice(1) : plain;
    }
  }
  return undefined;
}

const SIGNED = /(?<![A-Za-z0-9@$!|])[A-Za-z0-9]{0,12}[@$!|]{1,2}[A-Za-z][A-Za-z0-9@$!|]{0,16}/g;

/** Undoes signs that stand for letters (`$ale`, `c@sh`, `w!n`) in words known to be disguised. */
export function foldSignedWords(text: string): string {
  if (!/[@$!|][A-Za-z]/.test(text)) return text;
  return text.replace(SIGNED, (match) => {
    const kept = match.replace(/[!$|@]{1,16}$/, '');
    const plain = undisguise(kept);
    return plain === undefined ? match : plain + match.slice(kept.length);
  });
}

const SPACED = (separator: string, least: number): RegExp =>
  new RegExp(
    `(?<![\\p{L}\\p{N}\\p{M}'&@])\\p{L}(?:${separator}\\p{L}(?![\\p{L}\\p{N}\\p{M}'])){${least - 1},}`,
    'gu',
  );

/** Separator, and how many single letters in a row are needed before they are taken for one word. */
const SPACED_PATTERNS: readonly (readonly [pattern: RegExp, separator: string])[] = [
  [SPACED('\\.', 3), '.'],
  [SPACED('-', 3), '-'],
  [SPACED('_', 3), '_'],
  [SPACED('\\*', 3), '*'],
  [SPACED('·', 3), '·'],
  [SPACED(' ', 3), ' '],
];
/** Two single letters in a row behind separators: without them there is nothing to join. */
const MAY_BE_SPACED =
  /[ .\-_*·][A-Za-z\u00aa-\ud7ff\uf900-\uffff][ .\-_*·][A-Za-z\u00aa-\ud7ff\uf900-\uffff](?![A-Za-z0-9])/;

/**
 * Splits letters joined across word ends (`NowBook`, `FREECASH`) where that is plain: at a capital after a
 * small letter, or into known words, the longest first.
 */
function splitJoined(joined: string): string {
  if (joined.length > 40) return joined;
  const parts = joined.split(/(?<=[a-z])(?=[A-Z])/);
  return parts.map(splitKnown).join(' ');
}

function splitKnown(part: string): string {
  const lower = part.toLowerCase();
  if (EVERYDAY_WORDS.has(lower)) return part;
  // reachable[i]: start of the last word of a split of the first i letters, the longest last words first.
  const from = new Int8Array(lower.length + 1).fill(-1);
  from[0] = 0;
  for (let end = 2; end <= lower.length; end++) {
    for (let start = Math.max(0, end - 16); start <= end - 2; start++) {
      if ((start === 0 || from[start]! >= 0) && EVERYDAY_WORDS.has(lower.slice(start, end))) {
        from[end] = start;
        break;
      }
    }
  }
  if (from[lower.length]! < 0) return part;
  const words: string[] = [];
  for (let end = lower.length; end > 0; end = from[end]!) words.unshift(part.slice(from[end]!, end));
  return words.join(' ');
}

/** Joins spaced-out letters: `F R E E`, `f.r.e.e`, `W-I-N`. `A B C` of one case counts from three letters. */
export function joinSpacedLetters(text: string): string {
  if (!MAY_BE_SPACED.test(text)) return text;
  let joined = text;
  for (const [pattern, separator] of SPACED_PATTERNS) {
    joined = joined.replace(pattern, (match) => {
      const word = match.split(separator).join('');
      const sure = word.length > 3 || separator !== ' ' || word === word.toUpperCase();
      if (sure) return word.length > 3 ? splitJoined(word) : word;
      return EVERYDAY_WORDS.has(word.toLowerCase()) ? word : match;
    });
  }
  return joined;
}
