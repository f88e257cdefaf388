import type { Model } from '../model.ts';
import { METADATA_COLUMNS } from './metadata.ts';
import { SIGNALS } from './signals.ts';
import { termPhrase } from './terms.ts';

/** What one forest column is. `name` is stable and goes into reasons; `phrase` is what a person reads. */
export interface ColumnInfo {
  readonly name: string;
  readonly phrase: string;
}

/**
 * Order of the forest's columns: signals, lexical heads (word, character), metadata bins, [embedding heads], strongest
 * raw terms. The dense part comes first because most raw terms are absent from most messages.
 */
export interface Layout {
  readonly signals: number;
  readonly wordHead: number;
  readonly charHead: number;
  readonly metadata: number;
  /** First embedding head; equal to `terms` in the lexical layout. */
  readonly denseHeads: number;
  /** First raw term. */
  readonly terms: number;
  readonly columns: number;
}

/** @param denseHeads number of embedding heads, 0 for the lexical forest */
export function layoutOf(denseHeads: number, terms: number): Layout {
  const wordHead = SIGNALS.length;
  const metadata = wordHead + 2;
  const dense = metadata + METADATA_COLUMNS.length;
  return {
    signals: 0,
    wordHead,
    charHead: wordHead + 1,
    metadata,
    denseHeads: dense,
    terms: dense + denseHeads,
    columns: dense + denseHeads + terms,
  };
}

/** Names and phrases of all columns, in order. */
export function describeColumns(
  model: Pick<Model, 'words' | 'terms' | 'dense' | 'kernel'>,
  withEmbedding: boolean,
): ColumnInfo[] {
  return [
    ...SIGNALS.map(({ name, phrase }) => ({ name: `signal:${name}`, phrase })),
    { name: 'head:words', phrase: 'its words and word pairs' },
    { name: 'head:characters', phrase: 'its spelling' },
    ...METADATA_COLUMNS.map(({ name, phrase }) => ({ name: `metadata:${name}`, phrase })),
    ...(withEmbedding
      ? [...model.dense, ...(model.kernel ? [model.kernel] : [])].map(({ name, phrase }) => ({
          name: `embedding:${name}`,
          phrase,
        }))
      : []),
    ...Array.from(model.terms, (term) => ({
      name: `term:${model.words.terms[term]}`,
      phrase: termPhrase(model.words.terms[term]!),
    })),
  ];
}
