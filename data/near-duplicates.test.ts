import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clusterNearDuplicates, similarPairs, wordTrigrams } from './near-duplicates.ts';

/** Short texts over few words, so that many are alike. */
const texts = fc.array(
  fc
    .array(fc.constantFrom('your', 'code', 'is', 'now', '<code6>', 'sale', '!', 'pay'), { maxLength: 9 })
    .map((words) => words.join(' ')),
  { maxLength: 25 },
);
const thresholds = fc.constantFrom(0.2, 1 / 3, 0.5, 0.6, 0.75, 1);

function similarity(a: string, b: string): number {
  const [x, y] = [wordTrigrams(a), wordTrigrams(b)];
  const common = [...x].filter((gram) => y.has(gram)).length;
  return common / (x.size + y.size - common);
}

function allPairs(list: readonly string[], threshold: number) {
  return list.flatMap((text, later) =>
    list.slice(0, later).flatMap((other, earlier) => {
      const found = similarity(other, text);
      return found >= threshold ? [{ earlier, later, similarity: found }] : [];
    }),
  );
}

describe('similarPairs', () => {
  it('finds exactly what comparing all with all finds', () => {
    fc.assert(
      fc.property(texts, thresholds, (list, threshold) => {
        const byPlace = (a: { earlier: number; later: number }, b: { earlier: number; later: number }) =>
          a.later - b.later || a.earlier - b.earlier;
        expect([...similarPairs(list, threshold)].sort(byPlace)).toEqual(
          allPairs(list, threshold).sort(byPlace),
        );
      }),
      { seed: 7, numRuns: 400 },
    );
  });

  it('does not lose pairs among hundreds that share a phrase', () => {
    const list = Array.from({ length: 900 }, (_, i) => `your account ends in ${i % 450}`);
    const pairs = [...similarPairs(list, 0.9)];
    expect(pairs).toHaveLength(450);
    expect(pairs.at(-1)).toEqual({ earlier: 449, later: 899, similarity: 1 });
  });
});

describe('clusterNearDuplicates', () => {
  it('puts two texts in one cluster exactly when a chain of similar texts joins them', () => {
    fc.assert(
      fc.property(texts, thresholds, (list, threshold) => {
        const cluster = Array.from(list.keys());
        const pairs = allPairs(list, threshold);
        for (let changed = true; changed; ) {
          changed = false;
          for (const { earlier, later } of pairs) {
            const low = Math.min(cluster[earlier]!, cluster[later]!);
            if (cluster[earlier] === low && cluster[later] === low) continue;
            cluster[earlier] = low;
            cluster[later] = low;
            changed = true;
          }
        }
        expect(Array.from(clusterNearDuplicates(list, threshold))).toEqual(cluster);
      }),
      { seed: 8, numRuns: 300 },
    );
  });

  it('joins a text to both of two that are not alike', () => {
    const list = ['a b c d e f', 'd e f g h i', 'a b c d e f g h i'];
    expect(similarity(list[0]!, list[1]!)).toBeLessThan(0.5);
    expect(Array.from(clusterNearDuplicates(list))).toEqual([0, 0, 0]);
  });
});
