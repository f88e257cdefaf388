import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_RECORD_CHARACTERS, type ReadOptions, readRecords } from './records.ts';

const dir = mkdtempSync(join(tmpdir(), 'laneway-records-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;

/** Reads a file of these bytes; an error row comes out as its code. */
async function read(name: string, content: string | Uint8Array, options: ReadOptions = {}) {
  const path = join(dir, `${files++}-${name}`);
  writeFileSync(path, content);
  const out: { line: number; record?: Readonly<Record<string, unknown>>; code?: string }[] = [];
  for await (const item of readRecords(path, options)) {
    out.push(
      'error' in item
        ? { line: item.line, code: item.error.code }
        : { line: item.line, record: { ...item.record } },
    );
  }
  return out;
}

describe('CSV', () => {
  it('reads quotes, separators and line breaks inside quotes, naming the line each record starts on', async () => {
    const rows = await read('a.csv', 'text,label\n"Hi, ""you""",x\n"two\nlines",y\n\nlast,z\n');
    expect(rows).toEqual([
      { line: 2, record: { text: 'Hi, "you"', label: 'x' } },
      { line: 3, record: { text: 'two\nlines', label: 'y' } },
      { line: 6, record: { text: 'last', label: 'z' } },
    ]);
  });

  it('counts lines that end in CRLF', async () => {
    const rows = await read('a.csv', 'text,label\r\n"two\r\nlines",y\r\nlast,z\r\n');
    expect(rows.map(({ line }) => line)).toEqual([2, 4]);
    expect(rows[0]!.record).toEqual({ text: 'two\nlines', label: 'y' });
  });

  it('takes the separator of the header and no other', async () => {
    expect(await read('a.csv', 'text,label\nBuy now; save big,promotional\n')).toEqual([
      { line: 2, record: { text: 'Buy now; save big', label: 'promotional' } },
    ]);
    expect(await read('a.csv', 'text;label\nBuy, now;promotional\n')).toEqual([
      { line: 2, record: { text: 'Buy, now', label: 'promotional' } },
    ]);
    expect(await read('a.tsv', 'text\tlabel\na, b; c\tx\n')).toEqual([
      { line: 2, record: { text: 'a, b; c', label: 'x' } },
    ]);
  });

  it('refuses a quote that is never closed, naming the line it stands on', async () => {
    const content = `text,label\nhi,y\n"open,z\n${'more,k\n'.repeat(50)}`;
    await expect(read('a.csv', content)).rejects.toMatchObject({
      code: 'DATA_BROKEN_QUOTE',
      where: expect.stringMatching(/a\.csv:3$/),
      message: expect.stringContaining('line 3'),
    });
  });

  it('refuses text after a closing quote, naming the line', async () => {
    await expect(read('a.csv', 'text,label\nhi,y\n"two\nlines",y\n"q"x,z\nok,z\n')).rejects.toMatchObject({
      code: 'DATA_BROKEN_QUOTE',
      where: expect.stringMatching(/a\.csv:5$/),
    });
  });

  it('refuses a quote that swallows more than a record may hold', async () => {
    const content = `text,label\n"open,z\n${'0123456789abcde\n'.repeat(MAX_RECORD_CHARACTERS / 16 + 10)}`;
    await expect(read('a.csv', content)).rejects.toMatchObject({
      code: 'DATA_BROKEN_QUOTE',
      where: expect.stringMatching(/a\.csv:2$/),
    });
  });

  it('gives a row with too many fields or a stray quote as one error and goes on', async () => {
    const rows = await read('a.csv', 'text,label\na,b,c\nhe said "hi" to "me",y\nok,z\n');
    expect(rows.sort((a, b) => a.line - b.line)).toEqual([
      { line: 2, code: 'ROW_BAD_CSV' },
      { line: 3, code: 'ROW_BAD_CSV' },
      { line: 4, record: { text: 'ok', label: 'z' } },
    ]);
  });

  it('stops cleanly when the reader has enough', async () => {
    const path = join(dir, 'long.csv');
    writeFileSync(path, `text,label\n${'a,b\n'.repeat(100_000)}`);
    for await (const item of readRecords(path)) {
      expect(item.line).toBe(2);
      break;
    }
  });
});

describe('JSONL', () => {
  it('reads objects and reports everything else by line', async () => {
    expect(await read('a.jsonl', '{"text":"a"}\nnot json\n[1]\n\n{"text":"b"}')).toEqual([
      { line: 1, record: { text: 'a' } },
      { line: 2, code: 'ROW_NOT_JSON' },
      { line: 3, code: 'ROW_NOT_OBJECT' },
      { line: 4, code: 'ROW_EMPTY' },
      { line: 5, record: { text: 'b' } },
    ]);
  });

  it('reports a huge line and goes on', async () => {
    const huge = JSON.stringify({ text: 'x'.repeat(MAX_RECORD_CHARACTERS * 2) });
    expect(await read('a.ndjson', `${huge}\n{"text":"b"}\n`)).toEqual([
      { line: 1, code: 'ROW_TOO_LONG' },
      { line: 2, record: { text: 'b' } },
    ]);
  });

  it('reads a long line that is not too long whole', async () => {
    const text = 'y'.repeat(1_000_000);
    expect(await read('a.jsonl', JSON.stringify({ text }))).toEqual([{ line: 1, record: { text } }]);
  });

  it('reads characters that straddle two chunks', async () => {
    const text = `x${'€'.repeat(100_000)}`;
    expect(await read('a.jsonl', JSON.stringify({ text }))).toEqual([{ line: 1, record: { text } }]);
  });
});

describe('encodings', () => {
  it('skips a byte order mark', async () => {
    expect(await read('a.csv', '\uFEFFtext,label\nhé,x\n')).toEqual([
      { line: 2, record: { text: 'hé', label: 'x' } },
    ]);
  });

  it('reads UTF-16 by its mark, both ways round', async () => {
    const little = Buffer.from('\uFEFF{"text":"hé ₹"}\n', 'utf16le');
    const big = Buffer.from(little).swap16();
    for (const bytes of [little, big])
      expect(await read('a.jsonl', bytes)).toEqual([{ line: 1, record: { text: 'hé ₹' } }]);
  });

  it('refuses UTF-16 without a mark', async () => {
    await expect(read('a.jsonl', Buffer.from('{"text":"a"}', 'utf16le'))).rejects.toMatchObject({
      code: 'DATA_ENCODING',
      fix: expect.stringContaining('utf-16le'),
    });
  });

  it('refuses windows-1252 with the line and the fix, which then works', async () => {
    const bytes = Buffer.concat([
      Buffer.from('text,label\nplain,x\ncaf'),
      Buffer.of(0xe9),
      Buffer.from(',y\n'),
    ]);
    await expect(read('a.csv', bytes)).rejects.toMatchObject({
      code: 'DATA_ENCODING',
      where: expect.stringMatching(/a\.csv:3$/),
      fix: expect.stringContaining('--encoding windows-1252'),
    });
    expect(await read('a.csv', bytes, { encoding: 'windows-1252' })).toEqual([
      { line: 2, record: { text: 'plain', label: 'x' } },
      { line: 3, record: { text: 'café', label: 'y' } },
    ]);
  });

  it('names the line of a bad byte far into the file', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"text":"aaaaaaaaaaaaaaaaaaaaaaaaa€"}\n'.repeat(9_999)),
      Buffer.of(0x22, 0xff),
      Buffer.from('\n{"text":"b"}\n'),
    ]);
    await expect(read('a.jsonl', bytes)).rejects.toMatchObject({ where: expect.stringMatching(/:10000$/) });
  });

  it('refuses an encoding that does not exist', async () => {
    await expect(read('a.csv', 'a\n', { encoding: 'klingon' })).rejects.toMatchObject({
      code: 'DATA_ENCODING',
    });
  });
});

