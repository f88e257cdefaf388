import { textsPerBatch } from './batching.ts';

/** Texts that wait for an encoder thread. */
export interface TextQueue<T> {
  readonly empty: boolean;
  /** @param tokens length of the text in tokens: a batch has texts of one length */
  push(item: T, tokens: number, urgent: boolean): void;
  /** The next batch; empty where nothing waits. */
  take(): T[];
  /** Takes out what nobody wants any more. */
  drop(isUnwanted: (item: T) => boolean): void;
  /** Takes out everything, in the order it came. */
  drain(): T[];
}

interface Waiting<T> {
  readonly item: T;
  readonly order: number;
}
/** By length in tokens, each in the order it came. */
type Lane<T> = Map<number, Waiting<T>[]>;

/** So many urgent batches go before others while others wait: those get a tenth of the batches at least. */
export const MOST_URGENT_IN_A_ROW = 9;

/**
 * Urgent texts go before all others and in batches of their own, so that a code does not wait for an advert beside it.
 * Among equals the text that waits longest chooses the length; others of its length go along.
 */
export function createTextQueue<T>(): TextQueue<T> {
  const urgent: Lane<T> = new Map();
  const others: Lane<T> = new Map();
  let order = 0;
  let inARow = 0;

  function chooseLane(): Lane<T> {
    if (urgent.size === 0) return others;
    return others.size > 0 && inARow >= MOST_URGENT_IN_A_ROW ? others : urgent;
  }

  return {
    get empty() {
      return urgent.size === 0 && others.size === 0;
    },
    push(item, tokens, isUrgent) {
      const lane = isUrgent ? urgent : others;
      const group = lane.get(tokens);
      const waiting = { item, order: order++ };
      if (group === undefined) lane.set(tokens, [waiting]);
      else group.push(waiting);
    },
    take() {
      const lane = chooseLane();
      inARow = lane === urgent ? inARow + 1 : 0;
      let length = 0;
      let oldest = Number.POSITIVE_INFINITY;
      for (const [tokens, group] of lane) {
        if (group[0]!.order >= oldest) continue;
        oldest = group[0]!.order;
        length = tokens;
      }
      const group = lane.get(length);
      if (group === undefined) return [];
      const batch = group.splice(0, textsPerBatch(length));
      if (group.length === 0) lane.delete(length);
      return batch.map(({ item }) => item);
    },
    drop(isUnwanted) {
      for (const lane of [urgent, others]) {
        for (const [tokens, group] of lane) {
          const kept = group.filter(({ item }) => !isUnwanted(item));
          if (kept.length > 0) lane.set(tokens, kept);
          else lane.delete(tokens);
        }
      }
    },
    drain() {
      const all = [...urgent.values(), ...others.values()].flat();
      urgent.clear();
      others.clear();
      return all.sort((a, b) => a.order - b.order).map(({ item }) => item);
    },
  };
}
