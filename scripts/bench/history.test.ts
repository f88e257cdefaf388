import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type BenchRecord, changesBetween, lastRecord, notableChanges } from './history.ts';
import { hitRate } from './throughput.ts';

const dirs: string[] = [];
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true });
});

const machine = { cpu: 'x', cores: 2, node: '20.20.2' };
const record = (at: string, value: number, more: Partial<BenchRecord> = {}): BenchRecord => ({
  at,
  quick: false,
  machine,
  results: { text: { rows: [{ step: 'canonicalise', microseconds: value, note: 'same' }] } },
  ...more,
});

test('the last record of the same machine and length is found', () => {
  const dir = mkdtempSync(join(tmpdir(), 'laneway-history-'));
  dirs.push(dir);
  const write = (name: string, value: unknown) => writeFileSync(join(dir, name), JSON.stringify(value));
  write('1.json', record('1', 1));
  write('2.json', record('2', 2));
  write('3.json', record('3', 3, { quick: true }));
  write('4.json', record('4', 4, { machine: { ...machine, cores: 8 } }));
  writeFileSync(join(dir, '5.json'), 'not json');
  expect(lastRecord(dir, { quick: false, machine })?.at).toBe('2');
  expect(lastRecord(dir, { quick: true, machine })?.at).toBe('3');
  expect(lastRecord(join(dir, 'none'), { quick: true, machine })).toBeUndefined();
});

test('a regression shows as a ratio, noise does not show', () => {
  const before = record('1', 10);
  expect(notableChanges(changesBetween(before, record('2', 25)))).toEqual([
    { bench: 'text', row: 'canonicalise', figure: 'microseconds', before: 10, now: 25, ratio: 2.5 },
  ]);
  expect(notableChanges(changesBetween(before, record('2', 10.9)))).toEqual([]);
  expect(changesBetween(before, { results: { other: {} } })).toEqual([]);
});

test('the rate of hits counts what came before', () => {
  expect(hitRate(['a1', 'a2', 'b1', 'a1'], (text) => text)).toBe(0.25);
  expect(hitRate(['a1', 'a2', 'b1', 'a1'], (text) => text[0]!)).toBe(0.5);
  expect(hitRate([], (text) => text)).toBe(0);
});
