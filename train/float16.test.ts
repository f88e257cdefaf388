import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromFloat16, toFloat16 } from './float16.ts';

const back = (bits: Uint16Array) => {
  const out = new Float32Array(bits.length);
  fromFloat16(bits, out);
  return out;
};

describe('half precision', () => {
  it('keeps every one of its numbers', () => {
    const finite = Uint16Array.from({ length: 65_536 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7c00) !== 0x7c00,
    );
    expect(toFloat16(back(finite))).toEqual(finite);
  });

  it('takes the nearest one, ties to the even one', () => {
    const positive = back(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
    fc.assert(
      fc.property(fc.double({ min: 0, max: 65_504, noNaN: true }), (value) => {
        const single = Math.fround(value);
        const rounded = back(toFloat16(Float32Array.of(single)))[0]!;
        const nearest = positive.reduce(
          (best, one) => Math.min(best, Math.abs(one - single)),
          Number.POSITIVE_INFINITY,
        );
        expect(Math.abs(rounded - single)).toBe(nearest);
        expect(back(toFloat16(Float32Array.of(-single)))[0]).toBe(-rounded);
      }),
      { seed: 1, numRuns: 200 },
    );
    // 1 + 2^-11 lies between 1 and 1 + 2^-10; 1 + 3 x 2^-11 between that and 1 + 2^-9.
    expect([...toFloat16(Float32Array.of(1 + 2 ** -11, 1 + 3 * 2 ** -11))]).toEqual([0x3c00, 0x3c02]);
    expect([...toFloat16(Float32Array.of(2 ** -25, 3 * 2 ** -25))]).toEqual([0, 2]);
  });

  it('knows the ends of its range', () => {
    const at = Float32Array.of(
      65_519,
      65_520,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    );
    expect([...toFloat16(at)]).toEqual([0x7bff, 0x7c00, 0x7c00, 0xfc00, 0x7e00]);
    expect(back(Uint16Array.of(0x7e00))[0]).toBeNaN();
  });
});
