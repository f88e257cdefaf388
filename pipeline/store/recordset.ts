import { type RawBuilder, sql } from 'kysely';

/** SQL types that a list of rows may carry. */
type ColumnType = 'text' | 'bigint' | 'integer' | 'boolean';

/**
 * As {@link recordset}, but columns that no row has are not looked for in each of them; they are null.
 *
 * @returns a query of all `columns`
 */
export function sparseRecordset(
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly Readonly<Record<string, unknown>>[],
): RawBuilder<unknown> {
  const used: Record<string, ColumnType> = {};
  const selected: string[] = [];
  for (const [name, type] of Object.entries(columns)) {
    const isUsed = rows.some((row) => row[name] !== undefined && row[name] !== null);
    if (isUsed) used[name] = type;
    selected.push(isUsed ? `"${name}"` : `null::${type} as "${name}"`);
  }
  return sql`select ${sql.raw(selected.join(', '))} from ${recordset(used, rows)}`;
}

/**
 * Many rows as one parameter: `json_to_recordset($1) as x(...)`. One statement of one shape whatever the
 * number of rows, so nothing depends on parameter limits and the server parses the same text each time.
 *
 * @param columns name to SQL type; keys of `rows` beyond these are ignored, missing ones are null
 */
export function recordset(
  columns: Readonly<Record<string, ColumnType>>,
  rows: readonly object[],
): RawBuilder<unknown> {
  const definition = Object.entries(columns)
    .map(([name, type]) => `"${name}" ${type}`)
    .join(', ');
  return sql`json_to_recordset(${JSON.stringify(rows)}::json) as x(${sql.raw(definition)})`;
}
