const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' });
/** A shorter piece ("Rs.", "Hi Ann!") says nothing alone and goes with what follows. */
const LEAST_WORDS = 4;
/** Further ones are not read: nobody reads that far, and each is classified. */
const MOST_SENTENCES = 24;
const LONGEST = 20_000;

const wordsIn = (text: string): number => text.match(/\p{L}[\p{L}\p{M}'’-]*/gu)?.length ?? 0;

/**
 * The sentences of a text as people read them: ends of sentences and of lines part them (UAX 29), pieces of fewer than
 * four words go with the next. Scripts without blanks between words count by ten letters a piece.
 * @returns the sentences in order; one or none where there is nothing to part
 */
export function sentencesOf(text: string): string[] {
  const found: string[] = [];
  let pending = '';
  for (const line of text.slice(0, LONGEST).split(/\n+/)) {
    for (const { segment } of segmenter.segment(line)) {
      const piece = `${pending}${segment}`.trim();
      const long = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{10}/u.test(piece);
      if (wordsIn(piece) >= LEAST_WORDS || long) {
        found.push(piece);
        pending = '';
      } else pending = `${piece} `;
      if (found.length === MOST_SENTENCES) return found;
    }
  }
  const rest = pending.trim();
  if (rest === '') return found;
  if (found.length === 0) return [rest];
  found[found.length - 1] += ` ${rest}`;
  return found;
}
