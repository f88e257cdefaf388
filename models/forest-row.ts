import type { Layout } from './features/layout.ts';
import type { SparseRow } from './heads/linear.ts';
import type { Model } from './model.ts';

/** Head scores of one row in layout order. */
export interface HeadScores {
  readonly word: number;
  readonly char: number;
  readonly dense: readonly number[];
}

/** Writes one forest row; `out` must be zero there. */
export function writeRow(
  model: Pick<Model, 'terms'>,
  layout: Layout,
  row: { readonly signals: Float32Array; readonly words: SparseRow },
  heads: HeadScores,
  metadata: Uint8Array,
  out: Float32Array,
  offset: number,
): void {
  out.set(row.signals, offset + layout.signals);
  out[offset + layout.wordHead] = heads.word;
  out[offset + layout.charHead] = heads.char;
  out.set(metadata, offset + layout.metadata);
  out.set(heads.dense, offset + layout.denseHeads);
  const { indices, values } = row.words;
  for (let k = 0, at = 0; k < indices.length && at < model.terms.length; ) {
    const difference = indices[k]! - model.terms[at]!;
    if (difference === 0) out[offset + layout.terms + at++] = values[k++]!;
    else if (difference < 0) k++;
    else at++;
  }
}
