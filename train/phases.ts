import { monotonicMs } from '../models/base/clock.ts';

/** Seconds by phase, in order of first appearance. */
export type PhaseSeconds = Readonly<Record<string, number>>;

/** Passes progress on and notes how long each phase took. */
export interface PhaseClock<Phase extends string> {
  /** Another phase than the last one ends that one. */
  readonly show: (phase: Phase, done: number, total: number) => void;
  /** Ends the last phase; seconds to a tenth. */
  end(): PhaseSeconds;
}

/** @param clock milliseconds from any fixed point; default the machine's monotonic clock */
export function createPhaseClock<Phase extends string>(
  onProgress?: (phase: Phase, done: number, total: number) => void,
  clock: () => number = monotonicMs,
): PhaseClock<Phase> {
  const tookMs = new Map<Phase, number>();
  let current: Phase | undefined;
  let startedMs = 0;
  const endCurrent = (nowMs: number) => {
    if (current !== undefined) tookMs.set(current, (tookMs.get(current) ?? 0) + nowMs - startedMs);
    current = undefined;
  };
  return {
    show(phase, done, total) {
      if (phase !== current) {
        const nowMs = clock();
        endCurrent(nowMs);
        current = phase;
        startedMs = nowMs;
      }
      onProgress?.(phase, done, total);
    },
    end() {
      endCurrent(clock());
      return Object.fromEntries([...tookMs].map(([phase, ms]) => [phase, Math.round(ms / 100) / 10]));
    },
  };
}
