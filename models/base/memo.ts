/** Remembers answers of a pure function of text. */
export interface Memo<T> {
  get(text: string): T | undefined;
  set(text: string, value: T): void;
}

/**
 * A memo in two generations: what is asked for again moves to the young one, and when that is half of `most` the old
 * one is dropped. As good as least-recently-used where few texts make most of the traffic, at the price of a map.
 *
 * @param most entries held at any time, 2 or more
 * @param longest texts of more UTF-16 units are not remembered
 */
export function createMemo<T>(most: number, longest: number): Memo<T> {
  const half = Math.max(1, Math.floor(most / 2));
  let young = new Map<string, T>();
  let old = new Map<string, T>();
  const put = (text: string, value: T): void => {
    if (young.size >= half) {
      old = young;
      young = new Map();
    }
    young.set(text, value);
  };
  return {
    get(text) {
      if (text.length > longest) return undefined;
      const value = young.get(text);
      if (value !== undefined) return value;
      const aged = old.get(text);
      if (aged !== undefined) put(text, aged);
      return aged;
    },
    set(text, value) {
      if (text.length <= longest) put(text, value);
    },
  };
}
