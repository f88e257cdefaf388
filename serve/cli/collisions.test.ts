import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collisionsCommand } from './collisions.ts';
import type { CliContext } from './context.ts';

test('texts that differ in digits alone and have two labels are listed with their lines', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'laneway-collisions-'));
  try {
    const file = join(dir, 'rows.csv');
    const rows = [
      'text,label',
      'Your code is 482913,transactional',
      'Your code is 771204,promotional',
      'Your code is 4829,promotional',
      'Your code is 100200,transactional',
      'Hello,transactional',
    ];
    writeFileSync(file, rows.join('\n'));
    const printed: string[] = [];
    const context = {
      print: (line: string) => printed.push(line),
      note: () => undefined,
    } as unknown as CliContext;
    await collisionsCommand(context, file, {} as never);
    expect(printed[0]).toContain('"Your code is <code6>"');
    expect(printed.slice(1, -1).map((line) => /:(\d+): (\w+):/.exec(line)?.slice(1))).toEqual([
      ['2', 'transactional'],
      ['3', 'promotional'],
      ['5', 'transactional'],
    ]);
    expect(printed.at(-1)).toBe(
      '1 fingerprints with two labels, 3 of 5 rows; one answer a fingerprint gets at least 1 of them wrong',
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
