import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type LabelledOptions, readLabelled } from './labelled.ts';

const dir = mkdtempSync(join(tmpdir(), 'laneway-labelled-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
let files = 0;

function read(rows: readonly unknown[] | string, options: LabelledOptions = {}) {
  const path = join(dir, typeof rows === 'string' ? `${files++}.csv` : `${files++}.jsonl`);
  writeFileSync(path, typeof rows === 'string' ? rows : rows.map((row) => JSON.stringify(row)).join('\n'));
  return readLabelled(path, options);
}

describe('readLabelled', () => {
  it('reads all columns', async () => {
    const { rows } = await read([
      {
        text: 'Your code is 1',
        label: ' Transactional ',
        sender: 'S',
        recipient: 'r',
        sentAt: '2026-01-02T03:04:05Z',
        channel: 'sms',
        industry: 'banking',
        locale: 'en-US',
        template: 't1',
        source: 's',
        risk: 'no',
        hard: 'yes',
      },
    ]);
    expect(rows).toEqual([
      {
        text: 'Your code is 1',
        label: 'transactional',
        line: 1,
        sender: 'S',
        recipient: 'r',
        sentAt: Date.UTC(2026, 0, 2, 3, 4, 5),
        channel: 'sms',
        industry: 'banking',
        locale: 'en-US',
        template: 't1',
        source: 's',
        risk: false,
        hard: true,
      },
    ]);
  });

  it('reads metadata from its own columns; what is no number is unknown', async () => {
    const { rows } = await read([
      { text: 'a', label: 'promotional', senderReputation: 0.4, localHour: '9', weekday: 0, burst: 12 },
      { text: 'b', label: 'promotional', daysSinceEngaged: 'never', optedIn: 'no', burst: '' },
      { text: 'c', label: 'promotional', burst: null },
    ]);
    expect(rows.map(({ metadata }) => metadata)).toEqual([
      { senderReputation: 0.4, localHour: 9, weekday: 0, burst: 12 },
      { optedIn: false },
      undefined,
    ]);
  });

  it('maps labels in any case, counts ignored rows, keeps risk rows without a class', async () => {
    const { rows, ignored, bad } = await read('text,label\na,SPAM\nb,Ham\nc,personal\nd,scam\n', {
      map: { spam: 'promotional', HAM: 'transactional', personal: 'ignore', scam: 'risk' },
    });
    expect(rows).toEqual([
      { text: 'a', label: 'promotional', line: 2 },
      { text: 'b', label: 'transactional', line: 3 },
      { text: 'd', risk: true, line: 5 },
    ]);
    expect([ignored, bad.length]).toEqual([1, 0]);
  });

  it('takes other column names', async () => {
    const { rows } = await read('body,kind\na,promotional\n', { columns: { text: 'body', label: 'kind' } });
    expect(rows).toEqual([{ text: 'a', label: 'promotional', line: 2 }]);
  });

  it('names the missing column, those there are, and the option', async () => {
    await expect(read('message,label\na,promotional\n')).rejects.toMatchObject({
      code: 'DATA_NO_COLUMN',
      message: expect.stringMatching(/no "text" column; it has: message, label/),
      fix: expect.stringContaining('--column text=NAME'),
    });
    await expect(read('text,label\na,promotional\n', { where: { lang: ['en'] } })).rejects.toMatchObject({
      code: 'DATA_NO_COLUMN',
      message: expect.stringContaining('"lang"'),
    });
  });

  it('does not ask every JSON row for every column', async () => {
    const { rows, bad } = await read([{ text: 'no label here' }, { text: 'a', label: 'promotional' }], {
      maxBad: 0.5,
    });
    expect([rows.length, bad]).toMatchObject([1, [{ line: 1, code: 'ROW_BAD_LABEL' }]]);
  });

  it('leaves out rows by where, counting them', async () => {
    const { rows, filtered } = await read(
      [
        { text: 'a', label: 'promotional', lang: 'en', tier: 1 },
        { text: 'b', label: 'nonsense', lang: 'hi', tier: 1 },
        { text: 'c', label: 'promotional', lang: 'en', tier: 2 },
      ],
      { where: { lang: ['en'], tier: ['1', '3'] } },
    );
    expect([rows.map(({ text }) => text), filtered]).toEqual([['a'], 2]);
  });

  it('reports bad rows by line and reason', async () => {
    const { bad } = await read(
      [
        { text: 'a', label: 'promotional' },
        { text: '  ', label: 'promotional' },
        { text: 5, label: 'promotional' },
        { text: 'b', label: 'offer' },
        { text: 'c', label: 'promotional', sentAt: 'yesterday' },
      ],
      { maxBad: 1 },
    );
    expect(bad.map(({ line, code }) => [line, code])).toEqual([
      [2, 'ROW_NO_TEXT'],
      [3, 'ROW_NO_TEXT'],
      [4, 'ROW_BAD_LABEL'],
      [5, 'ROW_BAD_TIME'],
    ]);
    expect(bad[2]!.reason).toContain('--map offer=');
  });

  it('refuses more than maxBad of the rows and allows as much', async () => {
    const rows = Array.from({ length: 101 }, (_, i) => ({
      text: `t${i}`,
      label: i < 2 ? 'x' : 'promotional',
    }));
    await expect(read(rows)).rejects.toMatchObject({
      code: 'DATA_TOO_MANY_BAD',
      message: expect.stringMatching(/2 of 101 rows .*line 1: unknown label "x"/),
    });
    expect((await read(rows.slice(1))).bad).toHaveLength(1);
    expect((await read(rows, { maxBad: 0.02 })).bad).toHaveLength(2);
  });

  it('does not count empty lines as rows', async () => {
    const path = join(dir, 'blank.jsonl');
    writeFileSync(path, '{"text":"a","label":"promotional"}\n\n\n');
    expect(await readLabelled(path)).toMatchObject({ bad: [], rows: [{ line: 1 }] });
  });

  it('reads times without a zone as UTC, dates and milliseconds', async () => {
    const times = [
      '2026-01-02 03:04',
      '2026-01-02',
      '1767323040000',
      1767323040000,
      '2026-01-02T03:04+05:30',
    ];
    const { rows } = await read(times.map((sentAt) => ({ text: 'a', label: 'promotional', sentAt })));
    expect(rows.map(({ sentAt }) => sentAt)).toEqual([
      Date.UTC(2026, 0, 2, 3, 4),
      Date.UTC(2026, 0, 2),
      1767323040000,
      1767323040000,
      Date.UTC(2026, 0, 1, 21, 34),
    ]);
  });
});
