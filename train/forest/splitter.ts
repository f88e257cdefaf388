import type { Random } from '../../models/base/random.ts';
import type { BinnedMatrix } from './binning.ts';
import type { Cut } from './criterion.ts';
import { type ColumnScanner, createColumnScanner, type NodeRows } from './histogram.ts';
import type { Samples } from './samples.ts';

/** The best split of a node. Reused between calls. */
export interface Split {
  found: boolean;
  /** Over all columns, dense first. */
  column: number;
  /** Bins up to this one go left; also the number of the edge that is the threshold. */
  bin: number;
  /** Sum of both children's Gini terms; see `criterion.ts`. */
  impurity: number;
  negativeLeft: number;
  positiveLeft: number;
}

/** Chooses how to split nodes of one tree after another. */
export interface Splitter {
  /** Must be called before each tree: forgets the order of earlier draws. */
  reset(): void;
  /** Valid until the next call. */
  split(node: NodeRows, random: Random): Split;
}

/**
 * Draws `featuresPerSplit` columns without replacement, afresh for each node, and takes the best cut among them
 * (Breiman, "Random Forests", 2001). When none of them can split the node, further columns are drawn one by
 * one until one can, as scikit-learn does; columns that do not vary in the node count as drawn.
 */
export function createSplitter(
  matrix: BinnedMatrix,
  samples: Samples,
  y: Uint8Array,
  featuresPerSplit: number,
  minLeaf: number,
): Splitter {
  const { denseColumns, sparseColumns } = matrix;
  const columns = denseColumns + sparseColumns;
  const scanner: ColumnScanner = createColumnScanner(
    matrix,
    samples,
    y,
    minLeaf,
    Math.min(featuresPerSplit, sparseColumns),
  );
  const drawn = new Uint16Array(columns);
  const chosen = new Int32Array(Math.max(1, Math.min(featuresPerSplit, sparseColumns)));
  const best: Split = {
    found: false,
    column: -1,
    bin: -1,
    impurity: Number.POSITIVE_INFINITY,
    negativeLeft: 0,
    positiveLeft: 0,
  };

  function keepBetter(cut: Cut, column: number): void {
    if (!cut.found || cut.impurity >= best.impurity) return;
    best.found = true;
    best.column = column;
    best.bin = cut.bin;
    best.impurity = cut.impurity;
    best.negativeLeft = cut.negativeLeft;
    best.positiveLeft = cut.positiveLeft;
  }

  function draw(position: number, random: Random): number {
    const other = position + random.below(columns - position);
    const column = drawn[other]!;
    drawn[other] = drawn[position]!;
    drawn[position] = column;
    return column;
  }

  function scanSparse(node: NodeRows, count: number): void {
    const cuts = scanner.sparse(node, chosen, count);
    for (let i = 0; i < count; i++) keepBetter(cuts[i]!, denseColumns + chosen[i]!);
  }

  function drawUntilOneSplits(node: NodeRows, random: Random): void {
    let stamped = false;
    for (let position = featuresPerSplit; position < columns && !best.found; position++) {
      const column = draw(position, random);
      if (column < denseColumns) {
        keepBetter(scanner.dense(node, column), column);
        continue;
      }
      if (!stamped) {
        scanner.stamp(node);
        stamped = true;
      }
      chosen[0] = column - denseColumns;
      if (scanner.touched(chosen[0])) scanSparse(node, 1);
    }
  }

  function split(node: NodeRows, random: Random): Split {
    best.found = false;
    best.impurity = Number.POSITIVE_INFINITY;
    let sparse = 0;
    for (let position = 0; position < featuresPerSplit; position++) {
      const column = draw(position, random);
      if (column < denseColumns) keepBetter(scanner.dense(node, column), column);
      else chosen[sparse++] = column - denseColumns;
    }
    if (sparse > 0) scanSparse(node, sparse);
    if (!best.found) drawUntilOneSplits(node, random);
    return best;
  }

  function reset(): void {
    for (let column = 0; column < columns; column++) drawn[column] = column;
  }

  return { reset, split };
}
