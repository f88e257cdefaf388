import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeForest, encodeForest } from './codec.ts';
import { randomForest } from './forest.fixture.ts';

const bytes = encodeForest(randomForest(11, 30, 5, 6));

test('a forest survives the file unchanged, and encodes to the same bytes again', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 1e6 }),
      fc.integer({ min: 1, max: 65_535 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      (seed, columns, trees, depth) => {
        const forest = randomForest(seed, columns, trees, depth);
        const encoded = encodeForest(forest);
        const decoded = decodeForest(encoded);
        expect(decoded).toEqual(forest);
        expect(Buffer.from(encodeForest(decoded)).equals(encoded)).toBe(true);
      },
    ),
    { seed: 7, numRuns: 50 },
  );
});

test('reads from the middle of a larger, unaligned buffer', () => {
  const larger = new Uint8Array(bytes.length + 7);
  larger.set(bytes, 3);
  expect(decodeForest(larger.subarray(3, 3 + bytes.length))).toEqual(decodeForest(bytes));
});

test('every flipped bit is noticed', () => {
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.slice();
    flipped[at]! ^= 1 << (at % 8);
    expect(() => decodeForest(flipped), `byte ${at}`).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^FOREST_(DAMAGED|VERSION)$/) }),
    );
  }
});

test('every truncation and any addition is noticed', () => {
  for (let length = 0; length < bytes.length; length++)
    expect(() => decodeForest(bytes.subarray(0, length))).toThrow(
      expect.objectContaining({ code: 'FOREST_DAMAGED' }),
    );
  expect(() => decodeForest(new Uint8Array([...bytes, 0]))).toThrow(
    expect.objectContaining({ code: 'FOREST_DAMAGED' }),
  );
});

test('a file of another format version says so', () => {
  const other = bytes.slice();
  other[8] = 9;
  expect(() => decodeForest(other)).toThrow(expect.objectContaining({ code: 'FOREST_VERSION' }));
});

test('a forest with more columns than the file can hold is refused', () => {
  expect(() => encodeForest(randomForest(1, 65_536, 1, 2))).toThrow(
    expect.objectContaining({ code: 'FOREST_TOO_WIDE' }),
  );
});
