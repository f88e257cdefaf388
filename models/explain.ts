import { createCharVectoriser } from './features/characters.ts';
import { type ColumnInfo, describeColumns, type Layout } from './features/layout.ts';
import { termPhrase } from './features/terms.ts';
import type { Contributions } from './forest/contributions.ts';
import { likeliest } from './heads/dense.ts';
import type { SparseRow } from './heads/linear.ts';
import type { Model } from './model.ts';
import { tokenise } from './text/tokenize.ts';
import type { Reason } from './verdict.ts';

/** What the explanation of one row needs besides the forest's contributions. */
export interface ExplainedRow {
  readonly canonical: string;
  readonly words: SparseRow;
  readonly chars: SparseRow;
  /** The message's vector, when the encoder was asked. */
  readonly embedding?: Float32Array;
}

/** Named reasons kept apart; what remains is summed up in `rest`. */
const TOP = 8;

export type Explain = (contributions: Contributions, row: ExplainedRow) => Reason[];

/**
 * Maps contributions of forest columns back to what a person reads: signals by their phrase, the word head split over
 * its words, a word's own column added to it, the embedding as one item with the nearest intents. The strongest come
 * first, then `rest` and `bias`; together they sum to the raw vote.
 */
export function createExplainer(model: Model, layout: Layout): Explain {
  const columns = describeColumns(model, layout.denseHeads < layout.terms);
  const charRow = createCharVectoriser(model.chars);
  return ({ bias, byColumn }, row) => {
    const items = new Map<string, Reason>();
    const add = (feature: string, text: string, contribution: number) => {
      if (contribution === 0) return;
      const held = items.get(feature)?.contribution ?? 0;
      items.set(feature, { feature, text, contribution: held + contribution });
    };
    byColumn.forEach((contribution, column) => {
      if (contribution === 0) return;
      if (column === layout.wordHead) splitOverWords(model, row.words, contribution, add);
      else if (column === layout.charHead) splitOverSpelling(model, charRow, row, contribution, add);
      else if (column >= layout.terms) addTerm(model, row.words, column - layout.terms, contribution, add);
      else if (column >= layout.denseHeads) add('embedding', meaningOf(model, row.embedding), contribution);
      else addColumn(columns[column]!, contribution, add);
    });
    const ranked = [...items.values()].sort(
      (a, b) => Math.abs(b.contribution) - Math.abs(a.contribution) || (a.feature < b.feature ? -1 : 1),
    );
    const rest = ranked.slice(TOP).reduce((sum, reason) => sum + reason.contribution, 0);
    return [
      ...ranked.slice(0, TOP),
      ...(ranked.length > TOP
        ? [{ feature: 'rest', text: `${ranked.length - TOP} weaker signs together`, contribution: rest }]
        : []),
      { feature: 'bias', text: 'what the model expects before reading', contribution: bias },
    ].map((reason) => ({ ...reason, contribution: Number(reason.contribution.toFixed(9)) }));
  };
}

type Add = (feature: string, text: string, contribution: number) => void;

function addColumn(column: ColumnInfo, contribution: number, add: Add): void {
  add(column.name, column.phrase, contribution);
}

/** A term that is absent says something too, but not by its own name: only present ones are named. */
function addTerm(model: Model, words: SparseRow, term: number, contribution: number, add: Add): void {
  const wordColumn = model.terms[term]!;
  if (words.indices.includes(wordColumn))
    add(`word:${model.words.terms[wordColumn]}`, termPhrase(model.words.terms[wordColumn]!), contribution);
  else add('absent', 'words that one would expect otherwise', contribution);
}

/** Shares the head's contribution among the words that pushed the head the same way. */
function splitOverWords(model: Model, words: SparseRow, contribution: number, add: Add): void {
  const direction = Math.sign(contribution);
  let total = 0;
  const pushes = Array.from(words.indices, (index, k) => {
    const push = Math.max(0, direction * model.wordHead.weights[index]! * words.values[k]!);
    total += push;
    return push;
  });
  if (total === 0) {
    add('head:words', 'its words and word pairs', contribution);
    return;
  }
  words.indices.forEach((index, k) => {
    const term = model.words.terms[index]!;
    add(`word:${term}`, termPhrase(term), (contribution * pushes[k]!) / total);
  });
}

/** Shares the spelling head's contribution among the words whose grams pushed it the same way. */
function splitOverSpelling(
  model: Model,
  charRow: (canonical: string) => SparseRow,
  { canonical, chars }: ExplainedRow,
  contribution: number,
  add: Add,
): void {
  const direction = Math.sign(contribution);
  const pushOf = new Map<number, number>();
  chars.indices.forEach((gram, k) => {
    const push = direction * model.charHead.weights[gram]! * chars.values[k]!;
    if (push > 0) pushOf.set(gram, push);
  });
  const chunks = [...new Set(canonical.split(/\s+/))].map((chunk) => ({
    token: tokenise(chunk, { punctuation: true })[0],
    grams: [...charRow(chunk).indices].filter((gram) => pushOf.has(gram)),
  }));
  const holders = new Map<number, number>();
  for (const { grams } of chunks) for (const gram of grams) holders.set(gram, (holders.get(gram) ?? 0) + 1);
  const pushes = chunks.map(({ grams }) =>
    grams.reduce((sum, gram) => sum + pushOf.get(gram)! / holders.get(gram)!, 0),
  );
  const total = pushes.reduce((sum, push) => sum + push, 0);
  if (total === 0) {
    add('head:characters', 'its spelling', contribution);
    return;
  }
  chunks.forEach(({ token }, at) => {
    const share = (contribution * pushes[at]!) / total;
    if (token === undefined) add('head:characters', 'its spelling', share);
    else add(`word:${token}`, termPhrase(token), share);
  });
}

function meaningOf(model: Model, embedding: Float32Array | undefined): string {
  const intents = model.dense.find((head) => head.readout.kind === 'groups');
  if (!embedding || !intents) return 'its meaning as a whole';
  const nearest = likeliest(intents, embedding, 0, 2).map(({ name }) => name);
  return `its meaning as a whole, nearest to: ${nearest.join(', ')}`;
}
