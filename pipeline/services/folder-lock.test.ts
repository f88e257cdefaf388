import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockFolder } from './folder-lock.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'laneway-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A process that locks the folder and tells how it went; lives until it is killed. */
function rival() {
  const child = fork(new URL('./folder-lock.fixture.ts', import.meta.url), [dir], {
    execArgv: ['--import', import.meta.resolve('tsx')],
  });
  return { child, says: once(child, 'message').then(([word]) => word as string), ended: once(child, 'exit') };
}

test('one holder; released, the folder is free', () => {
  const lock = lockFolder(dir);
  expect(() => lockFolder(dir)).toThrow(expect.objectContaining({ code: 'FOLDER_IN_USE' }));
  lock.release();
  lock.release();
  lockFolder(dir).release();
  expect(existsSync(lock.path)).toBe(false);
});

test('a lock left by kill -9 is taken over by exactly one of many', async () => {
  const first = rival();
  expect(await first.says).toBe('locked');
  expect(() => lockFolder(dir)).toThrow(`process ${first.child.pid}`);
  first.child.kill('SIGKILL');
  await first.ended;
  const rivals = Array.from({ length: 4 }, rival);
  const words = await Promise.all(rivals.map((one) => one.says));
  expect(words.sort()).toEqual(['FOLDER_IN_USE', 'FOLDER_IN_USE', 'FOLDER_IN_USE', 'locked']);
  for (const one of rivals) one.child.kill('SIGKILL');
  await Promise.all(rivals.map((one) => one.ended));
});

test('a pid that lives on as another program does not hold the folder', () => {
  const impostor = { pid: process.pid, startTicks: '1', host: hostname(), token: 't', since: 'x' };
  writeFileSync(join(dir, 'laneway.lock'), JSON.stringify(impostor));
  lockFolder(dir).release();
});

test('a holder on another host holds while its heart beats', () => {
  const away = { pid: 1, startTicks: '1', host: 'elsewhere', token: 't', since: 'x' };
  writeFileSync(join(dir, 'laneway.lock'), JSON.stringify(away));
  expect(() => lockFolder(dir)).toThrow('elsewhere');
  const later = Date.now() + 60_000;
  lockFolder(dir, () => later).release();
});

test('a lock file that makes no sense does not hold the folder', () => {
  writeFileSync(join(dir, 'laneway.lock'), '{');
  lockFolder(dir).release();
});
