import { existsSync, readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Signals } from './forecast.ts';

const MINUTE_MS = 60_000;
const Announcement = z.strictObject({
  /** ISO 8601 with an offset. */
  from: z.iso.datetime({ offset: true }),
  minutes: z.int().min(1).max(10_080),
  /** Messages a minute on top of the usual ones. */
  perMinute: z.number().min(0),
});
const File = z.array(Announcement);

/**
 * What others know of the traffic to come (a marketing calendar, a matchday), from a JSON file that may be rewritten at
 * any time: `[{"from":"2026-11-27T09:00:00Z","minutes":30,"perMinute":2000}]`. A file that cannot be read leaves what
 * was read before.
 *
 * @param report told of a bad file, once for each change of it
 */
export function signalsFromFile(file: string, report: (error: unknown, doing: string) => void): Signals {
  let seen = '';
  let known: readonly { readonly from: number; readonly to: number; readonly perMinute: number }[] = [];
  return (minute) => {
    if (existsSync(file)) {
      const { mtimeMs, size } = statSync(file);
      const mark = `${mtimeMs}/${size}`;
      if (mark !== seen) {
        seen = mark;
        try {
          known = File.parse(JSON.parse(readFileSync(file, 'utf8'))).map(({ from, minutes, perMinute }) => {
            const first = Math.floor(Date.parse(from) / MINUTE_MS);
            return { from: first, to: first + minutes, perMinute };
          });
        } catch (error) {
          report(error, 'reading the traffic signals');
        }
      }
    }
    return known.reduce((sum, one) => (minute >= one.from && minute < one.to ? sum + one.perMinute : sum), 0);
  };
}
