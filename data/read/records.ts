import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { CsvError, parse } from 'csv-parse';
import { LanewayError, messageOf } from '../../models/base/errors.ts';

/** One record of a file, or what is wrong with it. `line` is 1-based: where the record starts. */
export type ReadRecord =
  | { readonly line: number; readonly record: Readonly<Record<string, unknown>> }
  | { readonly line: number; readonly error: LanewayError };

export interface ReadOptions {
  /** `csv` or `jsonl`; default by extension (`.csv`, `.tsv`, `.jsonl`, `.ndjson`), JSONL for stdin. */
  readonly format?: 'csv' | 'jsonl';
  /** Any label that the WHATWG encoding standard knows; default `utf-8`, or UTF-16 when a byte order mark says so. */
  readonly encoding?: string;
}

/**
 * Streams the records of a CSV or JSONL file, `-` for standard input. A row that cannot be read comes out as
 * an `error` with its line, so that the caller decides how many it tolerates.
 *
 * @throws LanewayError `DATA_NOT_FOUND`, `DATA_FORMAT_UNKNOWN`, `DATA_ENCODING`, `DATA_BROKEN_QUOTE`,
 *   `DATA_EMPTY`: the file as a whole cannot be read.
 */
export async function* readRecords(path: string, options: ReadOptions = {}): AsyncGenerator<ReadRecord> {
  const format = options.format ?? formatOf(path);
  const lines = decodedLines(path, await open(path), options.encoding);
  let any = false;
  for await (const item of format === 'csv' ? csvRecords(path, lines) : jsonRecords(lines)) {
    any = true;
    yield item;
  }
  if (!any) throw new LanewayError('DATA_EMPTY', `${path} holds no record`, { where: path });
}

function formatOf(path: string): 'csv' | 'jsonl' {
  if (path === '-') return 'jsonl';
  const extension = extname(path).toLowerCase();
  if (extension === '.csv' || extension === '.tsv') return 'csv';
  if (extension === '.jsonl' || extension === '.ndjson') return 'jsonl';
  throw new LanewayError('DATA_FORMAT_UNKNOWN', `cannot tell the format of ${path} by its name`, {
    where: path,
    fix: 'Name it .csv, .tsv, .jsonl or .ndjson, or pass --format csv|jsonl.',
  });
}

async function open(path: string): Promise<Readable> {
  if (path === '-') return process.stdin;
  const info = await stat(path).catch(() => undefined);
  if (!info?.isFile()) {
    throw new LanewayError('DATA_NOT_FOUND', `${path} is not a file`, {
      where: path,
      fix: 'Check the path given with --data.',
    });
  }
  return createReadStream(path);
}

/** Lines with their terminators, so that quoted CSV fields keep theirs. */
async function* decodedLines(path: string, stream: Readable, encoding?: string): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let rest = '';
  let line = 0;
  const decode = (chunk: Uint8Array | undefined): string => {
    try {
      return chunk ? decoder!.decode(chunk, { stream: true }) : decoder!.decode();
    } catch {
      throw new LanewayError('DATA_ENCODING', `${path} is not ${encoding ?? 'UTF-8'} after line ${line}`, {
        where: `${path}:${line + 1}`,
        fix: 'Pass --encoding with the right name, for example --encoding windows-1252.',
      });
    }
  };
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    decoder ??= decoderFor(path, chunk, encoding);
    const parts = (rest + decode(chunk)).split(/(?<=\n)/);
    rest = parts.pop() ?? '';
    for (const part of parts) {
      line++;
      yield part;
    }
  }
  if (decoder) rest += decode(undefined);
  if (rest !== '') yield rest;
}

function decoderFor(path: string, head: Uint8Array, encoding?: string): TextDecoder {
  const mark =
    head[0] === 0xff && head[1] === 0xfe
      ? 'utf-16le'
      : head[0] === 0xfe && head[1] === 0xff
        ? 'utf-16be'
        : 'utf-8';
  try {
    return new TextDecoder(encoding ?? mark, { fatal: true });
  } catch {
    throw new LanewayError('DATA_ENCODING', `"${encoding}" is not an encoding this machine knows`, {
      where: path,
      fix: 'Use a WHATWG name such as utf-8, utf-16le or windows-1252.',
    });
  }
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

async function* csvRecords(path: string, lines: AsyncIterable<string>): AsyncGenerator<ReadRecord> {
  const skipped: ReadRecord[] = [];
  const parser = parse({
    columns: (header: string[]) => header.map((name) => name.trim()),
    bom: true,
    info: true,
    delimiter: path.toLowerCase().endsWith('.tsv') ? '\t' : [',', ';'],
    relax_column_count: false,
    skip_records_with_error: true,
    skip_empty_lines: true,
  });
  let broken: CsvError | undefined;
  parser.on('skip', (error) => {
    if (!(error instanceof CsvError)) return;
    const line = Number(error.lines ?? 0);
    if (error.code === 'CSV_QUOTE_NOT_CLOSED') broken = error;
    skipped.push({
      line,
      error: new LanewayError('ROW_BAD_CSV', error.message.replace(/ (at|on) line \d+/, ''), {
        where: `line ${line}`,
      }),
    });
  });
  const feeding = feed(parser, lines);
  try {
    for await (const { record, info } of parser as AsyncIterable<{
      record: Record<string, unknown>;
      info: { lines: number };
    }>) {
      while (skipped.length > 0) yield skipped.shift()!;
      yield { line: info.lines, record };
    }
    await feeding;
  } catch (error) {
    if (error instanceof CsvError && error.code === 'CSV_QUOTE_NOT_CLOSED') broken = error;
    else throw error;
  }
  if (broken) {
    const line = Number(broken.lines ?? 0);
    throw new LanewayError(
      'DATA_BROKEN_QUOTE',
      `a quoted field is opened but never closed, near line ${line}`,
      {
        where: `${path}:${line}`,
        fix: 'Close the quote, or double quotes inside quoted fields ("").',
        cause: broken,
      },
    );
  }
  yield* skipped;
}

async function feed(parser: ReturnType<typeof parse>, lines: AsyncIterable<string>): Promise<void> {
  try {
    for await (const line of lines) {
      if (!parser.write(line)) await new Promise((resolve) => parser.once('drain', resolve));
    }
    parser.end();
  } catch (error) {
    parser.destroy(error as Error);
    throw error;
  }
}
