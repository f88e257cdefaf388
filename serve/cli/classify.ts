import { createReadStream, statSync } from 'node:fs';
import { extname } from 'node:path';
import { type ReadRecord, readRecords } from '../../data/read/records.ts';
import { monotonicMs } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { highlight } from '../../models/highlight.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import type { CliContext } from './context.ts';
import { explainMessage } from './explain-message.ts';
import { openClassifier } from './open-model.ts';
import { type DataFlags, readOptions } from './options.ts';
import { type LineOutput, openOutput } from './output.ts';

export interface ClassifyFlags extends Pick<DataFlags, 'format' | 'encoding' | 'column'> {
  /** CSV or JSONL file; `-` (default) is standard input. */
  readonly data?: string;
  /** JSONL file; `-` (default) is standard output. */
  readonly out?: string;
  /** Name, version or alias; default the champion. */
  readonly model?: string;
  /** Columns copied from the row to its output line. */
  readonly pass?: readonly string[];
  /** Also the reasons and where in the text they stand. */
  readonly explain?: boolean;
  /** One message, explained on the screen; no file is read or written. */
  readonly text?: string;
}

export interface ClassifyCounts {
  readonly lines: number;
  readonly bad: number;
  readonly promotional: number;
  readonly unsure: number;
}

/** Messages that are classified together; verdicts do not depend on it. */
const BATCH = 512;

async function explainOne(context: CliContext, text: string, reference?: string): Promise<void> {
  const { classifier } = await openClassifier(context, reference);
  try {
    const [verdict] = await classifier.classify([{ text }]);
    context.progress.end();
    for (const line of explainMessage(text, verdict!, { styled: process.stdout.isTTY === true }))
      context.print(line);
  } finally {
    await classifier.close();
  }
}

/** `laneway classify`: one output line for every input line, in input order. */
export async function classifyCommand(context: CliContext, flags: ClassifyFlags): Promise<void> {
  const { progress, note } = context;
  const { data = '-', out = '-' } = flags;
  if (flags.text !== undefined) return explainOne(context, flags.text, flags.model);
  requireFile(data);
  const { model, classifier } = await openClassifier(context, flags.model);
  const total = data !== '-' && process.stderr.isTTY ? await countLines(data) : undefined;
  const output = await openOutput(out);
  const startedMs = monotonicMs();
  try {
    const counts = await classifyRecords(readRecords(data, readOptions(flags)), classifier, output, {
      ...(flags.column ? { columns: flags.column } : {}),
      ...(flags.pass ? { pass: flags.pass } : {}),
      ...(flags.explain ? { explain: true } : {}),
      needsHeader: flags.format === 'csv' || ['.csv', '.tsv'].includes(extname(data).toLowerCase()),
      onProgress: (done) => {
        if (total !== undefined) progress.show('classifying', done, total);
      },
    });
    await output.commit();
    progress.end();
    const perSecond = Math.round((counts.lines * 1000) / Math.max(1, monotonicMs() - startedMs));
    note(
      `${counts.lines} lines: ${counts.lines - counts.bad - counts.promotional} transactional, ${counts.promotional} promotional, ${counts.bad} bad; ${counts.unsure} unsure; ${perSecond} lines/s; model ${model.manifest.version}${out === '-' ? '' : `; written to ${out}`}`,
    );
  } catch (error) {
    await output.discard();
    throw error;
  } finally {
    progress.end();
    await classifier.close();
  }
}

export interface ClassifyRecordsOptions {
  readonly columns?: Readonly<Record<string, string>>;
  readonly pass?: readonly string[];
  /** Adds `reasons` and `spans` to each line; default false. */
  readonly explain?: boolean;
  /** The file has a header: a missing text column is wrong once, not in every row. */
  readonly needsHeader?: boolean;
  readonly onProgress?: (lines: number) => void;
}

/**
 * Classifies a stream of records and writes a line for each, in order.
 *
 * @throws LanewayError `DATA_NO_COLUMN`, and what reading the records throws
 */
