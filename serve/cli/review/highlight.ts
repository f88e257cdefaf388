import { canonicalise } from '../../../models/text/canonical.ts';
import { placeholderOf } from '../../../models/text/placeholders.ts';
import { tokenise } from '../../../models/text/tokenize.ts';
import type { Reason } from '../../../models/verdict.ts';

/** A stretch of a text and how much its words spoke for promotional (above 0) or against it. */
export interface Span {
  readonly text: string;
  /** 0: said nothing. */
  readonly contribution: number;
}

/** Runs of characters without a blank, and the blanks between them. */
const PIECES = /\s+|\S+/g;

const coarse = (token: string): string => {
  const placeholder = placeholderOf(token);
  return placeholder === undefined ? token : `<${placeholder.family}>`;
};

/**
 * Finds the words that reasons name in the text as it was written: each piece of it is read as the model reads it, so
 * look-alike letters, amounts and links are found by what they stand for. The spans together are the text.
 */
export function highlight(text: string, reasons: readonly Reason[]): Span[] {
  const pieces = text.match(PIECES) ?? [];
  const tokens = pieces.map((piece) =>
    piece.trim() === '' ? [] : tokenise(canonicalise(piece), { punctuation: true }),
  );
  const said = new Float64Array(pieces.length);
  for (const { feature, contribution } of reasons) {
    if (!feature.startsWith('word:')) continue;
    const [first, second] = feature.slice('word:'.length).split(' ') as [string, string | undefined];
    tokens.forEach((own, at) => {
      if (second === undefined) {
        if (own.includes(first)) said[at] = said[at]! + contribution;
        return;
      }
      for (const other of partners(tokens, at, first, second)) {
        said[at] = said[at]! + contribution;
        if (other !== at) said[other] = said[other]! + contribution;
      }
    });
  }
  return pieces.map((piece, at) => ({ text: piece, contribution: said[at]! }));
}

/** Pieces that hold the second word of a pair whose first one the piece at `at` holds. */
function partners(
  tokens: readonly (readonly string[])[],
  at: number,
  first: string,
  second: string,
): number[] {
  const own = tokens[at]!.map(coarse);
  const found = own.some((token, i) => token === first && own[i + 1] === second) ? [at] : [];
  if (own.at(-1) !== first) return found;
  let next = at + 1;
  while (next < tokens.length && tokens[next]!.length === 0) next++;
  if (tokens[next]?.[0] !== undefined && coarse(tokens[next]![0]!) === second) found.push(next);
  return found;
}
