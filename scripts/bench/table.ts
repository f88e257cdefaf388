/** Rows as aligned lines under a header; numbers to the right, at most four significant digits after the point. */
export function formatTable(rows: readonly Readonly<Record<string, string | number>>[]): string[] {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = rows.map((row) => columns.map((column) => formatCell(row[column])));
  const numeric = columns.map((column) => rows.every((row) => typeof (row[column] ?? 0) === 'number'));
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...cells.map((line) => line[at]!.length)),
  );
  const lay = (line: readonly string[]) =>
    line
      .map((cell, at) => (numeric[at] ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!)))
      .join('  ')
      .trimEnd();
  return [lay(columns), widths.map((width) => '-'.repeat(width)).join('  '), ...cells.map(lay)];
}

function formatCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)));
}
