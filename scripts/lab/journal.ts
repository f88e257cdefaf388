import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { RunReport } from './run.ts';

/** What a lab has done so far, a JSON line a run, beside its page: a lab that was broken off goes on from it. */
export interface Journal {
  /** Runs of the same lab: first seed and size agree. */
  readonly done: readonly RunReport[];
  add(report: RunReport): void;
}

/** @param of the lab's first seed and size of runs; what others left in the file is passed over */
export function openJournal(file: string, of: { readonly lab: number; readonly messages: number }): Journal {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const done = lines.flatMap((line): RunReport[] => {
    try {
      const { lab, ...report } = JSON.parse(line) as RunReport & { readonly lab: number };
      return lab === of.lab && report.messages === of.messages ? [report] : [];
    } catch {
      // The last line of one that was killed may be half a line.
      return [];
    }
  });
  return {
    // A run that was made again counts once, as it was last.
    done: [...new Map(done.map((report) => [report.seed, report])).values()],
    add: (report) => appendFileSync(file, `${JSON.stringify({ lab: of.lab, ...report })}\n`),
  };
}
