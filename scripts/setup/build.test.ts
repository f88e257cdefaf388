import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { buildFolder, ensureBuild } from './build.mjs';

/** A house as small as can be: a program that answers in words of its own, of a package, and of a thread. */
const HOUSE: Readonly<Record<string, string>> = {
  'package.json': '{"type":"module"}',
  'package-lock.json': '{}',
  'tsconfig.json': '{}',
  'node_modules/.package-lock.json': '{}',
  'node_modules/greeting/package.json': '{"name":"greeting","main":"index.js"}',
  'node_modules/greeting/index.js':
    "const { basename } = require('path'); exports.hello = 'hello from ' + basename(__dirname);",
  'models/word.ts': "export const word: string = 'first';",
  'models/thread.ts':
    "import { parentPort } from 'node:worker_threads';\nimport { word } from './word.ts';\nparentPort!.postMessage([word, import.meta.url.split('/').pop()]);",
  'pipeline/comply/language/pack-worker.ts':
    "import { parentPort } from 'node:worker_threads';\nimport { word } from '../../../models/word.ts';\nparentPort!.postMessage(JSON.stringify({ word }));",
  'serve/cli/beside.txt': 'beside',
  'serve/cli/main.ts': `import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hello } from 'greeting';
import { runningBuild } from ${JSON.stringify(new URL('../../models/base/build.mjs', import.meta.url).pathname)};
import { startWorker } from ${JSON.stringify(new URL('../../models/base/worker.ts', import.meta.url).pathname)};
import { word } from '../../models/word.ts';

interface Said { readonly [name: string]: unknown }

export async function main(args: readonly string[]): Promise<void> {
  if (args[0] === 'throw') throw new Error('thrown on line 11');
  const [thread] = await once(startWorker(new URL('../../models/thread.ts', import.meta.url)), 'message');
  const beside = readFileSync(new URL('./beside.txt', import.meta.url), 'utf8');
  const { lazily } = await import('../lazy.ts');
  const build = runningBuild();
  const packs = build?.packs && readFileSync(new URL(build.packs, build.dir), 'utf8');
  const said: Said = { word, packs: packs && JSON.parse(packs), hello, thread, beside, lazily };
  console.log(JSON.stringify(said));
}
`,
  'serve/lazy.ts': "export const lazily: string = 'when asked';",
};
const SAID = {
  word: 'first',
  packs: { word: 'first' } as object | undefined,
  hello: 'hello from greeting',
  thread: ['first', 'thread.ts'],
  beside: 'beside',
  lazily: 'when asked',
};

const run = promisify(execFile);
let built = '';
let root = '';

function write(at: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), text);
  }
}
const folder = (): string => mkdtempSync(join(tmpdir(), 'laneway-build-'));

/** Runs the house's program as `laneway` is run. */
async function ask(...args: string[]): Promise<{ said: typeof SAID; stderr: string }> {
  const script = `const { loadMain } = await import(${JSON.stringify(new URL('./run.mjs', import.meta.url).href)});
    await (await loadMain(${JSON.stringify(root)})).main(${JSON.stringify(args)});`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', script]);
  return { said: JSON.parse(stdout), stderr };
}
const builds = (): string[] => readdirSync(buildFolder(root)).sort();
const dirOf = async (): Promise<string | undefined> => (await ensureBuild(root))?.dir;

