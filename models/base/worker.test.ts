import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { seedOf } from './random.ts';
import { startWorker } from './worker.ts';

const fixture = new URL('./worker.fixture.ts', import.meta.url);
const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

test('a TypeScript worker starts under vitest, and another from inside it', async () => {
  const worker = startWorker(fixture, { workerData: { depth: 1 } });
  worker.postMessage('go');
  expect(await once(worker, 'message')).toEqual([`node > leaf ${seedOf('leaf')}`]);
  await worker.terminate();
});

test.each([
  ['node --import tsx', ['--import', 'tsx']],
  ['tsx', [fileURLToPath(import.meta.resolve('tsx/cli'))]],
])('a TypeScript worker starts when the parent was started by %s', async (_name, flags) => {
  const { stdout } = await run(process.execPath, [...flags, fileURLToPath(fixture)], { cwd: root });
  expect(stdout.trim()).toBe(`node > node > leaf ${seedOf('leaf')}`);
});

test('an exception in the worker reaches its owner', async () => {
  const worker = startWorker(fixture, { workerData: { depth: 0 } });
  worker.postMessage('throw');
  const [error] = (await once(worker, 'error')) as [Error];
  expect(error.message).toBe('thrown in the worker');
});

test('a missing module reaches its owner', async () => {
  const worker = startWorker(new URL('./no-such-file.ts', import.meta.url));
  const [error] = (await once(worker, 'error')) as [Error];
  expect(error.message).toContain('no-such-file.ts');
});
