import { basename } from 'node:path';
import { type LabelledData, type LabelledSummary, readLabelled } from '../../data/read/labelled.ts';
import type { CliContext } from './context.ts';
import { type DataFlags, labelledOptions } from './options.ts';

const SHOWN_BAD_ROWS = 5;

/** Reads a labelled file and says what was left out of it. */
export async function readLabelledData(
  context: CliContext,
  path: string,
  flags: DataFlags,
): Promise<LabelledData> {
  const data = await readLabelled(path, labelledOptions(flags));
  noteLabelled(context, path, { ...data, rows: data.rows.length });
  return data;
}

/** Says how much of a labelled file was read and what was left out. */
export function noteLabelled(
  context: CliContext,
  path: string,
  { rows, bad, ignored, filtered }: LabelledSummary,
): void {
  const parts = [`${rows} rows`];
  if (ignored > 0) parts.push(`${ignored} ignored by --map`);
  if (filtered > 0) parts.push(`${filtered} left out by --where`);
  if (bad.length > 0) parts.push(`${bad.length} bad`);
  context.note(`${basename(path)}: ${parts.join(', ')}`);
  for (const row of bad.slice(0, SHOWN_BAD_ROWS)) context.note(`  line ${row.line}: ${row.reason}`);
  if (bad.length > SHOWN_BAD_ROWS)
    context.note(`  and ${bad.length - SHOWN_BAD_ROWS} more: laneway data check ${path}`);
}
