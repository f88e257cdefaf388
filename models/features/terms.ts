import { encodeSymbols, placeholderOf } from '../text/placeholders.ts';
import { tokenise } from '../text/tokenize.ts';

export const SHORTEST_GRAM = 2;
export const LONGEST_GRAM = 5;
/** Of a longer run of characters without a blank only this much gives grams. */
export const MAX_CHUNK_LENGTH = 200;

/** A placeholder's family in angle brackets (`<amount>`), so that pairs are not split by every shape. */
const coarse = (token: string): string => {
  const placeholder = placeholderOf(token);
  return placeholder === undefined ? token : `<${placeholder.family}>`;
};

/**
 * Word 1- and 2-grams of a canonical text. Single terms keep the exact placeholder (`<amountround2>`), pairs
 * its family (`<amount> off`). No marks for the beginning and the end: measured leaving one source out at a
 * time they cost accuracy, and many messages reach an archive with their beginning cut off.
 */
export function wordTerms(canonical: string): string[] {
  const terms = tokenise(canonical, { punctuation: true });
  const count = terms.length;
  let before = count > 0 ? coarse(terms[0]!) : '';
  for (let i = 1; i < count; i++) {
    const token = coarse(terms[i]!);
    terms.push(`${before} ${token}`);
    before = token;
  }
  return terms;
}

/**
 * Character 2- to 5-grams of the lower-cased canonical text, within the bounds of its words, each word padded
 * with one blank on both sides (what scikit-learn calls `char_wb`). A placeholder counts as one character.
 */
export function charTerms(canonical: string): string[] {
  const terms: string[] = [];
  for (const chunk of encodeSymbols(canonical.toLowerCase()).split(/\s+/)) {
    if (chunk === '') continue;
    const padded = ` ${chunk.slice(0, MAX_CHUNK_LENGTH)} `;
    for (let size = SHORTEST_GRAM; size <= LONGEST_GRAM; size++) {
      if (size >= padded.length) {
        terms.push(padded);
        break;
      }
      for (let at = 0; at + size <= padded.length; at++) terms.push(padded.slice(at, at + size));
    }
  }
  return terms;
}

/** What a person reads for a word term: "the words 'limited offer'", "a 6-digit number". */
export function termPhrase(term: string): string {
  const parts = term.split(' ');
  if (parts.length === 1) {
    const kind = /[\p{L}\p{N}]/u.test(term) ? 'word' : 'sign';
    return placeholderOf(term)?.phrase ?? `the ${kind} '${term}'`;
  }
  return `the words '${parts.map((part) => part.replace(/^<(.+)>$/, '[$1]')).join(' ')}'`;
}
