import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { CsvError, parse } from 'csv-parse';
import { LanewayError, messageOf } from '../../models/base/errors.ts';

/** One record of a file, or what is wrong with it. `line` is 1-based: where the record starts. */
export type ReadRecord =
  | { readonly line: number; readonly record: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly error: LanewayError };

export interface ReadOptions {
  /** Default by extension: `.csv`, `.tsv`, `.jsonl`, `.ndjson`, with or without `.gz`; JSONL for standard input. */
  readonly format?: 'csv' | 'jsonl';
  /** Any label that the WHATWG encoding standard knows; default `utf-8`, or UTF-16 when a byte order mark says so. */
  readonly encoding?: string;
  /** Told after every piece of a file how many of its bytes, as stored, have been read. */
  readonly onBytes?: (read: number, total: number) => void;
}

/** Longest record read, in UTF-16 code units: a missing quote or line end must not fill the memory. */
export const MAX_RECORD_CHARACTERS = 4_194_304;

/**
 * Streams the records of a CSV or JSONL file, unpacked when its name ends in `.gz`, `-` for standard input. A row
 * that cannot be read comes out as an `error` with its line, so that the caller decides how many it tolerates.
 *
 * @throws LanewayError `DATA_NOT_FOUND`, `DATA_FORMAT_UNKNOWN`, `DATA_ENCODING`, `DATA_BROKEN_QUOTE`,
 *   `DATA_GZIP`, `DATA_EMPTY`: the file as a whole cannot be read.
 */
export async function* readRecords(path: string, options: ReadOptions = {}): AsyncGenerator<ReadRecord> {
  const format = options.format ?? formatOf(path);
  const lines = decodedLines(path, await open(path, options.onBytes), options.encoding);
  let any = false;
  for await (const item of format === 'csv' ? csvRecords(path, lines) : jsonRecords(lines)) {
    any = true;
    yield item;
  }
  if (!any) throw new LanewayError('DATA_EMPTY', `${path} holds no record`, { where: path });
}

function formatOf(path: string): 'csv' | 'jsonl' {
  if (path === '-') return 'jsonl';
  const extension = extname(path.replace(/\.gz$/i, '')).toLowerCase();
  if (extension === '.csv' || extension === '.tsv') return 'csv';
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  throw new LanewayError('DATA_FORMAT_UNKNOWN', `cannot tell the format of ${path} by its name`, {
    where: path,
    fix: 'Name it .csv, .tsv, .jsonl or .ndjson (.gz behind it when compressed), or pass --format csv|jsonl.',
  });
}

async function open(path: string, onBytes: ReadOptions['onBytes']): Promise<AsyncIterable<Uint8Array>> {
  if (path === '-') return process.stdin;
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) {
    throw new LanewayError('DATA_NOT_FOUND', `${path} is not a file`, {
      where: path,
      fix: 'Check the path given with --data.',
    });
  }
  const file = createReadStream(path);
  const chunks = /\.gz$/i.test(path) ? unpacked(path, file) : file;
  return onBytes ? counted(chunks, () => onBytes(file.bytesRead, info.size)) : chunks;
}

async function* counted(chunks: AsyncIterable<Uint8Array>, onChunk: () => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    onChunk();
    yield chunk;
  }
}

async function* unpacked(path: string, file: Readable): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip();
  // What goes wrong reaches the reader of `unzip`, which is destroyed with the same error.
  pipeline(file, unzip).catch(() => undefined);
  try {
    yield* unzip as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw new LanewayError('DATA_GZIP', `${path} is not whole: ${messageOf(cause)}`, {
      where: path,
      fix: 'Compress it again, or give the file uncompressed without .gz in its name.',
      cause,
    });
  }
}

/**
 * Lines with their terminators, so that quoted CSV fields keep theirs; CRLF becomes LF. A line beyond
 * {@link MAX_RECORD_CHARACTERS} comes out cut to one character more, so that memory stays bounded.
 */
async function* decodedLines(
  path: string,
  stream: AsyncIterable<Uint8Array>,
  encoding?: string,
): AsyncGenerator<string> {
  let decode: ((chunk?: Uint8Array) => string) | undefined;
  let rest = '';
  let line = 0;
  for await (const chunk of stream) {
    decode ??= decoderFor(path, chunk, encoding, () => line);
    const text = decode(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      line++;
      yield withPlainEnd(rest + text.slice(start, end + 1));
      rest = '';
      start = end + 1;
    }
    if (rest.length <= MAX_RECORD_CHARACTERS) rest += text.slice(start);
    else rest = rest.slice(0, MAX_RECORD_CHARACTERS + 1);
  }
  if (decode) rest += decode();
  if (rest !== '') yield rest;
}

const withPlainEnd = (line: string): string => (line.endsWith('\r\n') ? `${line.slice(0, -2)}\n` : line);

/** A decoder of chunks that names the line on which the encoding breaks; called without a chunk at the end. */
function decoderFor(
  path: string,
  head: Uint8Array,
  encoding: string | undefined,
  linesRead: () => number,
): (chunk?: Uint8Array) => string {
  const mark =
    head[0] === 0xff && head[1] === 0xfe
      ? 'utf-16le'
      : head[0] === 0xfe && head[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  const name = encoding ?? mark;
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(name, { fatal: true });
  } catch {
    throw new LanewayError('DATA_ENCODING', `"${encoding}" is not an encoding this machine knows`, {
      where: path,
      fix: 'Use a WHATWG name such as utf-8, utf-16le or windows-1252.',
    });
  }
  if (name === 'utf-8' && head.subarray(0, 1024).includes(0)) {
    throw new LanewayError(
      'DATA_ENCODING',
      `${path} holds zero bytes: UTF-16 without its mark, or not text`,
      {
        where: path,
        fix: 'Pass --encoding utf-16le when it is text.',
      },
    );
  }
  return (chunk) => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch {
      const line = linesRead() + 1 + (chunk ? linesBeforeFault(chunk, name) : 0);
      throw new LanewayError('DATA_ENCODING', `line ${line} of ${path} is not ${name}`, {
        where: `${path}:${line}`,
        fix: 'Pass --encoding with the right name, for example --encoding windows-1252.',
      });
    }
  };
}

