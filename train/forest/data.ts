import { LanewayError } from '../../models/base/errors.ts';

/** Columns that are mostly zero, compressed by column; rows ascend strictly within a column. */
export interface SparseColumns {
  readonly columns: number;
  /** `columns + 1` offsets into the other two. */
  readonly indptr: Uint32Array;
  readonly rowIndices: Uint32Array;
  readonly values: Float32Array;
}

/**
 * What a forest learns from. Column ids are those of the rows the forest will be asked about: the dense columns
 * first, 0 to `denseColumns - 1`, then the sparse ones.
 */
export interface ForestData {
  readonly rows: number;
  /** All of them, dense and sparse; at most 65,535. */
  readonly columns: number;
  /** `rows x (columns - sparse.columns)`, row after row, finite. */
  readonly dense: Float32Array;
  readonly sparse?: SparseColumns;
  /** 1: positive, 0: negative. */
  readonly y: Uint8Array;
  /** Finite, not negative; a row of weight 0 is scored out of bag but never learned from. */
  readonly weight: Float32Array;
  /** Rows that must be in a bag together (one template), any numbers. */
  readonly group: Uint32Array;
}

function invalid(message: string, where: string): LanewayError {
  return new LanewayError('FOREST_DATA_INVALID', message, {
    where,
    fix: 'Check the feature extraction that made the training matrix.',
  });
}

function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i]!)) return false;
  return true;
}

function checkSparse(sparse: SparseColumns, rows: number): void {
  const { columns, indptr, rowIndices, values } = sparse;
  const nonZeros = rowIndices.length;
  if (indptr.length !== columns + 1 || indptr[0] !== 0 || indptr[columns] !== nonZeros)
    throw invalid(
      `The offsets of ${columns} sparse columns do not cover ${nonZeros} entries.`,
      'sparse.indptr',
    );
  for (let column = 0; column < columns; column++)
    if (indptr[column + 1]! < indptr[column]!)
      throw invalid(`Column ${column} ends before it starts.`, 'sparse.indptr');
  if (values.length !== nonZeros)
    throw invalid(`${values.length} values for ${nonZeros} row indices.`, 'sparse.values');
  if (!allFinite(values)) throw invalid('A sparse value is not a finite number.', 'sparse.values');
  for (let column = 0; column < columns; column++) {
    const end = indptr[column + 1]!;
    for (let at = indptr[column]!, previous = -1; at < end; at++) {
      const row = rowIndices[at]!;
      if (row <= previous || row >= rows)
        throw invalid(`Row ${row} of column ${column} is out of order or range.`, 'sparse.rowIndices');
      previous = row;
    }
  }
}

/** @throws LanewayError `FOREST_DATA_INVALID`, `where` naming the array that is wrong */
export function checkData(data: ForestData): void {
  const { rows, columns, dense, sparse, y, weight, group } = data;
  const denseColumns = columns - (sparse?.columns ?? 0);
  if (!Number.isInteger(rows) || rows < 1) throw invalid('There are no rows to learn from.', 'rows');
  if (!Number.isInteger(columns) || columns < 1 || columns > 0xffff || denseColumns < 0)
    throw invalid(`${columns} columns, of which ${sparse?.columns ?? 0} sparse, cannot be.`, 'columns');
  if (dense.length !== rows * denseColumns)
    throw invalid(`${dense.length} dense values for ${rows} rows of ${denseColumns} dense columns.`, 'dense');
  if (y.length !== rows || weight.length !== rows || group.length !== rows)
    throw invalid(`Labels, weights and groups must each have ${rows} entries.`, 'y, weight, group');
  if (!allFinite(dense)) throw invalid('A dense value is not a finite number.', 'dense');
  if (sparse !== undefined) checkSparse(sparse, rows);
  let positive = 0;
  let negative = 0;
  for (let row = 0; row < rows; row++) {
    const label = y[row]!;
    const w = weight[row]!;
    if (label > 1) throw invalid(`Label ${label} of row ${row} is neither 0 nor 1.`, 'y');
    if (!(w >= 0 && Number.isFinite(w))) throw invalid(`Weight ${w} of row ${row} cannot be.`, 'weight');
    if (label === 1) positive += w;
    else negative += w;
  }
  if (positive === 0 || negative === 0)
    throw invalid(
      `All weight lies on ${positive === 0 ? 'negative' : 'positive'} rows; both classes are needed.`,
      'y',
    );
}
