import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binOf, quantileEdges } from './quantile.ts';

const values = fc.array(
  fc.oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: -3, max: 3 })),
  { minLength: 1, maxLength: 400 },
);

test('bins are at most as many as asked, in order, none empty, and agree with the raw comparison', () => {
  fc.assert(
    fc.property(values, fc.integer({ min: 2, max: 255 }), (raw, maxBins) => {
      const sorted = Float32Array.from(raw).sort();
      const edges = quantileEdges(sorted, maxBins);
      expect(edges.length).toBeLessThan(maxBins);
      const filled = new Set<number>();
      for (const value of sorted) {
        const bin = binOf(value, edges, 0, edges.length);
        filled.add(bin);
        for (let edge = 0; edge < edges.length; edge++) expect(value <= edges[edge]!).toBe(bin <= edge);
      }
      expect(filled.size).toBe(edges.length + 1);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test('few distinct values get a bin each, with edges halfway', () => {
  expect([...quantileEdges(Float32Array.of(0, 0, 0, 0, 0, 1, 2, 4), 4)]).toEqual([0.5, 1.5, 3]);
  expect([...quantileEdges(Float32Array.of(7, 7, 7), 255)]).toEqual([]);
});

test('neighbouring Float32 values are kept apart', () => {
  const next = Math.fround(1 + 2 ** -23);
  expect([...quantileEdges(Float32Array.of(1, next), 2)]).toEqual([1]);
});

test('bins of distinct values hold about equal counts', () => {
  const sorted = Float32Array.from({ length: 10_000 }, (_, i) => i * i);
  const edges = quantileEdges(sorted, 50);
  const counts = new Array<number>(50).fill(0);
  for (const value of sorted) counts[binOf(value, edges, 0, edges.length)]!++;
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(190);
  expect(Math.max(...counts)).toBeLessThanOrEqual(210);
});

test('a value that half the rows share does not cost the others their bins', () => {
  const sorted = Float32Array.from({ length: 2000 }, (_, i) => (i < 1000 ? 0 : i));
  expect(quantileEdges(sorted, 64).length).toBe(63);
});
