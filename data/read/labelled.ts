import { LanewayError } from '../../models/base/errors.ts';
import { type ReadOptions, readRecords } from './records.ts';

/** What was known about sender, time and recipient when a message was sent; each in a column of its own. */
export interface RowMetadata {
  /** Sender reputation from confirmed outcomes, 0 to 1. */
  readonly senderReputation?: number;
  /** Recipient-local hour, 0 to 23. */
  readonly localHour?: number;
  /** Recipient-local day, 0 Sunday to 6 Saturday. */
  readonly weekday?: number;
  /** Messages of the same template by the sender in the last hour. */
  readonly burst?: number;
  /** Days since the recipient last replied to or opened something of the sender. */
  readonly daysSinceEngaged?: number;
  readonly optedIn?: boolean;
}

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
  /** Language tag, such as `en` or `hi-Latn`. */
  readonly lang?: string;
  /** Rows of one template never stand on both sides of a split. */
  readonly template?: string;
  readonly source?: string;
  /** Mixed or debatable; reported apart. */
  readonly hard?: boolean;
  /** Undefined where the data has none of its columns. */
  readonly metadata?: RowMetadata;
  /** 1-based line in its file. */
  readonly line: number;
}

export interface LabelledOptions extends ReadOptions {
  /** Column that holds each field when it is not named like it: `{text: 'body', label: 'category'}`. */
  readonly columns?: Readonly<Record<string, string>>;
  /** Label aliases, in any case: `{spam: 'promotional', personal: 'ignore', scam: 'risk'}`. */
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

const MEANINGS: readonly LabelMeaning[] = ['transactional', 'promotional', 'risk', 'ignore'];

/** What a labelled file held besides usable rows, complete once all rows are read. */
export interface LabelledSummary {
  readonly rows: number;
  readonly bad: readonly BadRow[];
  readonly ignored: number;
  readonly filtered: number;
}

/** Rows of a labelled file, one at a time, and the summary at the end. */
export interface LabelledStream {
  readonly rows: AsyncGenerator<LabelledRow>;
  /** What has been read so far. */
  summary(): LabelledSummary;
}

/**
 * Reads a labelled file row by row; memory does not grow with its length but for bad rows.
 *
 * `rows` throws LanewayError: what {@link readRecords} throws, `DATA_NO_COLUMN` (no text, label or `where` column), and
 * at the end `DATA_TOO_MANY_BAD` (more than `maxBad` of the rows are bad; names the first of them).
 */
export function streamLabelled(path: string, options: LabelledOptions = {}): LabelledStream {
  const bad: BadRow[] = [];
  let ignored = 0;
  let filtered = 0;
  let usable = 0;
  async function* rows(): AsyncGenerator<LabelledRow> {
    const meanings = meaningsOf(options.map);
    const columns = new Set<string>();
    let records = 0;
    for await (const item of readRecords(path, options)) {
      if ('error' in item) {
        // An empty line is no row.
        if (item.error.code === 'ROW_EMPTY') continue;
        bad.push({ line: item.line, code: item.error.code, reason: item.error.message });
        continue;
      }
      if (records < RECORDS_SCANNED) for (const column of Object.keys(item.record)) columns.add(column);
      if (++records === RECORDS_SCANNED) requireColumns(path, columns, options);
      if (!isWanted(item.record, options.where)) {
        filtered++;
        continue;
      }
      const outcome = toRow(item.record, item.line, options.columns, meanings);
      if (outcome === 'ignored') ignored++;
      else if ('code' in outcome) bad.push(outcome);
      else {
        usable++;
        yield outcome;
      }
    }
    if (records > 0 && records < RECORDS_SCANNED) requireColumns(path, columns, options);
    refuseTooManyBad(path, bad, usable + ignored + filtered + bad.length, options.maxBad ?? 0.01);
  }
  return { rows: rows(), summary: () => ({ rows: usable, bad, ignored, filtered }) };
}

/**
 * Reads a labelled file whole.
 *
 * @throws LanewayError what the rows of {@link streamLabelled} throw
 */
export async function readLabelled(path: string, options: LabelledOptions = {}): Promise<LabelledData> {
  const stream = streamLabelled(path, options);
  const rows: LabelledRow[] = [];
  for await (const row of stream.rows) rows.push(row);
  const { bad, ignored, filtered } = stream.summary();
  return { rows, bad, ignored, filtered };
}

/** Records whose columns are looked at: in JSONL a field may be missing from some. */
const RECORDS_SCANNED = 100;

function requireColumns(path: string, present: ReadonlySet<string>, options: LabelledOptions): void {
  const needed = ['text', 'label'].map((field) => ({
    column: options.columns?.[field] ?? field,
    fix: `Name the column that holds the ${field}, for example --column ${field}=NAME.`,
  }));
  const selecting = Object.keys(options.where ?? {}).map((column) => ({
    column,
    fix: 'Name a column of the file in --where.',
  }));
  for (const { column, fix } of [...needed, ...selecting]) {
    if (present.has(column)) continue;
    const has = [...present].join(', ');
    throw new LanewayError('DATA_NO_COLUMN', `${path} has no "${column}" column; it has: ${has}`, {
      where: path,
      fix,
    });
  }
}

/** What each label means, by its lower-case form. */
function meaningsOf(map: LabelledOptions['map']): ReadonlyMap<string, LabelMeaning> {
  const given = Object.entries(map ?? {}).map(([label, meaning]) => [label.toLowerCase(), meaning] as const);
  return new Map([...MEANINGS.map((meaning) => [meaning, meaning] as const), ...given]);
}

function isWanted(record: Readonly<Record<string, unknown>>, where: LabelledOptions['where']): boolean {
  if (!where) return true;
  return Object.entries(where).every(([column, values]) => values.includes(String(record[column] ?? '')));
}

function toRow(
  record: Readonly<Record<string, unknown>>,
  line: number,
  columns: LabelledOptions['columns'],
  meanings: ReadonlyMap<string, LabelMeaning>,
): LabelledRow | BadRow | 'ignored' {
  const read = (field: string): unknown => record[columns?.[field] ?? field];
  const text = read('text');
  if (typeof text !== 'string' || text.trim() === '') {
    return { line, code: 'ROW_NO_TEXT', reason: 'the text is missing, empty or not a string' };
  }
  const label = String(read('label') ?? '').trim();
  const meaning = meanings.get(label.toLowerCase());
  if (meaning === undefined) {
    const reason =
      label === ''
        ? 'the label is missing'
        : `unknown label "${label}"; map it with --map ${label}=promotional|transactional|risk|ignore`;
    return { line, code: 'ROW_BAD_LABEL', reason };
  }
  if (meaning === 'ignore') return 'ignored';
  const sentAt = readTime(read('sentAt'));
  if (sentAt === 'bad')
    return {
      line,
      code: 'ROW_BAD_TIME',
      reason: `sentAt "${read('sentAt')}" is not an ISO 8601 time or milliseconds since 1970`,
    };
  const risk = readFlag(read('risk'));
  return {
    text,
    line,
    ...(meaning === 'risk' ? { risk: true } : { label: meaning }),
    ...(meaning !== 'risk' && risk !== undefined ? { risk } : {}),
    ...(sentAt === undefined ? {} : { sentAt }),
    ...(readFlag(read('hard')) ? { hard: true } : {}),
    ...strings(read, ['sender', 'recipient', 'channel', 'industry', 'locale', 'lang', 'template', 'source']),
    ...readMetadata(read),
  };
}

const METADATA_NUMBERS = ['senderReputation', 'localHour', 'weekday', 'burst', 'daysSinceEngaged'] as const;

/** Metadata that is missing or not a number is unknown, which is what the model makes of it as well. */
function readMetadata(read: (field: string) => unknown): { metadata?: RowMetadata } {
  const metadata: { -readonly [K in keyof RowMetadata]: RowMetadata[K] } = {};
  let any = false;
  for (const name of METADATA_NUMBERS) {
    const value = read(name);
    if (value === undefined || value === null || value === '') continue;
    const number = Number(value);
    if (!Number.isFinite(number)) continue;
    metadata[name] = number;
    any = true;
  }
  const optedIn = readFlag(read('optedIn'));
  if (optedIn !== undefined) metadata.optedIn = optedIn;
  return any || optedIn !== undefined ? { metadata } : {};
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

const ISO_TIME = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/** Milliseconds since the epoch, from such a number or ISO 8601; without a zone it is UTC on every machine. */
function readTime(value: unknown): number | undefined | 'bad' {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'number') return Number.isFinite(value) ? value : 'bad';
  const text = String(value).trim();
  if (/^\d{9,}$/.test(text)) return Number(text);
  const iso = ISO_TIME.exec(text);
  if (!iso) return 'bad';
  const ms = Date.parse(iso[1] || text.length === 10 ? text.replace(' ', 'T') : `${text.replace(' ', 'T')}Z`);
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
