import fc from 'fast-check';
import { expect, it } from 'vitest';
import { packRows, rowViews } from './sparse-matrix.ts';

it('gives back every row, empty ones and long ones included', () => {
  const row = fc.array(fc.tuple(fc.nat(99), fc.float({ noNaN: true })), { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), (rows) => {
      const sparse = rows.map((entries) => ({
        indices: Uint32Array.from(entries, ([index]) => index),
        values: Float32Array.from(entries, ([, value]) => value),
      }));
      const packed = packRows(sparse.length, 100, (at) => sparse[at]!);
      expect(packed.indices.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(
        rowViews(packed).map(({ indices, values }) => ({ indices: [...indices], values: [...values] })),
      ).toEqual(sparse.map(({ indices, values }) => ({ indices: [...indices], values: [...values] })));
    }),
    { seed: 1, numRuns: 100 },
  );
});

it('goes on in another chunk when one is full', () => {
  const long = Uint32Array.from({ length: 700_000 }, (_, index) => index);
  const values = new Float32Array(700_000).fill(0.5);
  const packed = packRows(3, 700_000, (row) => ({
    indices: row === 1 ? long.slice(0, 3) : long,
    values: row === 1 ? values.slice(0, 3) : values,
  }));
  expect([...packed.starts]).toEqual([0, 700_000, 700_003, 1_400_003]);
  expect(packed.indices[1_400_002]).toBe(699_999);
  expect(rowViews(packed)[1]!.indices).toEqual(long.subarray(0, 3));
});