export async function classifyRecords(
  records: AsyncIterable<ReadRecord>,
  classifier: Classifier,
  output: Pick<LineOutput, 'write'>,
  options: ClassifyRecordsOptions = {},
): Promise<ClassifyCounts> {
  const counts = { lines: 0, bad: 0, promotional: 0, unsure: 0 };
  const textColumn = options.columns?.['text'] ?? 'text';
  let batch: Line[] = [];
  let headerSeen = false;
  const flush = async (): Promise<boolean> => {
    const good = batch.flatMap((line) => (line.text === undefined ? [] : [{ text: line.text }]));
    const verdicts =
      good.length > 0 ? await classifier.classify(good, { reasons: options.explain === true }) : [];
    let at = 0;
    let text = '';
    for (const line of batch) {
      const verdict = line.text === undefined ? undefined : verdicts[at++]!;
      text += `${JSON.stringify(toOutput(line, verdict, options.explain))}\n`;
      counts.lines++;
      if (!verdict) counts.bad++;
      else if (verdict.class === 'promotional') counts.promotional++;
      if (verdict?.band === 'unsure') counts.unsure++;
    }
    batch = [];
    options.onProgress?.(counts.lines);
    return output.write(text);
  };
  for await (const item of records) {
    if ('record' in item && options.needsHeader && !headerSeen) {
      headerSeen = true;
      requireTextColumn(item.record, textColumn);
    }
    batch.push(toLine(item, textColumn, options));
    if (batch.length >= BATCH && !(await flush())) return counts;
  }
  if (batch.length > 0) await flush();
  return counts;
}

interface Line {
  readonly id: string | number;
  /** Undefined: the row is bad. */
  readonly text?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly passed?: Readonly<Record<string, unknown>>;
}

function toLine(item: ReadRecord, textColumn: string, options: ClassifyRecordsOptions): Line {
  if ('error' in item) {
    const { code, message } = item.error;
    return { id: item.line, error: { code, message } };
  }
  const { record, line } = item;
  const given = record[options.columns?.['id'] ?? 'id'];
  const id = typeof given === 'number' || (typeof given === 'string' && given !== '') ? given : line;
  const text = record[textColumn];
  if (typeof text !== 'string' || text.trim() === '') {
    const reason =
      text === undefined
        ? `there is no "${textColumn}"`
        : typeof text === 'string'
          ? `"${textColumn}" is empty`
          : `"${textColumn}" is not a string`;
    return { id, error: { code: 'ROW_NO_TEXT', message: `line ${line}: ${reason}` } };
  }
  const passed = options.pass
    ? Object.fromEntries(options.pass.filter((name) => name in record).map((name) => [name, record[name]]))
    : undefined;
  return { id, text, ...(passed ? { passed } : {}) };
}

function toOutput(line: Line, verdict: Verdict | undefined, explain = false): Record<string, unknown> {
  if (!verdict) return { id: line.id, error: line.error };
  const { class: verdictClass, probability, band, risk, reasons } = verdict;
  return {
    ...line.passed,
    id: line.id,
    class: verdictClass,
    probability,
    band,
    risk,
    ...(explain ? { reasons, spans: highlight(line.text!, reasons) } : {}),
  };
}

function requireTextColumn(record: Readonly<Record<string, unknown>>, column: string): void {
  if (column in record) return;
  throw new LanewayError(
    'DATA_NO_COLUMN',
    `there is no "${column}" column; there are: ${Object.keys(record).join(', ')}`,
    { fix: 'Name the column that holds the text with --column text=NAME.' },
  );
}

/** Says so before a model is opened, or even trained. */
function requireFile(path: string): void {
  if (path === '-' || statSync(path, { throwIfNoEntry: false })?.isFile()) return;
  throw new LanewayError('DATA_NOT_FOUND', `${path} is not a file`, {
    where: path,
    fix: 'Check the path given with --data.',
  });
}

async function countLines(path: string): Promise<number | undefined> {
  let lines = 0;
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
    }
  } catch {
    // The reader says what is wrong with the file.
    return undefined;
  }
  return lines;
}
