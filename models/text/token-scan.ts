import { PLACEHOLDERS } from './placeholders.ts';
import { createTokenTable, hashOfUnits, type TokenTable } from './token-table.ts';

/** Longest token that is kept whole; what follows is cut off. */
export const MAX_TOKEN_LENGTH = 40;

/**
 * Where the tokens of a plain text lie, signs among them. There is one scan, overwritten by the next: read it before
 * another text is scanned.
 */
export interface TokenScan {
  readonly text: string;
  /** The text's units, small letters for capitals; what lies behind `text.length` is left over. */
  readonly lower: Uint8Array;
  readonly count: number;
  /** Tokens are `lower[start .. end)`, in order, cut to {@link MAX_TOKEN_LENGTH}. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  /** `hashOfUnits` of each token. */
  readonly hash: Int32Array;
  /** {@link WORD_TOKEN}, {@link SIGN_TOKEN}, or the number of the placeholder. */
  readonly kind: Int16Array;
}

export const WORD_TOKEN = -1;
export const SIGN_TOKEN = -2;

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
const GREATER = 62;

let placeholders: TokenTable | undefined;

const scan = {
  text: '',
  lower: new Uint8Array(0),
  count: 0,
  start: new Int32Array(0),
  end: new Int32Array(0),
  hash: new Int32Array(0),
  kind: new Int16Array(0),
};

/**
 * Finds the tokens of a text of nothing but ASCII in one walk; the same that the pattern of `tokeniseAny` finds.
 * Asked again for the same text it answers at once.
 *
 * @returns undefined for any other text
 */
export function scanTokens(text: string): TokenScan | undefined {
  if (text === scan.text) return scan;
  if (!readUnits(text)) return undefined;
  const { lower, start, end, hash, kind } = scan;
  const { length } = text;
  let count = 0;
  for (let i = 0; i < length; ) {
    const unit = lower[i]!;
    const unitKind = KINDS[unit]!;
    let from = i;
    let to: number;
    let found = WORD_TOKEN;
    if (unitKind === WORD_UNIT) {
      i++;
      while (i < length && KINDS[lower[i]!] === WORD_UNIT) i++;
      if (i + 1 < length && KINDS[lower[i]!] === JOINT && isLetter(lower[i + 1]!)) {
        i += 2;
        while (i < length && isLetter(lower[i]!)) i++;
      }
      to = i - from > MAX_TOKEN_LENGTH ? from + MAX_TOKEN_LENGTH : i;
    } else if (unit === LESS) {
      to = placeholderEnd(lower, i, length);
      if (to === 0 || !isSmall(text, lower, i, to)) {
        i++;
        continue;
      }
      i = to;
      found = placeholderIn(lower, from, to);
      if (found < 0) {
        found = WORD_TOKEN;
        from++;
        to--;
      }
    } else if (unitKind >= SIGN) {
      i++;
      if (unitKind === SIGN_OF_RUN) while (i < length && lower[i] === unit) i++;
      to = i - from > MAX_TOKEN_LENGTH ? from + MAX_TOKEN_LENGTH : i;
      found = SIGN_TOKEN;
    } else {
      i++;
      continue;
    }
    start[count] = from;
    end[count] = to;
    hash[count] = hashOfUnits(lower, from, to);
    kind[count++] = found;
  }
  scan.count = count;
  return scan;
}

/** Takes the units over, in small letters; false, and nothing scanned, where one is not ASCII. */
function readUnits(text: string): boolean {
  const { length } = text;
  if (length > scan.lower.length) {
    const room = 2 * length;
    scan.lower = new Uint8Array(room);
    scan.start = new Int32Array(room);
    scan.end = new Int32Array(room);
    scan.hash = new Int32Array(room);
    scan.kind = new Int16Array(room);
  }
  const { lower } = scan;
  scan.text = '';
  scan.count = 0;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127 || unit === 0) return false;
    lower[i] = unit >= 65 && unit <= 90 ? unit | 32 : unit;
  }
  scan.text = text;
  return true;
}

const isLetter = (unit: number): boolean => (unit | 32) >= 97 && (unit | 32) <= 122;
/** What `\s` matches in plain text. */
export const isBlank = (unit: number): boolean => unit === 32 || (unit >= 9 && unit <= 13);
const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;

/** Placeholders are written in small letters. */
function isSmall(text: string, lower: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (text.charCodeAt(i) !== lower[i]) return false;
  return true;
}

/** One past the end of what is written like a placeholder from `start` on, or 0. */
export function placeholderEnd(units: Uint8Array, start: number, length: number): number {
  let at = start + 1;
  while (at < length && units[at]! >= 97 && units[at]! <= 122) at++;
  const letters = at - start - 1;
  if (letters < 3 || letters > 13) return 0;
  for (let digits = 0; digits < 2 && at < length && isDigit(units[at]!); digits++) at++;
  return at < length && units[at] === GREATER ? at + 1 : 0;
}

/** The number of the placeholder that `units[start .. end)` spell, brackets included, or a negative one. */
export function placeholderIn(units: Uint8Array, start: number, end: number): number {
  placeholders ??= createTokenTable(PLACEHOLDERS.map(({ name }) => `<${name}>`));
  return placeholders.find(units, start, end, hashOfUnits(units, start, end));
}