/** How many lines of a chunk can be read before the one that cannot; exact where a line feed is one byte. */
function linesBeforeFault(chunk: Uint8Array, encoding: string): number {
  if (encoding.startsWith('utf-16')) return 0;
  const decoder = new TextDecoder(encoding, { fatal: true });
  let lines = 0;
  for (let start = 0; start < chunk.length; lines++) {
    const found = chunk.indexOf(0x0a, start);
    const end = found < 0 ? chunk.length : found + 1;
    // The first line may begin in the middle of a character that the chunk before it holds the start of.
    let from = start;
    while (start === 0 && from < 3 && (chunk[from]! & 0xc0) === 0x80) from++;
    try {
      decoder.decode(chunk.subarray(from, end));
    } catch {
      return lines;
    }
    start = end;
  }
  return 0;
}

async function* jsonRecords(lines: AsyncIterable<string>): AsyncGenerator<ReadRecord> {
  let line = 0;
  for await (const text of lines) {
    line++;
    const trimmed = text.trim();
    if (trimmed === '') {
      yield { line, error: new LanewayError('ROW_EMPTY', 'the line is empty', { where: `line ${line}` }) };
      continue;
    }
    if (text.length > MAX_RECORD_CHARACTERS) {
      const message = `the line is longer than ${MAX_RECORD_CHARACTERS} characters`;
      yield { line, error: new LanewayError('ROW_TOO_LONG', message, { where: `line ${line}` }) };
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(trimmed);
    } catch (error) {
      yield {
        line,
        error: new LanewayError('ROW_NOT_JSON', `not JSON: ${messageOf(error)}`, { where: `line ${line}` }),
      };
      continue;
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      yield {
        line,
        error: new LanewayError('ROW_NOT_OBJECT', 'a JSON line must be an object like {"text": "..."}', {
          where: `line ${line}`,
        }),
      };
      continue;
    }
    yield { line, record: value as Record<string, unknown> };
  }
}

async function* csvRecords(path: string, lines: AsyncGenerator<string>): AsyncGenerator<ReadRecord> {
  const header = await lines.next();
  if (header.done) return;
  const parser = parse({
    columns: (names: string[]) => names.map((name) => name.trim()),
    info: true,
    raw: true,
    delimiter: delimiterOf(header.value),
    max_record_size: MAX_RECORD_CHARACTERS,
    relax_column_count: false,
    skip_records_with_error: true,
    skip_empty_lines: true,
  });
  const skipped: ReadRecord[] = [];
  let broken: LanewayError | undefined;
  let lastBad = 0;
  parser.on('skip', (error, raw) => {
    if (!(error instanceof CsvError)) return;
    const line = startOf(Number(error['lines'] ?? 0), raw ?? '');
    if (BROKEN_QUOTES.has(error.code)) broken ??= brokenQuote(path, line, error);
    // One bad record may be reported once for each of its quotes.
    if (line === lastBad) return;
    lastBad = line;
    const message = error.message.replace(/ (at|on) line \d+/, '');
    skipped.push({ line, error: new LanewayError('ROW_BAD_CSV', message, { where: `line ${line}` }) });
  });
  const feeding = pipeline(withFirst(header.value, lines), parser);
  // What goes wrong upstream reaches the loop below through the parser; early leavers do not wait for it.
  feeding.catch(() => undefined);
  for await (const { record, raw, info } of parser as AsyncIterable<{
    record: Record<string, unknown>;
    raw: string;
    info: { lines: number };
  }>) {
    if (broken) throw broken;
    while (skipped.length > 0) yield skipped.shift()!;
    yield { line: startOf(info.lines, raw), record };
  }
  if (broken) throw broken;
  yield* skipped;
}

/** After one of these the parser no longer knows where records begin, so the file is refused. */
const BROKEN_QUOTES: ReadonlySet<string> = new Set([
  'CSV_QUOTE_NOT_CLOSED',
  'CSV_INVALID_CLOSING_QUOTE',
  'CSV_MAX_RECORD_SIZE',
]);

function brokenQuote(path: string, line: number, cause: CsvError): LanewayError {
  const reason =
    cause.code === 'CSV_INVALID_CLOSING_QUOTE'
      ? 'a quoted field goes on after its closing quote'
      : 'a quoted field is opened but never closed';
  return new LanewayError('DATA_BROKEN_QUOTE', `${reason}, in the record that starts on line ${line}`, {
    where: `${path}:${line}`,
    fix: 'Close the quote, or double quotes inside quoted fields ("").',
    cause,
  });
}

/** The line on which a record starts, from the one on which the parser was when it had read `raw`. */
function startOf(lastLine: number, raw: string): number {
  const body = raw.replace(/^\n+/, '').replace(/\n$/, '');
  return lastLine - (body.split('\n').length - 1);
}

/** The one of comma, semicolon and tab that occurs most in the header. */
function delimiterOf(header: string): string {
  const unquoted = header.replace(/"[^"]*"/g, '');
  const count = (mark: string) => unquoted.split(mark).length;
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

async function* withFirst(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
