import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineReport } from './machine.ts';

type Row = Readonly<Record<string, unknown>>;

/** What `bench-results/<time>.json` holds. */
export interface BenchRecord {
  readonly at: string;
  readonly quick: boolean;
  readonly machine: Pick<MachineReport, 'cpu' | 'cores' | 'node'>;
  readonly results: Readonly<Record<string, { readonly rows?: readonly Row[] } | undefined>>;
}

/** One figure now and the time before. */
export interface Change {
  readonly bench: string;
  readonly row: string;
  readonly figure: string;
  readonly before: number;
  readonly now: number;
  /** `now / before`. */
  readonly ratio: number;
}

/** The last record of the same machine and length, or undefined. Files that are none are passed over. */
export function lastRecord(
  dir: string,
  like: Pick<BenchRecord, 'quick' | 'machine'>,
): BenchRecord | undefined {
  if (!existsSync(dir)) return undefined;
  const files = readdirSync(dir).filter((name) => name.endsWith('.json'));
  for (const name of files.sort().reverse()) {
    try {
      const record = JSON.parse(readFileSync(join(dir, name), 'utf8')) as BenchRecord;
      const { cpu, cores, node } = record.machine;
      const same = cpu === like.machine.cpu && cores === like.machine.cores && node === like.machine.node;
      if (same && record.quick === like.quick) return record;
    } catch {
      // Not a record.
    }
  }
  return undefined;
}

const labelOf = (row: Row): string => String(Object.values(row).find((value) => typeof value === 'string'));

/** Every figure that both records have, by benchmark, label of the row and column. */
export function changesBetween(before: BenchRecord, now: Pick<BenchRecord, 'results'>): Change[] {
  const changes: Change[] = [];
  for (const [bench, { rows = [] } = {}] of Object.entries(now.results)) {
    const earlier = new Map((before.results[bench]?.rows ?? []).map((row) => [labelOf(row), row]));
    for (const row of rows) {
      const label = labelOf(row);
      for (const [figure, value] of Object.entries(row)) {
        const old = earlier.get(label)?.[figure];
        if (typeof value !== 'number' || typeof old !== 'number' || old === 0) continue;
        changes.push({ bench, row: label, figure, before: old, now: value, ratio: value / old });
      }
    }
  }
  return changes;
}

/** Changes by more than this factor either way are worth a look; less is noise of a shared machine. */
export const NOTABLE = 1.15;

/** The changes worth a look, the largest first, as rows of a table. */
export function notableChanges(changes: readonly Change[]): Readonly<Record<string, string | number>>[] {
  return changes
    .filter(({ ratio }) => ratio > NOTABLE || ratio < 1 / NOTABLE)
    .sort((a, b) => Math.abs(Math.log(b.ratio)) - Math.abs(Math.log(a.ratio)))
    .map(({ bench, row, figure, before, now, ratio }) => ({
      bench,
      row,
      figure,
      before,
      now,
      ratio: Math.round(100 * ratio) / 100,
    }));
}
