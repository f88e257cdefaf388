import { placeholderOf } from './placeholders.ts';

export interface TokenOptions {
  /** Also runs of `!`, `?`, `*` and the like, cut to three, and emoji. Default false. */
  readonly punctuation?: boolean;
}

/** Longest word that is kept whole; what follows is cut off. */
export const MAX_TOKEN_LENGTH = 40;

const WORD = String.raw`[\p{L}\p{N}\p{M}]+(?:['&/](?=[\p{L}])[\p{L}\p{M}]+)?`;
const WORDS = new RegExp(String.raw`<[a-z]{3,13}\d{0,2}>|${WORD}`, 'gu');
const WORDS_AND_SIGNS = new RegExp(
  String.raw`<[a-z]{3,13}\d{0,2}>|${WORD}|!+|\?+|\*+|\p{Extended_Pictographic}|[@+=~#^|%$€£₹]`,
  'gu',
);

/**
 * The tokens of a canonical text, in order: lower-cased words (`t&c`, `a/c` and `don't` are one each),
 * placeholders as they are written, and on request signs and emoji.
 *
 * @param canonical the result of `canonicalise`
 */
export function tokenise(canonical: string, options: TokenOptions = {}): string[] {
  return tokenisePlain(canonical, options.punctuation === true) ?? tokeniseAny(canonical, options);
}

const WORD_UNIT = 1;
/** May join a word and letters. */
const JOINT = 2;
const SIGN = 3;
/** Signs of which a run is one token. */
const SIGN_OF_RUN = 4;
const KINDS = new Uint8Array(128);
const mark = (chars: string, kind: number) => {
  for (const char of chars) KINDS[char.charCodeAt(0)] = kind;
};
mark('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ', WORD_UNIT);
mark("'&/", JOINT);
mark('@+=~#^|%$', SIGN);
mark('!?*', SIGN_OF_RUN);
const LESS = 60;
const isLetter = (unit: number): boolean => (unit | 32) >= 97 && (unit | 32) <= 122;

/** {@link tokeniseAny} for ASCII by one walk; undefined for any other text. */
function tokenisePlain(canonical: string, signs: boolean): string[] | undefined {
  const { length } = canonical;
  for (let i = 0; i < length; i++) if (canonical.charCodeAt(i) > 127) return undefined;
  const lower = canonical.toLowerCase();
  const found: string[] = [];
  for (let i = 0; i < length; ) {
    const unit = canonical.charCodeAt(i);
    const kind = KINDS[unit];
    if (kind === WORD_UNIT) {
      let end = i + 1;
      while (end < length && KINDS[canonical.charCodeAt(end)] === WORD_UNIT) end++;
      if (
        end + 1 < length &&
        KINDS[canonical.charCodeAt(end)] === JOINT &&
        isLetter(canonical.charCodeAt(end + 1))
      ) {
        end += 2;
        while (end < length && isLetter(canonical.charCodeAt(end))) end++;
      }
      found.push(lower.slice(i, Math.min(end, i + MAX_TOKEN_LENGTH)));
      i = end;
    } else if (unit === LESS) {
      const end = placeholderEnd(canonical, i);
      if (end === 0) {
        i++;
        continue;
      }
      const token = canonical.slice(i, end);
      found.push(placeholderOf(token) === undefined ? token.slice(1, -1) : token);
      i = end;
    } else if (signs && (kind === SIGN || kind === SIGN_OF_RUN)) {
      let end = i + 1;
      if (kind === SIGN_OF_RUN) while (end < length && canonical.charCodeAt(end) === unit) end++;
      found.push(canonical.slice(i, Math.min(end, i + MAX_TOKEN_LENGTH)));
      i = end;
    } else i++;
  }
  return found;
}

/** One past the end of what is written like a placeholder, or 0. */
function placeholderEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) >= 97 && text.charCodeAt(at) <= 122) at++;
  const letters = at - start - 1;
  if (letters < 3 || letters > 13) return 0;
  for (let digits = 0; digits < 2 && isDigit(text.charCodeAt(at)); digits++) at++;
  return text.charCodeAt(at) === 62 ? at + 1 : 0;
}

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;

/** {@link tokenise} of any text, by pattern. */
export function tokeniseAny(canonical: string, options: TokenOptions = {}): string[] {
  const found = canonical.match(options.punctuation ? WORDS_AND_SIGNS : WORDS);
  if (found === null) return [];
  for (let i = 0; i < found.length; i++) {
    const token = found[i]!;
    if (token.charCodeAt(0) === 60 && placeholderOf(token) !== undefined) continue;
    const plain = token.charCodeAt(0) === 60 ? token.slice(1, -1) : token;
    found[i] = plain.slice(0, MAX_TOKEN_LENGTH).toLowerCase();
  }
  return found;
}
