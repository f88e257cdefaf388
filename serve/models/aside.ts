/** Work that is done after what is urgent: in small slices, behind a bounded queue. */
export interface Aside<T> {
  /** Returns at once; beyond the capacity the item is dropped and counted. */
  push(item: T): void;
  readonly dropped: number;
  /** Does no more; what waits is dropped. */
  close(): void;
}

export interface AsideOptions {
  /** Items that may wait; default 10,000. */
  readonly capacity?: number;
  /** Items done before other work gets a turn; default 32. */
  readonly slice?: number;
}

/** @param work must not throw */
export function createAside<T>(work: (item: T) => void, options: AsideOptions = {}): Aside<T> {
  const { capacity = 10_000, slice = 32 } = options;
  let waiting: T[] = [];
  let next = 0;
  let scheduled = false;
  let dropped = 0;

  function turn(): void {
    const end = Math.min(next + slice, waiting.length);
    while (next < end) work(waiting[next++]!);
    scheduled = next < waiting.length;
    if (scheduled) setImmediate(turn);
    else {
      waiting = [];
      next = 0;
    }
  }

  return {
    push(item) {
      if (waiting.length - next >= capacity) {
        dropped++;
        return;
      }
      waiting.push(item);
      if (!scheduled) setImmediate(turn);
      scheduled = true;
    },
    get dropped() {
      return dropped;
    },
    close() {
      dropped += waiting.length - next;
      waiting = [];
      next = 0;
    },
  };
}
