/**
 * Near-duplicates by Jaccard similarity of word 3-grams (Broder 1997), found through an inverted index.
 *
 * @param texts slot-masked canonical texts
 * @param threshold similarity from which two texts count as one; default 0.5
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
  for (const [a, b] of nearDuplicatePairs(texts, threshold)) {
    const [low, high] = [find(a), find(b)].sort((x, y) => x - y) as [number, number];
    parent[high] = low;
  }
  return parent.map((_, index) => find(index));
}

/** Every text with the earlier text that it is most similar to, where that reaches the threshold. */
export function* nearDuplicatePairs(
  texts: readonly string[],
  threshold = 0.5,
): Generator<[number, number, number]> {
  const index = new Map<string, number[]>();
  const sizes = new Int32Array(texts.length);
  const shared = new Int32Array(texts.length);
  for (let current = 0; current < texts.length; current++) {
    const grams = wordTrigrams(texts[current]!);
    sizes[current] = grams.size;
    const touched: number[] = [];
    for (const gram of grams) {
      const holders = index.get(gram);
      if (!holders) {
        index.set(gram, [current]);
        continue;
      }
      for (const holder of holders) {
        if (shared[holder]!++ === 0) touched.push(holder);
      }
      // A 3-gram that hundreds share ("your account is") tells nothing about identity and would cost quadratic time.
      if (holders.length < 400) holders.push(current);
    }
    let best = -1;
    let bestSimilarity = 0;
    for (const holder of touched) {
      const common = shared[holder]!;
      shared[holder] = 0;
      const similarity = common / (sizes[holder]! + grams.size - common);
      if (similarity > bestSimilarity) [best, bestSimilarity] = [holder, similarity];
    }
    if (bestSimilarity >= threshold) yield [best, current, bestSimilarity];
  }
}

function wordTrigrams(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}<>_']+|[^\s\p{L}\p{N}]/gu) ?? [];
  const grams = new Set<string>();
  for (let i = 0; i + 2 < words.length; i++) grams.add(`${words[i]} ${words[i + 1]} ${words[i + 2]}`);
  if (grams.size === 0) grams.add(words.join(' '));
  return grams;
}
