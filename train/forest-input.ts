import { type Layout, layoutOf } from '../models/features/layout.ts';
import { METADATA_COLUMNS } from '../models/features/metadata.ts';
import { countSignals, SIGNAL_COUNT } from '../models/features/signals.ts';
import { type HeadScores, writeRow } from '../models/forest-row.ts';
import type { Circumstance, TrainingRow } from './fold-rows.ts';
import type { ForestData, SparseColumns } from './forest/data.ts';
import type { SparseMatrix } from './sparse-matrix.ts';

/** What one forest learns from: a row for each labelled text in each of its circumstances. */
export interface ForestInput {
  readonly data: ForestData;
  readonly layout: Layout;
  /** Text of each row. */
  readonly texts: Uint32Array;
  /** Share of its text that each row stands for: 1 where a text has one row. */
  readonly share: Float32Array;
}

export interface ForestInputRequest {
  readonly rows: readonly TrainingRow[];
  /** Group of each text; groups are never torn apart. */
  readonly groups: Uint32Array;
  readonly words: SparseMatrix;
  /** Columns of the word vocabulary that the forest sees as they are, ascending. */
  readonly raw: Uint32Array;
  /** How many of the embedding heads it sees, 0 for the lexical forest. */
  readonly denseHeads: number;
  /** Scores of a text by heads that never saw it. */
  readonly scoresOf: (text: number) => HeadScores;
}

const NO_TERMS = new Uint32Array(0);
const UNKNOWN: readonly Circumstance[] = [{ bins: new Uint8Array(METADATA_COLUMNS.length), rows: 1 }];

/**
 * Builds the table of one forest. A text that stands for many rows counts by the logarithm of their number, shared out
 * over its circumstances.
 */
export function forestInput(request: ForestInputRequest): ForestInput {
  const { rows, groups, words, raw, denseHeads, scoresOf } = request;
  const labelled = Uint32Array.from(rows.keys()).filter((text) => rows[text]!.target !== -1);
  const circumstancesOf = (text: number) => rows[text]!.circumstances ?? UNKNOWN;
  let count = 0;
  for (const text of labelled) count += circumstancesOf(text).length;

  const layout = layoutOf(denseHeads, raw.length);
  const width = layout.terms;
  const narrow = { ...layout, columns: width };
  const dense = new Float32Array(count * width);
  const texts = new Uint32Array(count);
  const weight = new Float32Array(count);
  const share = new Float32Array(count);
  const one = new Float32Array(width);
  const read = { signals: new Float32Array(SIGNAL_COUNT), words: NO_WORDS };
  let at = 0;
  for (const text of labelled) {
    const row = rows[text]!;
    const circumstances = circumstancesOf(text);
    const all = circumstances.reduce((sum, { rows: held }) => sum + held, 0);
    one.fill(0);
    countSignals(row.canonical, read.signals);
    writeRow({ terms: NO_TERMS }, narrow, read, scoresOf(text), UNKNOWN[0]!.bins, one, 0);
    for (const { bins, rows: held } of circumstances) {
      dense.set(one, at * width);
      dense.set(bins, at * width + layout.metadata);
      texts[at] = text;
      share[at] = held / all;
      weight[at++] = ((1 + Math.log(row.weight)) * held) / all;
    }
  }
  return {
    layout,
    texts,
    share,
    data: {
      rows: count,
      columns: layout.columns,
      dense,
      sparse: sparseColumns(texts, words, raw),
      y: Uint8Array.from(texts, (text) => rows[text]!.target),
      weight,
      group: Uint32Array.from(texts, (text) => groups[text]!),
    },
  };
}

const NO_WORDS = { indices: new Uint32Array(0), values: new Float32Array(0) };

/** The raw terms of each forest row, column by column. */
function sparseColumns(texts: Uint32Array, words: SparseMatrix, raw: Uint32Array): SparseColumns {
  const columnOf = new Int32Array(words.columns).fill(-1);
  raw.forEach((term, column) => {
    columnOf[term] = column;
  });
  const each = (visit: (column: number, row: number, value: number) => void) => {
    for (let row = 0; row < texts.length; row++) {
      const text = texts[row]!;
      for (let k = words.starts[text]!; k < words.starts[text + 1]!; k++) {
        const column = columnOf[words.indices[k]!]!;
        if (column >= 0) visit(column, row, words.values[k]!);
      }
    }
  };
  const indptr = new Uint32Array(raw.length + 1);
  each((column) => {
    indptr[column + 1]!++;
  });
  for (let column = 0; column < raw.length; column++) indptr[column + 1]! += indptr[column]!;
  const next = indptr.slice();
  const rowIndices = new Uint32Array(indptr[raw.length]!);
  const values = new Float32Array(indptr[raw.length]!);
  each((column, row, value) => {
    rowIndices[next[column]!] = row;
    values[next[column]!++] = value;
  });
  return { columns: raw.length, indptr, rowIndices, values };
}
