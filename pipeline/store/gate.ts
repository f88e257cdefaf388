/** Who may go first when both wait: a one-time code never waits behind a sale. */
export type Priority = 'urgent' | 'bulk';

/** A mutex with two waiting lines. `urgent` goes first, but `bulk` gets every `bulkEvery`-th turn. */
export interface PriorityGate {
  acquire(priority: Priority): Promise<void>;
  release(): void;
  /** Waiting now, both lines. */
  readonly waiting: number;
}

/** @param bulkEvery starvation bound: at most this many urgent turns in a row while bulk waits, 1 to 1000 */
export function createPriorityGate(bulkEvery = 16): PriorityGate {
  const lines: Record<Priority, Array<() => void>> = { urgent: [], bulk: [] };
  let held = false;
  let urgentTurns = 0;

  const next = (): (() => void) | undefined => {
    const bulkIsDue = lines.bulk.length > 0 && urgentTurns >= bulkEvery;
    if (lines.urgent.length > 0 && !bulkIsDue) {
      urgentTurns++;
      return lines.urgent.shift();
    }
    urgentTurns = 0;
    return lines.bulk.shift();
  };

  return {
    acquire(priority) {
      if (!held) {
        held = true;
        return Promise.resolve();
      }
      return new Promise((resolve) => lines[priority].push(resolve));
    },
    release() {
      const waiter = next();
      if (waiter) waiter();
      else held = false;
    },
    get waiting() {
      return lines.urgent.length + lines.bulk.length;
    },
  };
}
