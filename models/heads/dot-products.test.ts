import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDotProducts, LANES } from './dot-products.ts';

describe('dot products', () => {
  it('are those of plain arithmetic, for any rows of any width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((lanes) =>
          fc.record({
            query: fc.array(fc.integer({ min: -32_767, max: 32_767 }), {
              minLength: lanes * LANES,
              maxLength: lanes * LANES,
            }),
            rows: fc.array(
              fc.array(fc.integer({ min: -128, max: 127 }), {
                minLength: lanes * LANES,
                maxLength: lanes * LANES,
              }),
              { minLength: 1, maxLength: 9 },
            ),
          }),
        ),
        ({ query, rows }) => {
          const dots = createDotProducts(rows.length, query.length);
          dots.rows.set(rows.flat());
          dots.query.set(query);
          dots.run();
          const expected = rows.map((row) => row.reduce((sum, value, at) => sum + value * query[at]!, 0));
          expect(Array.from(dots.sums)).toEqual(expected);
        },
      ),
      { seed: 7 },
    );
  });

  it('work on a part of the rows', () => {
    const dots = createDotProducts(3, LANES);
    dots.rows.set([...Array(LANES).fill(1), ...Array(LANES).fill(2), ...Array(LANES).fill(3)]);
    dots.query.fill(10);
    dots.run(1, 2);
    expect(Array.from(dots.sums.subarray(0, 2))).toEqual([160, 240]);
    dots.run(0, 0);
    expect(dots.sums[0]).toBe(160);
  });

  it('refuse a width that is no multiple of the lanes', () => {
    expect(() => createDotProducts(1, 12)).toThrow(RangeError);
    expect(() => createDotProducts(1, 0)).toThrow(RangeError);
  });
});
