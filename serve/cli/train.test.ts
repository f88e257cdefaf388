import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../../data/corpus.ts';
import { generatedLine, generateRows } from '../../data/generate.ts';
import { createRegistry } from '../../models/artifact/registry.ts';
import { type CliContext, createContext } from './context.ts';
import { showModelCommand } from './models.ts';
import { type TrainFlags, trainCommand } from './train.ts';
import { readTrainingFacts } from './training-facts.ts';

const root = mkdtempSync(join(tmpdir(), 'laneway-train-command-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

function newContext() {
  const lines: string[] = [];
  const context: CliContext = {
    ...createContext({ LANEWAY_HOME: join(root, `home-${folders++}`) }),
    progress: { show: () => undefined, end: () => undefined },
    print: (line) => lines.push(line),
    note: (line) => lines.push(line),
  };
  return { context, lines };
}
const train = (context: CliContext, flags: TrainFlags) =>
  trainCommand(context, { encoder: 'none', corpus: false, trees: 4, threads: 1, ...flags });
const modelsIn = ({ home }: CliContext) =>
  existsSync(join(home, 'models')) ? readdirSync(join(home, 'models')) : [];

const slice = readCorpus().filter((_, index) => index % 32 === 0);
const rows = [...generateRows(slice, { count: 700 })];
const fileOf = (name: string, lines: readonly string[]) => {
  const path = join(root, name);
  writeFileSync(path, name.endsWith('.gz') ? gzipSync(lines.join('\n')) : lines.join('\n'));
  return path;
};

describe('laneway train', () => {
  it('trains on a compressed file, names what looks wrong, keeps times and memory beside the model', async () => {
    const lines = rows.map((row, n) => generatedLine(n % 4 ? { ...row, sender: 'ACME' } : row));
    const { context, lines: said } = newContext();
    const text = 'Your parcel is at the counter';
    const contradiction = ['promotional', 'transactional', 'transactional'].map((label) =>
      JSON.stringify({ text, label }),
    );
    await train(context, { data: fileOf('rows.jsonl.gz', [...lines, ...contradiction]) });
    const { model, dir } = createRegistry(context.home).open();
    expect(model.manifest.training.rows).toBe(rows.length + 3);
    expect(said).toContainEqual(expect.stringMatching(/^warning: .*one sender, "ACME"/));
    expect(said).toContainEqual(
      expect.stringMatching(/1 promotional \(line 701\), 2 transactional \(line 702\): "Your parcel/),
    );
    expect(said).toContainEqual(
      expect.stringMatching(/^took .*reading .* s, .*lexical forest .* MB of memory/),
    );
    const facts = readTrainingFacts(dir)!;
    expect(Object.keys(facts.phases)).toEqual(['reading', 'grouping', 'terms', 'heads', 'lexical forest']);
    expect(facts).toMatchObject({ threads: 1, contradictions: 1 });
    expect(facts.peakMemoryMb).toBeGreaterThan(50);
    showModelCommand(context, undefined);
    expect(said).toContainEqual(expect.stringMatching(/^training: memory +at most \d+ MB, 1 threads/));
  });

  it('leaves no model behind when it fails', async () => {
    const bad = rows.map((row) => generatedLine(row));
    bad.push(...Array.from({ length: 20 }, () => 'no json'));
    const both = ['promotional', 'transactional'].map((label) => JSON.stringify({ text: 'One text', label }));
    const promotional = rows.filter(({ label }) => label === 'promotional').map((row) => generatedLine(row));
    const cases: [TrainFlags, string][] = [
      [{ data: fileOf('bad.jsonl', bad) }, 'DATA_TOO_MANY_BAD'],
      [{ data: fileOf('few.jsonl', bad.slice(0, 30)) }, 'TRAIN_TOO_FEW'],
      [{ data: fileOf('one.jsonl', promotional) }, 'TRAIN_ONE_CLASS'],
      [{ data: fileOf('one-beside.jsonl', promotional), corpus: true }, 'TRAIN_ONE_CLASS'],
      [
        { data: fileOf('both.jsonl', [...bad.slice(0, 700), ...both]), contradictions: 'refuse' },
        'TRAIN_CONTRADICTIONS',
      ],
      [{ data: fileOf('rows.jsonl', bad.slice(0, 700)), contradictions: 'perhaps' }, 'OPTION_INVALID'],
    ];
    writeFileSync(join(root, 'latin.csv'), Buffer.from('text,label\nCaf\xe9 offer,promotional\n', 'latin1'));
    writeFileSync(join(root, 'cut.jsonl.gz'), gzipSync(bad.join('\n')).subarray(0, 2_000));
    cases.push(
      [{ data: join(root, 'latin.csv') }, 'DATA_ENCODING'],
      [{ data: join(root, 'cut.jsonl.gz') }, 'DATA_GZIP'],
    );
    const { context } = newContext();
    for (const [flags, code] of cases) {
      await expect(train(context, flags), code).rejects.toMatchObject({ code, fix: expect.any(String) });
      expect(modelsIn(context)).toEqual([]);
    }
  });
});
