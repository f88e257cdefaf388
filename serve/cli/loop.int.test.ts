import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPromotions } from '../../models/artifact/promotions.ts';
import { createRegistry, type ModelRegistry } from '../../models/artifact/registry.ts';
import { contraryModel, smallModel } from '../testing/small-model.ts';
import type { CliContext } from './context.ts';
import { createProgram } from './program.ts';
import { describeError } from './report-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'laneway-cli-loop-'));
const home = join(folder, 'home');
let registry: ModelRegistry;
let [small, contrary] = ['', ''];

beforeAll(async () => {
  registry = createRegistry(home);
  for (const model of [await smallModel(), await contraryModel()]) registry.save(model);
  [small, contrary] = [(await smallModel()).manifest.version, (await contraryModel()).manifest.version];
  registry.promote(small);
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command as `main` does, without a process of its own; no server runs on the folder. */
async function laneway(args: readonly string[], input = ''): Promise<Finished> {
  const [out, err]: string[][] = [[], []];
  const context: CliContext = {
    home,
    env: { PORT: '9' },
    progress: { show: () => undefined, end: () => undefined },
    input: Readable.from([input]),
    print: (line) => out!.push(line),
    note: (line) => err!.push(line),
  };
  let code = 0;
  try {
    await createProgram(context).parseAsync(args, { from: 'user' });
  } catch (error) {
    const { lines, exitCode } = describeError(error);
    err!.push(...lines);
    code = exitCode;
  }
  return { code, stdout: out!.join('\n'), stderr: err!.join('\n') };
}
const file = (name: string, rows: readonly unknown[]): string => {
  writeFileSync(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return join(folder, name);
};
const linesIn = (name: string) =>
  readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const CODES = ['login', 'payment', 'transfer', 'sign-up', 'reset', 'vault', 'banking', 'wallet'];
const GOODS = ['boots', 'shirts', 'phones', 'sofas', 'lamps', 'rugs', 'watches', 'tents'];
const held = [
  ...CODES.flatMap((what) =>
    ['Your', 'The', 'A new'].map((start) => ({
      text: `${start} ${what} code is 482913. Do not share it.`,
      label: 'transactional',
    })),
  ),
  ...GOODS.flatMap((what) =>
    ['Big', 'Summer', 'Flash'].map((start) => ({
      text: `${start} sale! 30% off all ${what} this weekend, shop now`,
      label: 'promotional',
    })),
  ),
];

describe('the loop without a server', { timeout: 180_000 }, () => {
  it('reviews a file by keys from lines, lists and exports what was said', async () => {
    const data = file('pool.jsonl', [
      { text: 'Your points expire soon, use them in the shop' },
      { text: 'Your points expire soon, use them in the store' },
      { text: 'Renew your cover before Friday and keep your price' },
      { text: 'Send a fee of $20 to get your parcel released today', sender: 'POST' },
      { nothing: 'here' },
    ]);
    const args = ['data', 'review', '--data', data, '--author', 'ann', '--limit', '9'];
    // A wrong key, an answer taken back, three answers, the last word.
    const review = await laneway(args, 'x\nt\nu\np\ns\nt\n.\n');
    expect(review.stderr).not.toContain('error');
    expect(review).toMatchObject({ code: 0 });
    expect(review.stdout).toMatch(/^3 messages to label as ann$/m);
    expect(review.stdout).toMatch(/"x" is no answer/);
    expect(review.stdout).toMatch(/^taken back$/m);
    expect(review.stdout).toMatch(/^3 labelled, 0 skipped$/m);
    expect(review.stdout.match(/Your points expire/g)?.length ?? 0).toBeLessThanOrEqual(2);

    const list = await laneway(['feedback', 'list']);
    expect(list.stderr).toMatch(/^3 labels$/m);
    expect(list.stdout.match(/ann/g)).toHaveLength(3);
    await laneway(['feedback', 'export', '--out', join(folder, 'labels.jsonl')]);
    const rows = linesIn('labels.jsonl');
    expect(rows.map(({ label }) => label).sort()).toEqual(['promotional', 'risk', 'transactional']);
    expect(rows[0]).toMatchObject({ author: 'ann', source: 'review', fingerprint: expect.any(String) });
    const again = await laneway(args, '');
    expect(again.stderr).toMatch(/^Nothing to label among 4 messages/m);
  });

  it('trains with what people said, lists where they contradict the data, and does not promote', async () => {
    const said = linesIn('labels.jsonl');
    const against = said.find(({ label }) => label === 'promotional')!;
    const data = file('train.jsonl', [
      ...held,
      ...held.map((row) => ({ ...row, text: `${row.text} Thanks` })),
      { ...against, label: 'transactional' },
    ]);
    const trained = await laneway([
      ...['train', '--data', data, '--no-corpus', '--with-feedback', '--name', 'taught'],
      ...['--encoder', 'none', '--trees', '10', '--threads', '1'],
    ]);
    expect(trained).toMatchObject({ code: 0 });
    expect(trained.stderr).toMatch(/^3 texts labelled by people$/m);
    expect(trained.stderr).toMatch(/promotional stands; data: 0 promotional, 1 transactional/);
    expect(trained.stdout).toMatch(/^next +npx laneway models promote taught-\w{10}$/m);
    expect(registry.aliases().champion).toBe(small);
    const version = /^model +(\S+)$/m.exec(trained.stdout)![1]!;
    expect(registry.open(version).model.manifest.training.data).toBe(
      `${data}, and 3 texts labelled by people`,
    );
    expect(readFileSync(join(home, 'models', version, 'card.md'), 'utf8')).toContain(`# ${version}`);
  });

  it('refuses a model that does worse, promotes it for a reason, rolls back, and has all of it on record', async () => {
    const data = file('held.jsonl', held);
    const refused = await laneway(['models', 'promote', contrary, '--data', data]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^error PROMOTION_REFUSED: .*class=promotional/m);
    expect(refused.stdout).toMatch(/^all .* DROPS$/m);
    expect(registry.aliases().champion).toBe(small);

    const forced = await laneway(['models', 'promote', contrary, '--data', data, '--force', 'a drill']);
    expect(forced).toMatchObject({ code: 0, stdout: expect.stringContaining(`champion is now ${contrary}`) });
    expect(registry.aliases()).toEqual({ champion: contrary, previous: small });

    const better = await laneway(['models', 'promote', small, '--data', data]);
    expect(better).toMatchObject({ code: 0, stdout: expect.stringContaining('no slice drops beyond noise') });
    const back = await laneway(['models', 'rollback', '--reason', 'too early']);
    expect(back.stdout).toContain(`champion is now ${contrary}`);
    await laneway(['models', 'rollback']);
    expect(registry.aliases().champion).toBe(small);
    expect(readPromotions(home)).toMatchObject([
      {
        how: 'forced',
        reason: 'a drill',
        version: contrary,
        replaced: small,
        data,
        messages: 48,
      },
      { how: 'gates', version: small },
      { how: 'rollback', version: contrary, reason: 'too early' },
      { how: 'rollback', version: small },
    ]);
    expect((await laneway(['models', 'history'])).stdout.trimEnd().split('\n')).toHaveLength(4);
  });

  it('names a challenger and calls it off; what a server must answer says that none runs', async () => {
    expect((await laneway(['models', 'challenge', contrary])).code).toBe(0);
    expect(registry.aliases().challenger).toBe(contrary);
    expect((await laneway(['models', 'list'])).stdout).toMatch(
      new RegExp(`^${contrary} +previous, challenger$`, 'm'),
    );
    expect((await laneway(['models', 'challenge', '--stop'])).code).toBe(0);
    expect(registry.aliases().challenger).toBeUndefined();
    expect((await laneway(['models', 'challenge'])).stderr).toMatch(/^error USAGE: .*--stop/m);
    const drift = await laneway(['models', 'drift']);
    expect(drift.stderr).toMatch(/^error (API_KEY_MISSING|SERVER_UNREACHABLE)/m);
    expect(existsSync(join(home, 'store'))).toBe(true);
  });
});
