import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openJournal } from './journal.ts';
import type { RunReport } from './run.ts';

test('a lab goes on from its own runs, each once, whatever else is in the file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'laneway-journal-'));
  try {
    const file = join(dir, 'lab.jsonl');
    const run = (seed: number, lost: number, messages = 100) => ({ seed, lost, messages }) as RunReport;
    const journal = openJournal(file, { lab: 1, messages: 100 });
    expect(journal.done).toEqual([]);
    for (const report of [run(7, 1), run(8, 0), run(7, 0)]) journal.add(report);
    openJournal(file, { lab: 2, messages: 100 }).add(run(9, 0));
    openJournal(file, { lab: 1, messages: 5 }).add(run(10, 0, 5));
    appendFileSync(file, '{"lab":1,"seed":11,"mess');
    expect(openJournal(file, { lab: 1, messages: 100 }).done).toEqual([run(7, 0), run(8, 0)]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
