/** Ids of the special tokens in BERT's uncased vocabulary. */
export const PAD = 0;
export const UNKNOWN = 100;
export const CLS = 101;
export const SEP = 102;

/** The longest sequence the encoder reads, [CLS] and [SEP] included; the rest of a text is not read. */
export const MAX_TOKENS = 128;

const LONGEST_WORD = 100;
/** Words whose pieces are remembered; messages repeat theirs. About 10 MB when full, then it starts anew. */
const REMEMBERED_WORDS = 50_000;

export interface Tokenizer {
  /** Token ids: [CLS], at most 126 pieces, [SEP]. Two ids for a text without a visible character. */
  encode(text: string): number[];
}

/**
 * WordPiece over BERT's uncased normalisation (Devlin et al. 2019; Wu et al. 2016), equal to the tokenizer of
 * transformers.js but in two points, both on purpose. A text that spells a special token (`[SEP]`, `[MASK]`) is
 * read as those characters: the writer of a message must not be able to place control tokens. A long text
 * keeps its final [SEP], as in training, where transformers.js cuts it off.
 *
 * @param vocabulary token at its id, as in `vocab.txt`.
 */
export function createWordPiece(vocabulary: readonly string[]): Tokenizer {
  const starts = new Map<string, number>();
  const continuations = new Map<string, number>();
  let longest = 0;
  for (let id = 0; id < vocabulary.length; id++) {
    const token = vocabulary[id]!;
    longest = Math.max(longest, token.length);
    // Both: a word may begin with '##' literally only if the pre-tokenizer let it, which it never does.
    if (token.startsWith('##')) continuations.set(token.slice(2), id);
    else starts.set(token, id);
  }
  const remembered = new Map<string, readonly number[]>();
  const unknown: readonly number[] = [UNKNOWN];

  function piecesOf(word: string): readonly number[] {
    if (word.length > LONGEST_WORD && codePoints(word) > LONGEST_WORD) return unknown;
    const pieces: number[] = [];
    for (let start = 0; start < word.length; ) {
      const table = start === 0 ? starts : continuations;
      let end = Math.min(word.length, start + longest);
      let id: number | undefined;
      while (end > start) {
        id = table.get(word.slice(start, end));
        if (id !== undefined) break;
        end--;
      }
      if (id === undefined) return unknown;
      pieces.push(id);
      start = end;
    }
    return pieces;
  }

  return {
    encode(text) {
      const ids = [CLS];
      WORD.lastIndex = 0;
      const normal = normalise(text);
      for (let match = WORD.exec(normal); match !== null; match = WORD.exec(normal)) {
        const word = match[0];
        let pieces = remembered.get(word);
        if (pieces === undefined) {
          pieces = piecesOf(word);
          if (remembered.size >= REMEMBERED_WORDS) remembered.clear();
          remembered.set(word, pieces);
        }
        for (const id of pieces) {
          if (ids.length === MAX_TOKENS - 1) break;
          ids.push(id);
        }
        if (ids.length === MAX_TOKENS - 1) break;
      }
      ids.push(SEP);
      return ids;
    },
  };
}

/** A run of letters, digits and symbols, or one punctuation mark; every ASCII symbol counts as punctuation. */
const WORD = /[^\s\p{P}!-/:-@[-`{-~]+|[\p{P}!-/:-@[-`{-~]/gu;
/** Control, format, private use, lone surrogates and the replacement character; not tab and line ends. */
const INVISIBLE = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\p{Cs}\uFFFD]/gu;
const IDEOGRAPH = /[\u4E00-\u9FFF\u3400-\u4DBF\uF900-\uFAFF]/g;
const ONLY_ASCII = /^[\t\n\r -~]*$/;

function normalise(text: string): string {
  if (ONLY_ASCII.test(text)) return text.toLowerCase();
  return text
    .replace(INVISIBLE, '')
    .replace(IDEOGRAPH, ' $& ')
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '');
}

function codePoints(word: string): number {
  let count = 0;
  for (const _ of word) count++;
  return count;
}
