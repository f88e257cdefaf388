import { FAMILIES, mapPlaceholders, PLACEHOLDERS, placeholderNumber } from '../text/placeholders.ts';
import { isBlank, SIGN_TOKEN, scanTokens, type TokenScan } from '../text/token-scan.ts';
import { tokenise } from '../text/tokenize.ts';
import { countPhrases, GROUP_NAMES, phraseTokenAt, phraseTokens } from './phrases.ts';

/** A canonical text, counted once for all signals. */
export interface TextView {
  /** UTF-16 units. */
  readonly characters: number;
  /** Words and placeholders. */
  readonly words: number;
  /** Runs of `.`, `!` and `?` before a blank, a placeholder or the end. */
  readonly stops: number;
  readonly lineBreaks: number;
  readonly exclamations: number;
  readonly questions: number;
  readonly asterisks: number;
  readonly emoji: number;
  readonly letters: number;
  readonly capitals: number;
  /** Letters outside English. */
  readonly nonAscii: number;
  /** Words of three or more capitals. */
  readonly shouted: number;
  /** Placeholders by number in `PLACEHOLDERS`. */
  readonly placeholders: Uint32Array;
  /** Placeholders by family in `FAMILIES`. */
  readonly families: Uint32Array;
  /** Phrases by group in `GROUP_NAMES`. */
  readonly phrases: Uint16Array;
}

type Marks = Pick<TextView, 'stops' | 'lineBreaks' | 'exclamations' | 'questions' | 'asterisks' | 'emoji'>;
type Letters = Pick<TextView, 'letters' | 'capitals' | 'nonAscii' | 'shouted'>;

const FAMILY_OF = Uint8Array.from(PLACEHOLDERS, ({ family }) => FAMILIES.indexOf(family));
/** Written anew by every {@link viewText}. */
const placeholders = new Uint32Array(PLACEHOLDERS.length);
const families = new Uint32Array(FAMILIES.length);
const phrases = new Uint16Array(GROUP_NAMES.length);
let tokens = new Int32Array(256);

/**
 * Counts everything the signals are made of.
 * @returns counts that stand until the next call
 */
export function viewText(canonical: string): TextView {
  placeholders.fill(0);
  families.fill(0);
  const scan = scanTokens(canonical);
  return scan === undefined ? viewAny(canonical) : viewPlain(canonical, scan);
}

function countPlaceholder(number: number): void {
  placeholders[number]!++;
  families[FAMILY_OF[number]!]!++;
}

function viewPlain(canonical: string, scan: TokenScan): TextView {
  const { count, kind } = scan;
  if (tokens.length < count) tokens = new Int32Array(2 * count);
  let words = 0;
  for (let i = 0; i < count; i++) {
    if (kind[i] === SIGN_TOKEN) continue;
    if (kind[i]! >= 0) countPlaceholder(kind[i]!);
    tokens[words++] = phraseTokenAt(scan, i);
  }
  countPhrases(tokens, words, phrases);
  const counted = countPlain(canonical, scan);
  return { characters: canonical.length, words, placeholders, families, phrases, ...counted };
}

/** Any text, by pattern; what {@link viewPlain} finds in a plain one. */
export function viewAny(canonical: string): TextView {
  const prose = mapPlaceholders(canonical, () => ' ');
  const words = tokenise(canonical);
  for (const token of words) {
    const number = placeholderNumber(token);
    if (number >= 0) countPlaceholder(number);
  }
  countPhrases(phraseTokens(words), words.length, phrases);
  return {
    characters: canonical.length,
    words: words.length,
    placeholders,
    families,
    phrases,
    ...countMarks(canonical, prose),
    ...countLetters(prose),
  };
}

const isCapital = (unit: number): boolean => unit >= 65 && unit <= 90;
const isSmall = (unit: number): boolean => unit >= 97 && unit <= 122;

const NEW_LINE = 0x0a;
const EXCLAMATION = 0x21;
const ASTERISK = 0x2a;
const FULL_STOP = 0x2e;
const QUESTION = 0x3f;
const isStop = (unit: number): boolean => unit === FULL_STOP || unit === EXCLAMATION || unit === QUESTION;

/** {@link countMarks} and {@link countLetters} of a plain text in one walk, placeholders being blanks. */
function countPlain(text: string, { count, start, end, kind }: TokenScan): Marks & Letters {
  let stops = 0;
  let lineBreaks = 0;
  let exclamations = 0;
  let questions = 0;
  let asterisks = 0;
  let letters = 0;
  let capitals = 0;
  let shouted = 0;
  let run = 0;
  let word = 0;
  let before = 0;
  let next = 0;
  for (let i = 0; i <= text.length; i++) {
    let unit = i < text.length ? text.charCodeAt(i) : NEW_LINE;
    while (next < count && (kind[next]! < 0 || start[next]! < i)) next++;
    if (next < count && start[next] === i) {
      unit = 32;
      i = end[next]! - 1;
    }
    if (isStop(before) && isBlank(unit)) stops++;
    before = unit;
    const capital = isCapital(unit);
    if (capital || isSmall(unit)) {
      letters++;
      word++;
      if (capital) {
        capitals++;
        run++;
      }
      continue;
    }
    if (run >= 3 && run === word) shouted++;
    run = 0;
    word = 0;
    if (unit === NEW_LINE) lineBreaks++;
    else if (unit === EXCLAMATION) exclamations++;
    else if (unit === QUESTION) questions++;
    else if (unit === ASTERISK) asterisks++;
  }
  return {
    stops,
    // The end was counted as one.
    lineBreaks: lineBreaks - 1,
    exclamations,
    questions,
    asterisks,
    emoji: 0,
    letters,
    capitals,
    nonAscii: 0,
    shouted,
  };
}

function countMarks(canonical: string, prose: string): Marks {
  return {
    stops: matches(prose, /[.!?]+(?=\s|$)/g),
    lineBreaks: occurrences(canonical, '\n'),
    exclamations: occurrences(prose, '!'),
    questions: occurrences(prose, '?'),
    asterisks: occurrences(prose, '*'),
    emoji: matches(prose, /\p{Extended_Pictographic}/gu),
  };
}

function occurrences(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count++;
  return count;
}

const matches = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** Letters, capitals, letters outside English, and words of three or more capitals, in one walk. */
function countLetters(prose: string): Letters {
  let letters = 0;
  let capitals = 0;
  let nonAscii = 0;
  let shouted = 0;
  let run = 0;
  let word = 0;
  for (let i = 0; i <= prose.length; i++) {
    const unit = i < prose.length ? prose.charCodeAt(i) : 0;
    const capital = isCapital(unit);
    if (capital || isSmall(unit) || (unit >= 0xaa && /\p{L}/u.test(prose[i]!))) {
      letters++;
      word++;
      if (capital) {
        capitals++;
        run++;
      } else if (unit >= 0xaa) nonAscii++;
      continue;
    }
    if (run >= 3 && run === word) shouted++;
    run = 0;
    word = 0;
  }
  return { letters, capitals, nonAscii, shouted };
}
