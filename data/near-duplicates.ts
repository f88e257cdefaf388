/**
 * Near-duplicates by Jaccard similarity of word 3-grams (Broder 1997): every pair at or above the threshold is
 * joined, so two texts of different clusters are always below it.
 *
 * @param texts slot-masked canonical texts
 * @param threshold similarity from which two texts count as one, above 0 and at most 1; default 0.5
 * @returns for each text the index of the first member of its cluster (itself where it is alone)
 */
export function clusterNearDuplicates(texts: readonly string[], threshold = 0.5): Int32Array {
  const parent = Int32Array.from(texts, (_, index) => index);
  const find = (index: number): number => {
    let root = index;
    while (parent[root] !== root) root = parent[root]!;
    while (parent[index] !== root) {
      const next = parent[index]!;
      parent[index] = root;
      index = next;
    }
    return root;
  };
  for (const { earlier, later } of similarPairs(texts, threshold)) {
    const a = find(earlier);
    const b = find(later);
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  return parent.map((_, index) => find(index));
}

export interface SimilarPair {
  readonly earlier: number;
  readonly later: number;
  /** Jaccard similarity, 0 to 1. */
  readonly similarity: number;
}

/**
 * Every pair of texts whose similarity reaches the threshold, the later text ascending. Exact: an inverted index over
 * the rarest 3-grams of each text finds the candidates (prefix filtering: Chaudhuri et al. 2006, Bayardo et al.
 * 2007), since two similar texts must share one of them.
 *
 * @param threshold above 0 and at most 1; default 0.5
 */
export function* similarPairs(texts: readonly string[], threshold = 0.5): Generator<SimilarPair> {
  const sets = rankedTrigrams(texts);
  const holders = new Map<number, number[]>();
  const askedBy = new Int32Array(texts.length).fill(-1);
  for (let later = 0; later < sets.length; later++) {
    const grams = sets[later]!;
    const prefix = grams.length - Math.ceil(threshold * grams.length - 1e-9) + 1;
    for (let k = 0; k < prefix; k++) {
      const known = holders.get(grams[k]!);
      if (!known) {
        holders.set(grams[k]!, [later]);
        continue;
      }
      for (const earlier of known) {
        if (askedBy[earlier] === later) continue;
        askedBy[earlier] = later;
        const similarity = jaccard(sets[earlier]!, grams);
        if (similarity >= threshold) yield { earlier, later, similarity };
      }
      known.push(later);
    }
  }
}

/** The 3-grams of each text as numbers, ascending, the rarest gram of the collection being 0. */
function rankedTrigrams(texts: readonly string[]): Int32Array[] {
  const idOf = new Map<string, number>();
  const count: number[] = [];
  const sets = texts.map((text) =>
    Int32Array.from(wordTrigrams(text), (gram) => {
      const id = idOf.get(gram) ?? idOf.size;
      if (id === idOf.size) idOf.set(gram, id);
      count[id] = (count[id] ?? 0) + 1;
      return id;
    }),
  );
  const rankOf = new Int32Array(count.length);
  Int32Array.from(count.keys())
    .sort((a, b) => count[a]! - count[b]! || a - b)
    .forEach((id, rank) => {
      rankOf[id] = rank;
    });
  return sets.map((set) => set.map((id) => rankOf[id]!).sort());
}

/** Share of common members of two ascending lists, 0 to 1. */
function jaccard(a: Int32Array, b: Int32Array): number {
  let common = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) {
      common++;
      i++;
      j++;
    } else if (a[i]! < b[j]!) i++;
    else j++;
  }
  return common / (a.length + b.length - common);
}

/** The word 3-grams of a text, or the whole of it where it has fewer than three words. */
export function wordTrigrams(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}<>_']+|[^\s\p{L}\p{N}]/gu) ?? [];
  const grams = new Set<string>();
  for (let i = 0; i + 2 < words.length; i++) grams.add(`${words[i]} ${words[i + 1]} ${words[i + 2]}`);
  if (grams.size === 0) grams.add(words.join(' '));
  return grams;
}
