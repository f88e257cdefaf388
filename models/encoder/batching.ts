import type { TokenBatch } from './session.ts';

/** Past this a batch no longer gains speed and only delays its first text. */
export const MAX_BATCH_TOKENS = 512;

/** How many texts of `length` tokens go in one batch; at least one. */
export const textsPerBatch = (length: number): number => Math.max(1, Math.floor(MAX_BATCH_TOKENS / length));

/** Lays equally long token lists side by side. */
export function packBatch(lists: readonly (readonly number[])[]): TokenBatch {
  const length = lists[0]!.length;
  const ids = new Int32Array(lists.length * length);
  lists.forEach((list, i) => {
    ids.set(list, i * length);
  });
  return { count: lists.length, length, ids };
}

/**
 * Batches of equally long lists, shortest first, with the index each came from. Equal lengths need no padding
 * and no mask: nothing is computed in vain, and a text's vector is the same bytes in every batch.
 */
export function planBatches(
  lists: readonly (readonly number[])[],
): { readonly indices: readonly number[]; readonly batch: TokenBatch }[] {
  const byLength = new Map<number, number[]>();
  lists.forEach((list, i) => {
    const group = byLength.get(list.length);
    if (group === undefined) byLength.set(list.length, [i]);
    else group.push(i);
  });
  return [...byLength]
    .sort(([a], [b]) => a - b)
    .flatMap(([length, indices]) => {
      const size = textsPerBatch(length);
      const parts = [];
      for (let from = 0; from < indices.length; from += size) {
        const part = indices.slice(from, from + size);
        parts.push({ indices: part, batch: packBatch(part.map((i) => lists[i]!)) });
      }
      return parts;
    });
}
