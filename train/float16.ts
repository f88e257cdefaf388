/** IEEE 754 binary16 of every bit pattern, as numbers. */
const VALUES = Float32Array.from({ length: 65_536 }, (_, bits) => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});

const one = new Float32Array(1);
const bitsOfOne = new Uint32Array(one.buffer);

/** The nearest half-precision number, ties to even; beyond the range it is infinite. */
function toHalf(value: number): number {
  one[0] = value;
  const bits = bitsOfOne[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2^-14 the steps are 2^-24 wide; the scaling is exact.
    return sign | roundHalfEven(Math.abs(one[0]!) * 2 ** 24);
  }
  const odd = (magnitude >>> 13) & 1;
  // A carry out of the fraction raises the exponent, as it should; 65,520 and more become infinite.
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && (below & 1) === 1) ? below + 1 : below;
}

/** Half-precision bits of numbers. */
export function toFloat16(values: Float32Array): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = toHalf(values[i]!);
  return out;
}

/** Numbers of half-precision bits, written to `out` from `offset` on. */
export function fromFloat16(bits: Uint16Array, out: Float32Array, offset = 0): void {
  for (let i = 0; i < bits.length; i++) out[offset + i] = VALUES[bits[i]!]!;
}
