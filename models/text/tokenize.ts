import { placeholderOf } from './placeholders.ts';
import { MAX_TOKEN_LENGTH, SIGN_TOKEN, scanTokens } from './token-scan.ts';

export interface TokenOptions {
  /** Also runs of `!`, `?` and `*`, of which canonical text has three at most, other signs and emoji. Default false. */
  readonly punctuation?: boolean;
}

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
  const scan = scanTokens(canonical);
  if (scan === undefined) return tokeniseAny(canonical, options);
  const { count, start, end, kind } = scan;
  const lower = canonical.toLowerCase();
  const found: string[] = [];
  for (let i = 0; i < count; i++)
    if (options.punctuation || kind[i] !== SIGN_TOKEN) found.push(lower.slice(start[i]!, end[i]!));
  return found;
}

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
