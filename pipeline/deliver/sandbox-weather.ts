import { existsSync, readFileSync, statSync } from 'node:fs';
import { z } from 'zod';

/**
 * What a simulated carrier is put through. `down`: it refuses connections; `hang`: it takes calls and never answers;
 * `slow`: answers take ten times as long; `busy`: it asks us to come back in a second.
 */
export const Weather = z.object({ state: z.enum(['fair', 'down', 'hang', 'slow', 'busy']) }).strict();
export type WeatherState = z.infer<typeof Weather>['state'];

const LOOK_EVERY_MS = 100;

/**
 * Weather from a file, `{"state":"down"}`, that another process may rewrite at any time; without the file it is fair,
 * and a half-written one changes nothing.
 *
 * @param nowMs of a monotonic clock
 */
export function weatherFromFile(file: string, nowMs: () => number): () => WeatherState {
  let state: WeatherState = 'fair';
  let lookedMs = Number.NEGATIVE_INFINITY;
  let seen = '';
  return () => {
    if (nowMs() - lookedMs < LOOK_EVERY_MS) return state;
    lookedMs = nowMs();
    if (!existsSync(file)) {
      seen = '';
      state = 'fair';
      return state;
    }
    const { mtimeMs, size } = statSync(file);
    const mark = `${mtimeMs}/${size}`;
    if (mark === seen) return state;
    try {
      state = Weather.parse(JSON.parse(readFileSync(file, 'utf8'))).state;
      seen = mark;
    } catch {
      return state;
    }
    return state;
  };
}
