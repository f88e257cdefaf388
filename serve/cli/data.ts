import { readCorpus } from '../../data/corpus.ts';
import { type GeneratedRow, generatedLine, generateRows } from '../../data/generate.ts';
import { type LabelledRow, readLabelled } from '../../data/read/labelled.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import type { CliContext } from './context.ts';
import { readLabelledData } from './labelled-data.ts';
import { type DataFlags, labelledOptions } from './options.ts';
import { openOutput } from './output.ts';
import { corpusStatsCommand, type StatsFlags } from './stats.ts';

/** `laneway data stats`: what the authored corpus, or a labelled file, is made of. */
export async function statsCommand(context: CliContext, flags: StatsFlags): Promise<void> {
  const { print } = context;
  if (flags.data !== undefined) {
    const { rows } = await readLabelledData(context, flags.data, flags);
    printCounts(context, 'class', rows, (row) => row.label ?? 'risk only');
    for (const field of ['hard', 'channel', 'industry', 'locale', 'source'] as const) {
      if (rows.some((row) => row[field] !== undefined)) {
        printCounts(context, field, rows, (row) => String(row[field] ?? '-'));
      }
    }
    const distinct = new Set(rows.map((row) => canonicalise(row.text))).size;
    print(`distinct canonical texts: ${distinct}`);
    return;
  }
  await corpusStatsCommand(context, flags);
}

function printCounts<T>(
  context: CliContext,
  title: string,
  items: readonly T[],
  keyOf: (item: T) => string,
): void {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  context.print(`by ${title}`);
  for (const [key, count] of [...counts].sort((a, b) => b[1] - a[1])) {
    context.print(
      `  ${key.padEnd(28)} ${String(count).padStart(7)}  ${((100 * count) / items.length).toFixed(1)}%`,
    );
  }
}

export interface GenerateFlags {
  readonly count: number;
  readonly out?: string;
  readonly seed?: number;
  readonly promotionalShare?: number;
  readonly scamShare?: number;
  /** Counts the distinct canonical texts, which takes longer than writing the rows. */
  readonly distinct?: boolean;
}

/** Lines that are written at a time. */
const CHUNK = 1_000;

/**
 * `laneway data generate`: messages of any number from the authored corpus, as JSONL or CSV by the file's name,
 * compressed when it ends in `.gz`.
 */
export async function generateCommand(context: CliContext, flags: GenerateFlags): Promise<void> {
  const { out = '-', count } = flags;
  const toText = /\.csv(\.gz)?$/i.test(out) ? csvLine : jsonLine;
  const output = await openOutput(out);
  try {
    let text = toText === csvLine ? `${CSV_COLUMNS.join(',')}\n` : '';
    let done = 0;
    const rows = generateRows(readCorpus(), {
      count,
      ...(flags.seed === undefined ? {} : { seed: flags.seed }),
      ...(flags.promotionalShare === undefined ? {} : { promotionalShare: flags.promotionalShare }),
      ...(flags.scamShare === undefined ? {} : { scamShare: flags.scamShare }),
    });
    const fingerprints = new Set<string>();
    for (const row of rows) {
      text += toText(row);
      if (flags.distinct) fingerprints.add(fingerprint(canonicalise(row.text)));
      if (++done % CHUNK > 0 && done < count) continue;
      if (!(await output.write(text))) return;
      text = '';
      if (out !== '-') context.progress.show('generating', done, count);
    }
    await output.commit();
    context.progress.end();
    if (out !== '-') context.note(`${done} rows written to ${out}`);
    if (flags.distinct) context.note(`${fingerprints.size} distinct canonical texts`);
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    context.progress.end();
  }
}

function fieldsOf(row: GeneratedRow): Record<string, string | number | boolean> {
  return {
    text: row.text,
    label: row.label ?? 'risk',
    sender: row.sender,
    recipient: row.recipient,
    sentAt: new Date(row.sentAt).toISOString(),
    channel: row.channel,
    industry: row.industry,
    locale: row.locale,
    template: row.template,
    hard: row.hard === true,
    risk: row.risk === true,
    ...row.metadata,
  };
}

const CSV_COLUMNS = [
  'text', 'label', 'sender', 'recipient', 'sentAt', 'channel', 'industry', 'locale', 'template', 'hard', 'risk',
  'senderReputation', 'localHour', 'weekday', 'burst', 'daysSinceEngaged', 'optedIn',
] as const; // biome-ignore format: one list

function jsonLine(row: GeneratedRow): string {
  return `${generatedLine(row)}\n`;
}

/** RFC 4180: every field quoted, quotes doubled. */
function csvLine(row: GeneratedRow): string {
  const fields = fieldsOf(row);
  return `${CSV_COLUMNS.map((name) => `"${String(fields[name] ?? '').replaceAll('"', '""')}"`).join(',')}\n`;
}

/** `laneway data check FILE`: every row that could not be used, and what is doubtful about the rest. */
export async function checkCommand(context: CliContext, path: string, flags: DataFlags): Promise<void> {
  const { print } = context;
  const { rows, bad, ignored, filtered } = await readLabelled(path, { ...labelledOptions(flags), maxBad: 1 });
  for (const row of bad) print(`${path}:${row.line}: ${row.code}: ${row.reason}`);
  for (const { lines, text } of contradictionsOf(rows)) {
    print(`${path}:${lines.join(',')}: both labels for one text: ${JSON.stringify(text.slice(0, 80))}`);
  }
  const total = rows.length + bad.length + ignored + filtered;
  const distinct = new Set(rows.map((row) => row.text)).size;
  print(
    `${total} rows: ${rows.length} usable (${distinct} distinct texts), ${ignored} ignored, ${filtered} left out, ${bad.length} bad`,
  );
  const share = flags.maxBad ?? 0.01;
  if (bad.length > share * total) {
    throw new LanewayError('DATA_TOO_MANY_BAD', `${bad.length} of ${total} rows are bad`, {
      where: path,
      fix: `Mend them, map labels with --map, or allow more with --max-bad (now ${share}).`,
    });
  }
}

/** Texts (as they are) that stand in the data with both labels, with their lines. */
export function contradictionsOf(
  rows: readonly Pick<LabelledRow, 'text' | 'label' | 'line'>[],
): { lines: number[]; text: string }[] {
  const seen = new Map<string, { lines: number[]; labels: Set<string> }>();
  for (const { text, label, line } of rows) {
    if (label === undefined) continue;
    const entry = seen.get(text) ?? { lines: [], labels: new Set() };
    entry.lines.push(line);
    entry.labels.add(label);
    seen.set(text, entry);
  }
  return [...seen].filter(([, { labels }]) => labels.size > 1).map(([text, { lines }]) => ({ text, lines }));
}
