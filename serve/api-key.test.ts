import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKeyCheck, openApiKey } from './api-key.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'laneway-key-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

test('is made once, for the owner alone, and read again', () => {
  const dir = join(home, 'new');
  const made = openApiKey(dir);
  expect(made.key).toMatch(/^lw_[\w-]{43}$/);
  expect(statSync(made.file).mode & 0o777).toBe(0o600);
  expect(openApiKey(dir)).toEqual(made);
  expect(openApiKey(join(home, 'other')).key).not.toBe(made.key);
});

test('a file that others may read is closed to them', () => {
  const { file, key } = openApiKey(home);
  rmSync(file);
  writeFileSync(file, `${key}\n`, { mode: 0o644 });
  openApiKey(home);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each(['', 'lw_', 'secret', `lw_${'a'.repeat(42)}`])(
  'a file that holds "%s" is refused, not replaced',
  (text) => {
    writeFileSync(join(home, 'api-key'), text);
    expect(() => openApiKey(home)).toThrowError(expect.objectContaining({ code: 'API_KEY_UNREADABLE' }));
  },
);

test('the check takes the key and nothing else', () => {
  const key = `lw_${'k'.repeat(43)}`;
  const check = createKeyCheck(key);
  expect([`Bearer ${key}`, `bearer  ${key} `].map(check)).toEqual([true, true]);
  const wrong = [
    undefined,
    '',
    'Bearer',
    'Bearer ',
    key,
    `Basic ${key}`,
    `Bearer ${key.toUpperCase()}`,
    `Bearer ${key} x`,
  ];
  expect(wrong.map(check)).toEqual(wrong.map(() => false));
});
