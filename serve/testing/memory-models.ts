import type { AppOptions } from '../http/app.ts';

/** For tests of the doors alone: one champion, nothing watched. */
export function memoryModels(over: Partial<AppOptions['models']> = {}): AppOptions['models'] {
  return {
    version: 'memory-1',
    encoder: 'none',
    observe: () => undefined,
    drift: () => [],
    challenger: () => undefined,
    disagreements: () => [],
    ...over,
  };
}
