import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRegistry } from '../../models/artifact/registry.ts';
import { smallModel } from '../testing/small-model.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'laneway-cli-'));
  const registry = createRegistry(join(folder, 'home'));
  const model = await smallModel();
  registry.save(model);
  registry.promote(model.manifest.version);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command as a person does. */
function laneway(args: readonly string[], input?: string): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [join(ROOT, 'scripts/laneway.mjs'), ...args],
      { cwd: folder, env: { ...process.env, LANEWAY_HOME: join(folder, 'home') } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
    child.stdin!.end(input ?? '');
  });
}

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return name;
};
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('laneway classify', () => {
  it('writes one line for every line, in order, bad rows among them', async () => {
    const rows = [
      '{"id":"a","text":"Your code is 482913. Do not share it."}',
      'not json',
      '{"id":7,"text":"HUGE SALE! 50% off everything until Sunday"}',
      '',
      '{"text":"   "}',
      '{"id":"b","text":12}',
      '["text"]',
      '{"text":"482913 is your OTP","label":"transactional"}',
    ];
    const { code, stderr } = await laneway([
      'classify',
      '--data',
      file('in.jsonl', rows.join('\n')),
      '--out',
      'out.jsonl',
    ]);
    expect(stderr).not.toContain('error');
    expect(code).toBe(0);
    const lines = linesOf(readFileSync(join(folder, 'out.jsonl'), 'utf8'));
    expect(lines.map((line) => line['id'])).toEqual(['a', 2, 7, 4, 5, 'b', 7, 8]);
    expect(lines.map((line) => (line['error'] as { code: string } | undefined)?.code)).toEqual([
      undefined,
      'ROW_NOT_JSON',
      undefined,
      'ROW_EMPTY',
      'ROW_NO_TEXT',
      'ROW_NO_TEXT',
      'ROW_NOT_OBJECT',
      undefined,
    ]);
    expect(Object.keys(lines[0]!)).toEqual(['id', 'class', 'probability', 'band', 'risk']);
    expect([lines[0], lines[2], lines[7]].map((line) => line!['class'])).toEqual([
      'transactional',
      'promotional',
      'transactional',
    ]);
    expect(Object.keys(lines[1]!)).toEqual(['id', 'error']);
  });

  it('reads standard input, writes standard output and nothing else there', async () => {
    const { code, stdout } = await laneway(
      ['classify', '--data', '-', '--out', '-', '--pass', 'campaign'],
      '{"text":"Flash sale: 30% off","campaign":"c1"}\n',
    );
    expect(code).toBe(0);
    expect(linesOf(stdout)).toMatchObject([{ id: 1, class: 'promotional', campaign: 'c1' }]);
  });

  it('says on request why, and where in the text that stands', async () => {
    const text = 'Flash sale: 30% off, shop now';
    const { stdout } = await laneway(['classify', '--explain'], `${JSON.stringify({ text })}\n`);
    const [line] = linesOf(stdout) as {
      reasons: { feature: string; contribution: number }[];
      spans: { start: number; end: number; features: string[] }[];
    }[];
    expect(line!.reasons.map(({ feature }) => feature)).toContain('bias');
    const said = line!.spans.map(({ start, end }) => text.slice(start, end)).join(' ');
    expect(said).toMatch(/off|sale|shop/);
    const one = await laneway(['classify', '--text', text]);
    expect(one.code).toBe(0);
    expect(one.stdout).toMatch(/^promotional/);
    expect(one.stdout).toMatch(/\+\S*(?:off|sale|shop)/);
  });

  it.each([
    [
      'a quote that is never closed',
      'broken.csv',
      'id,text\n1,"Your code is 1\n2,hello\n',
      'DATA_BROKEN_QUOTE',
      [],
    ],
    ['no text column', 'columns.csv', 'id,body\n1,hello\n', 'DATA_NO_COLUMN', []],
    ['a file that is not there', undefined, '', 'DATA_NOT_FOUND', []],
    ['an unknown model', 'good.csv', 'text\nhello\n', 'MODEL_UNKNOWN', ['--model', 'nobody']],
    ['an unknown option', 'good.csv', 'text\nhello\n', 'USAGE', ['--frobnicate']],
  ])('ends with 2, one line and no output for %s', async (_what, name, text, code, more) => {
    const data = name === undefined ? 'nowhere.csv' : file(name, text);
    const done = await laneway(['classify', '--data', data, '--out', 'none.jsonl', ...more]);
    expect(done.code).toBe(2);
    const errors = done.stderr.trimEnd().split('\n');
    expect(errors.filter((line) => line.startsWith(`error ${code}: `))).toHaveLength(1);
    expect(done.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(join(folder, 'none.jsonl'))).toBe(false);
    expect(readdirSync(folder).filter((entry) => entry.endsWith('.part'))).toEqual([]);
  });

  it('takes the text from another column', async () => {
    const data = file('body.csv', 'ref,body\nx1,"Sale, 20% off"\n');
    const { stdout } = await laneway(['classify', '--data', data, '--column', 'text=body,id=ref']);
    expect(linesOf(stdout)).toMatchObject([{ id: 'x1', class: 'promotional' }]);
  });
});