beforeAll(async () => {
  built = folder();
  write(built, HOUSE);
  for (const room of ['data', 'scripts', 'train']) mkdirSync(join(built, room));
  await ensureBuild(built);
  const [name] = readdirSync(buildFolder(built));
  rmSync(join(buildFolder(built), name!, 'in-use', String(process.pid)));
});
afterAll(() => rmSync(built, { recursive: true, force: true }));
beforeEach(() => {
  root = folder();
  cpSync(built, root, { recursive: true, preserveTimestamps: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('one build serves every start: program, threads, packages and files that lie beside a module', async () => {
  expect((await ask()).said).toEqual(SAID);
  expect((await ask()).said).toEqual(SAID);
  expect(builds()).toHaveLength(1);
  // Nobody runs it any more.
  expect(readdirSync(join(buildFolder(root), builds()[0]!, 'in-use'))).toEqual([]);
});

test('a source that has changed runs as it is now, though its size and time are the same', async () => {
  const source = join(root, 'models/word.ts');
  const { atime, mtime, size } = statSync(source);
  writeFileSync(source, HOUSE['models/word.ts']!.replace('first', 'other'));
  utimesSync(source, atime, mtime);
  expect(statSync(source).size).toBe(size);
  expect((await ask()).said).toMatchObject({ word: 'other', thread: ['other', 'thread.ts'] });
  // Back again: both builds are kept.
  writeFileSync(source, HOUSE['models/word.ts']!);
  expect((await ask()).said).toEqual(SAID);
  expect(builds()).toHaveLength(2);
});

test('a package that has changed runs as it is now; one that was only copied costs no build', async () => {
  const first = await dirOf();
  const file = join(root, 'node_modules/greeting/index.js');
  utimesSync(file, 1, 1);
  expect(await dirOf()).toBe(first);
  writeFileSync(file, "exports.hello = 'other';");
  expect((await ask()).said.hello).toBe('other');
});

test.each([
  ['a compiled file with one byte changed', (dir: string, file: string) => change(join(dir, file), 'thrown')],
  ['a compiled file cut short', (dir: string, file: string) => writeFileSync(join(dir, file), '')],
  ['a read pack with one byte changed', (dir: string) => change(join(dir, 'packs.json'), 'first')],
  ['a missing compiled file', (dir: string, file: string) => rmSync(join(dir, file))],
  ['an unreadable manifest', (dir: string) => writeFileSync(join(dir, 'build.json'), '{"entries":')],
  ['a manifest of another shape', (dir: string) => writeFileSync(join(dir, 'build.json'), '[]')],
  ['no manifest', (dir: string) => rmSync(join(dir, 'build.json'))],
])('%s is not run: it is built again', async (_name, damage) => {
  const dir = join(buildFolder(root), builds()[0]!);
  const file = readdirSync(dir).find((name) => name.startsWith('main-') && name.endsWith('.mjs'))!;
  damage(dir, file);
  expect((await ask()).said).toEqual(SAID);
  expect(builds()).toHaveLength(2);
});

test('a build that was made here, not copied, is looked at as closely', async () => {
  writeFileSync(join(root, 'models/word.ts'), "export const word = 'second';");
  const dir = fileURLToPath((await dirOf())!);
  const file = join(dir, readdirSync(dir).find((name) => name.startsWith('main-') && name.endsWith('.mjs'))!);
  const { atime, mtime } = statSync(file);
  change(file, 'thrown');
  utimesSync(file, atime, mtime);
  expect(fileURLToPath((await dirOf())!)).not.toBe(dir);
});

function change(file: string, word: string): void {
  writeFileSync(file, readFileSync(file, 'utf8').replace(word, word.toUpperCase()));
}

test('first starts at the same time all answer', async () => {
  rmSync(buildFolder(root), { recursive: true });
  const answers = await Promise.all([ask(), ask(), ask()]);
  for (const { said } of answers) expect(said).toEqual(SAID);
  expect(builds().filter((name) => name.startsWith('half-'))).toEqual([]);
  const made = builds();
  expect((await ask()).said).toEqual(SAID);
  expect(builds()).toEqual(made);
});

test('where nothing can be written the sources run', async () => {
  rmSync(join(root, 'node_modules/.cache'), { recursive: true });
  writeFileSync(join(root, 'node_modules/.cache'), 'a file where a folder should be');
  const { packs: _, ...fromSources } = SAID;
  expect(await ask()).toEqual({ said: fromSources, stderr: '' });
});

test('where a source is saved while it is compiled the sources run, threads too', async () => {
  const save = `writeFileSync(${JSON.stringify(join(root, 'models/word.ts'))}, "export const word = 'saved';");`;
  const reader = HOUSE['pipeline/comply/language/pack-worker.ts'];
  write(root, {
    'pipeline/comply/language/pack-worker.ts': `import { writeFileSync } from 'node:fs';\n${save}\n${reader}`,
  });
  const { packs: _, ...fromSources } = SAID;
  expect(await ask()).toEqual({
    said: { ...fromSources, word: 'saved', thread: ['saved', 'thread.ts'] },
    stderr: '',
  });
});

test('sources that do not compile are named', async () => {
  writeFileSync(join(root, 'serve/lazy.ts'), 'export const lazily = ;');
  const notes: string[] = [];
  expect(await ensureBuild(root, (line) => notes.push(line))).toBeUndefined();
  expect(notes).toEqual([expect.stringMatching(/^warning: .*serve\/lazy\.ts:1: Unexpected ";"/)]);
  expect(builds()).toHaveLength(1);
});

test('Laneway itself compiles', async () => {
  const notes: string[] = [];
  const build = await ensureBuild(fileURLToPath(new URL('../../', import.meta.url)), (line) =>
    notes.push(line),
  );
  expect(notes).toEqual([]);
  expect(build).toMatchObject({ packs: 'packs.json' });
  expect(Object.keys(build!.entries)).toContain('models/encoder/worker.ts');
});

test('a stack trace names lines of the sources', async () => {
  const failed = ask('throw').then(
    () => '',
    (error: { stderr: string }) => error.stderr,
  );
  expect(await failed).toMatch(
    /Error: thrown on line 11\n {4}at Module\.main \(file:.*\/serve\/cli\/main\.ts:11:\d+\)/,
  );
});

test('a build that nobody has run for an hour goes when another is made; one in use stays', async () => {
  const [old] = builds();
  const age = (name: string) => {
    for (const dir of [join(buildFolder(root), name, 'in-use'), join(buildFolder(root), name)]) {
      if (existsSync(dir)) utimesSync(dir, 1, 1);
    }
  };
  const left = join(buildFolder(root), 'half-left');
  mkdirSync(left);
  writeFileSync(join(buildFolder(root), old!, 'in-use', String(process.pid)), '');
  age(old!);
  age('half-left');
  writeFileSync(join(root, 'models/word.ts'), "export const word = 'second';");
  await ask();
  expect(builds()).toHaveLength(2);
  expect(existsSync(left)).toBe(false);
  rmSync(join(buildFolder(root), old!, 'in-use', String(process.pid)));
  age(old!);
  writeFileSync(join(root, 'models/word.ts'), "export const word = 'third';");
  await ask();
  expect(builds()).not.toContain(old);
});
