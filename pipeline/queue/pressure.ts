import type { Clock } from '../../models/base/clock.ts';

/**
 * One process, one event loop: while urgent messages are on their way from acceptance to the provider, bulk
 * work stops between its steps. Bulk steps go one at a time, so that at most one stands between an urgent
 * message and its next move. Bulk never starves: one step goes at least every `maxBulkWaitMs` (its guaranteed
 * share), and an urgent message counts for at most `maxUrgentMs` (a stuck one throttles nobody for long).
 */
export interface Pressure {
  /** An urgent message came in. */
  enter(id: string): void;
  /** It reached the provider, or needs no hurry any more. */
  leave(id: string): void;
  /** Lets pending I/O and urgent work go first; to be called before each step of bulk work. */
  pass(): Promise<void>;
  readonly urgentInFlight: number;
  /** No urgent message was heard of for a while: bulk work may take longer steps, which cost less a message. */
  readonly quiet: boolean;
}

export interface PressureOptions {
  readonly clock: Clock;
  /** 1 to 10,000, default 25: the starvation bound of bulk work. */
  readonly maxBulkWaitMs?: number;
  /** 1 to 60,000, default 1,000. */
  readonly maxUrgentMs?: number;
  /** Without an urgent message for so long it is quiet, ms, 0 to 60,000, default 2,000. */
  readonly quietAfterMs?: number;
}

export function createPressure(options: PressureOptions): Pressure {
  const { clock, maxBulkWaitMs = 25, maxUrgentMs = 1_000, quietAfterMs = 2_000 } = options;
  let lastUrgentMs = -Infinity;
  const since = new Map<string, number>();
  const waiting: Array<() => void> = [];
  let pumping = false;
  let cleared: (() => void) | undefined;

  function dropStale(): void {
    const limit = clock() - maxUrgentMs;
    for (const [id, enteredMs] of since) {
      if (enteredMs > limit) break;
      since.delete(id);
    }
  }

  /** Until no urgent message is in flight, or bulk has waited long enough. */
  function clearance(): Promise<void> {
    return new Promise((resolve) => {
      const go = (): void => {
        clearTimeout(timer);
        cleared = undefined;
        resolve();
      };
      const timer = setTimeout(go, maxBulkWaitMs);
      cleared = go;
    });
  }

  async function pump(): Promise<void> {
    pumping = true;
    for (;;) {
      // A turn of the event loop between steps: what came in meanwhile is seen first.
      await new Promise<void>((resolve) => setImmediate(resolve));
      dropStale();
      if (since.size > 0) await clearance();
      const next = waiting.shift();
      if (!next) break;
      next();
    }
    pumping = false;
  }

  return {
    enter(id) {
      lastUrgentMs = clock();
      since.set(id, lastUrgentMs);
    },
    leave(id) {
      if (since.delete(id) && since.size === 0) cleared?.();
    },
    pass() {
      return new Promise((resolve) => {
        waiting.push(resolve);
        if (!pumping) void pump();
      });
    },
    get urgentInFlight() {
      dropStale();
      return since.size;
    },
    get quiet() {
      return Math.abs(clock() - lastUrgentMs) >= quietAfterMs;
    },
  };
}