describe('files', () => {
  it('refuses what is not there, empty, or of no known format', async () => {
    await expect(readRecords(join(dir, 'no.csv')).next()).rejects.toMatchObject({ code: 'DATA_NOT_FOUND' });
    await expect(readRecords(dir, { format: 'csv' }).next()).rejects.toMatchObject({
      code: 'DATA_NOT_FOUND',
    });
    await expect(read('a.csv', '')).rejects.toMatchObject({ code: 'DATA_EMPTY' });
    await expect(read('a.csv', 'text,label\n')).rejects.toMatchObject({ code: 'DATA_EMPTY' });
    await expect(read('a.jsonl', '')).rejects.toMatchObject({ code: 'DATA_EMPTY' });
    await expect(read('a.txt', 'x')).rejects.toMatchObject({ code: 'DATA_FORMAT_UNKNOWN' });
  });
});

describe('compressed files', () => {
  it('reads them as what they hold', async () => {
    expect(await read('a.jsonl.gz', gzipSync('{"text":"a"}\n{"text":"b"}\n'))).toEqual([
      { line: 1, record: { text: 'a' } },
      { line: 2, record: { text: 'b' } },
    ]);
    expect(await read('a.csv.gz', gzipSync('text,label\nhi,x\n'))).toEqual([
      { line: 2, record: { text: 'hi', label: 'x' } },
    ]);
  });

  it('refuses one that is cut off or no such file', async () => {
    const whole = gzipSync('{"text":"a"}\n'.repeat(50));
    for (const content of [whole.subarray(0, whole.length - 12), '{"text":"a"}\n'])
      await expect(read('a.jsonl.gz', content)).rejects.toMatchObject({ code: 'DATA_GZIP' });
  });
});
