import { LanewayError } from '../../models/base/errors.ts';
import { type ReadOptions, readRecords } from './records.ts';

/** A labelled message. `label` is undefined for rows that train or measure the risk output only. */
export interface LabelledRow {
  readonly text: string;
  readonly label?: 'transactional' | 'promotional';
  /** Scam or phishing: known true, known false, or not stated. */
  readonly risk?: boolean;
  readonly sender?: string;
  readonly recipient?: string;
  /** Milliseconds since the epoch. */
  readonly sentAt?: number;
  readonly channel?: string;
  readonly industry?: string;
  readonly locale?: string;
  /** Rows of one template never stand on both sides of a split. */
  readonly template?: string;
  readonly source?: string;
  /** Mixed or debatable; reported apart. */
  readonly hard?: boolean;
  /** 1-based line in its file. */
  readonly line: number;
}

export interface LabelledOptions extends ReadOptions {
  /** Column that holds each field when it is not named like it: `{text: 'body', label: 'category'}`. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Label aliases: `{spam: 'promotional', personal: 'ignore', scam: 'risk'}`. */
  readonly map?: Readonly<Record<string, LabelMeaning>>;
  /** Only rows whose column has one of the values, as strings: `{lang: ['en']}`. */
  readonly where?: Readonly<Record<string, readonly string[]>>;
  /** Share of bad rows tolerated, 0 to 1; default 0.01. */
  readonly maxBad?: number;
}

export type LabelMeaning = 'transactional' | 'promotional' | 'risk' | 'ignore';

export interface BadRow {
  readonly line: number;
  readonly code: string;
  readonly reason: string;
}

export interface LabelledData {
  readonly rows: readonly LabelledRow[];
  readonly bad: readonly BadRow[];
  /** Rows that `map` says to ignore. */
  readonly ignored: number;
  /** Rows that `where` left out. */
  readonly filtered: number;
}

const MEANINGS: ReadonlySet<string> = new Set(['transactional', 'promotional', 'risk', 'ignore']);

/**
 * Reads a labelled file whole.
 *
 * @throws LanewayError what {@link readRecords} throws, and `DATA_NO_COLUMN` (no text or label column),
 *   `DATA_TOO_MANY_BAD` (more than `maxBad` of the rows are bad; names the first of them).
 */
export async function readLabelled(path: string, options: LabelledOptions = {}): Promise<LabelledData> {
  const rows: LabelledRow[] = [];
  const bad: BadRow[] = [];
  let ignored = 0;
  let filtered = 0;
  let checked = false;
  for await (const item of readRecords(path, options)) {
    if ('error' in item) {
      bad.push({ line: item.line, code: item.error.code, reason: item.error.message });
      continue;
    }
    if (!checked) {
      requireColumns(path, item.record, options);
      checked = true;
    }
    if (!isWanted(item.record, options.where)) {
      filtered++;
      continue;
    }
    const outcome = toRow(item.record, item.line, options);
    if (outcome === 'ignored') ignored++;
    else if ('code' in outcome) bad.push(outcome);
    else rows.push(outcome);
  }
  refuseTooManyBad(path, bad, rows.length + ignored + filtered + bad.length, options.maxBad ?? 0.01);
  return { rows, bad, ignored, filtered };
}

function requireColumns(
  path: string,
  record: Readonly<Record<string, unknown>>,
  options: LabelledOptions,
): void {
  for (const field of ['text', 'label']) {
    const column = options.columns?.[field] ?? field;
    if (column in record) continue;
    throw new LanewayError(
      'DATA_NO_COLUMN',
      `${path} has no "${column}" column; it has: ${Object.keys(record).join(', ')}`,
      {
        where: path,
        fix: `Name the column that holds the ${field}, for example --column ${field}=NAME.`,
      },
    );
  }
}

function isWanted(record: Readonly<Record<string, unknown>>, where: LabelledOptions['where']): boolean {
  if (!where) return true;
  return Object.entries(where).every(([column, values]) => values.includes(String(record[column] ?? '')));
}

function toRow(
  record: Readonly<Record<string, unknown>>,
  line: number,
  options: LabelledOptions,
): LabelledRow | BadRow | 'ignored' {
  const read = (field: string): unknown => record[options.columns?.[field] ?? field];
  const text = read('text');
  if (typeof text !== 'string' || text.trim() === '') {
    return { line, code: 'ROW_NO_TEXT', reason: 'the text is missing, empty or not a string' };
  }
  const label = String(read('label') ?? '').trim();
  const meaning = options.map?.[label] ?? (options.map?.[label.toLowerCase()] || label.toLowerCase());
  if (!MEANINGS.has(meaning)) {
    const reason =
      label === ''
        ? 'the label is missing'
        : `unknown label "${label}"; map it with --map ${label}=promotional|transactional|risk|ignore`;
    return { line, code: 'ROW_BAD_LABEL', reason };
  }
  if (meaning === 'ignore') return 'ignored';
  const sentAt = readTime(read('sentAt'));
  if (sentAt === 'bad')
    return { line, code: 'ROW_BAD_TIME', reason: `sentAt "${read('sentAt')}" is not an ISO 8601 time` };
  const risk = readFlag(read('risk'));
  return {
    text,
    line,
    ...(meaning === 'risk' ? { risk: true } : { label: meaning as 'transactional' | 'promotional' }),
    ...(meaning !== 'risk' && risk !== undefined ? { risk } : {}),
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(readFlag(read('hard')) ? { hard: true } : {}),
    ...strings(read, ['sender', 'recipient', 'channel', 'industry', 'locale', 'template', 'source']),
  };
}

function strings<K extends string>(
  read: (field: string) => unknown,
  fields: readonly K[],
): Partial<Record<K, string>> {
  const out: Partial<Record<K, string>> = {};
  for (const field of fields) {
    const value = read(field);
    if (value !== undefined && value !== null && value !== '') out[field] = String(value);
  }
  return out;
}

function readTime(value: unknown): number | undefined | 'bad' {
  if (value === undefined || value === null || value === '') return undefined;
  const ms = typeof value === 'number' ? value : Date.parse(String(value));
  return Number.isFinite(ms) ? ms : 'bad';
}

function readFlag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null || value === '') return undefined;
  return ['true', '1', 'yes', 'scam', 'phishing'].includes(String(value).toLowerCase());
}

function refuseTooManyBad(path: string, bad: readonly BadRow[], total: number, maxBad: number): void {
  if (bad.length <= maxBad * total) return;
  const first = bad.slice(0, 3).map((row) => `line ${row.line}: ${row.reason}`);
  throw new LanewayError(
    'DATA_TOO_MANY_BAD',
    `${bad.length} of ${total} rows of ${path} are bad (${first.join('; ')})`,
    {
      where: `${path}:${bad[0]!.line}`,
      fix: `Mend them, map their labels with --map, or allow more with --max-bad (now ${maxBad}).`,
    },
  );
}
