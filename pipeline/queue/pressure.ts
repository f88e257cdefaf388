import type { Clock } from '../../models/base/clock.ts';

/**
 * One process, one event loop: while urgent messages are on their way from acceptance to the provider, bulk
 * work stops between its slices. Bulk never waits longer than `maxBulkWaitMs` for a slice (its guaranteed
 * share), and an urgent message counts for at most `maxUrgentMs` (a stuck one throttles nobody for long).
 */
export interface Pressure {
  /** An urgent message came in. */
  enter(id: string): void;
  /** It reached the provider, or needs no hurry any more. */
  leave(id: string): void;
  /** Lets pending I/O through, then waits for urgent work. To be called between slices of bulk work. */
  pass(): Promise<void>;
  readonly urgentInFlight: number;
}

export interface PressureOptions {
  readonly clock: Clock;
  /** 1 to 10,000, default 50: the starvation bound of one bulk slice. */
  readonly maxBulkWaitMs?: number;
  /** 1 to 60,000, default 250. */
  readonly maxUrgentMs?: number;
}

export function createPressure(options: PressureOptions): Pressure {
  const { clock, maxBulkWaitMs = 50, maxUrgentMs = 250 } = options;
  const since = new Map<string, number>();
  let waiters: Array<() => void> = [];

  function dropStale(): void {
    const limit = clock() - maxUrgentMs;
    for (const [id, enteredMs] of since) {
      if (enteredMs > limit) break;
      since.delete(id);
    }
  }

  function wake(): void {
    if (since.size > 0) return;
    const ready = waiters;
    waiters = [];
    for (const resolve of ready) resolve();
  }

  return {
    enter(id) {
      since.set(id, clock());
    },
    leave(id) {
      if (since.delete(id)) wake();
    },
    async pass() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      dropStale();
      if (since.size === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, maxBulkWaitMs);
        waiters.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    },
    get urgentInFlight() {
      dropStale();
      return since.size;
    },
  };
}
