import { LRUCache } from 'lru-cache';

export interface SenderWatchOptions {
  /** Senders remembered, those heard of last; default 500. */
  readonly maxSenders?: number;
  /** First messages of a sender that make its own baseline; default 100. */
  readonly baseline?: number;
  /** Latest messages that are held against it; default 50. */
  readonly recent?: number;
  /** Least change of the mean probability that counts as a shift; default 0.3. */
  readonly threshold?: number;
}

/** A sender whose messages are no longer what they were. */
export interface SenderShift {
  readonly sender: string;
  /** Mean P(promotional) of its first messages, and of its latest. */
  readonly before: number;
  readonly now: number;
}

interface Watched {
  count: number;
  baselineSum: number;
  readonly latest: Float32Array;
  latestSum: number;
}

/** Watches each sender against its own beginnings; memory is bounded by the number of senders remembered. */
export interface SenderWatch {
  observe(sender: string, probability: number): void;
  /** Largest change of any sender with enough messages, 0 to 1. */
  largest(): number;
  /** Senders that shifted, the largest change first. */
  shifted(): SenderShift[];
}

export function createSenderWatch(options: SenderWatchOptions = {}): SenderWatch {
  const { maxSenders = 500, baseline = 100, recent = 50, threshold = 0.3 } = options;
  const senders = new LRUCache<string, Watched>({ max: maxSenders });

  const changes = (): SenderShift[] =>
    [...senders.entries()].flatMap(([sender, { count, baselineSum, latestSum }]) =>
      count < baseline + recent ? [] : [{ sender, before: baselineSum / baseline, now: latestSum / recent }],
    );
  const sizeOf = ({ before, now }: SenderShift): number => Math.abs(now - before);

  return {
    observe(sender, probability) {
      let held = senders.get(sender);
      if (!held) {
        held = { count: 0, baselineSum: 0, latest: new Float32Array(recent), latestSum: 0 };
        senders.set(sender, held);
      }
      if (held.count < baseline) held.baselineSum += probability;
      else {
        const at = (held.count - baseline) % recent;
        held.latest[at] = probability;
        // Summed anew: adding and taking away would gather rounding errors for as long as the process lives.
        if (at === recent - 1 || held.count >= baseline + recent)
          held.latestSum = held.latest.reduce((sum, one) => sum + one, 0);
      }
      held.count++;
    },
    largest: () => changes().reduce((most, change) => Math.max(most, sizeOf(change)), 0),
    shifted: () =>
      changes()
        .filter((change) => sizeOf(change) >= threshold)
        .sort((a, b) => sizeOf(b) - sizeOf(a)),
  };
}
