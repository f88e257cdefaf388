import type { Layout } from '../models/features/layout.ts';
import { METADATA_COLUMNS } from '../models/features/metadata.ts';
import type { ForestData } from './forest/data.ts';

/**
 * A part of the model that a forest can be grown without: `words` and `characters` are the linear heads, `embedding` all
 * heads on the embedding; `head:NAME` one of those (`head:class`, `head:intents`, ...).
 */
export type ModelPart =
  | 'words'
  | 'characters'
  | 'signals'
  | 'terms'
  | 'metadata'
  | 'embedding'
  | `head:${string}`;

/**
 * Takes parts away from what a forest learns from: their columns become the same for all rows, so that no tree can
 * split on them, and the forest answers rows of the whole model as they are.
 *
 * @param embeddingHeads names of the heads on the embedding in column order, empty for the lexical forest
 */
export function withoutParts(
  data: ForestData,
  layout: Layout,
  parts: readonly ModelPart[],
  embeddingHeads: readonly string[],
): ForestData {
  if (parts.length === 0) return data;
  const blank = new Set(parts.flatMap((part) => columnsOf(part, layout, embeddingHeads)));
  const width = layout.terms;
  const dense = data.dense.slice();
  for (let row = 0; row < data.rows; row++) for (const column of blank) dense[row * width + column] = 0;
  const { sparse, ...rest } = data;
  if (sparse === undefined) return { ...rest, dense };
  const kept = parts.includes('terms')
    ? {
        columns: sparse.columns,
        indptr: new Uint32Array(sparse.columns + 1),
        rowIndices: new Uint32Array(0),
        values: new Float32Array(0),
      }
    : sparse;
  return { ...rest, dense, sparse: kept };
}

function columnsOf(part: ModelPart, layout: Layout, embeddingHeads: readonly string[]): number[] {
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
  switch (part) {
    case 'words':
      return [layout.wordHead];
    case 'characters':
      return [layout.charHead];
    case 'signals':
      return range(layout.signals, layout.wordHead);
    case 'metadata':
      return range(layout.metadata, layout.metadata + METADATA_COLUMNS.length);
    case 'embedding':
      return range(layout.denseHeads, layout.denseHeads + embeddingHeads.length);
    case 'terms':
      return [];
    default: {
      const at = embeddingHeads.indexOf(part.slice('head:'.length));
      return at < 0 ? [] : [layout.denseHeads + at];
    }
  }
}
