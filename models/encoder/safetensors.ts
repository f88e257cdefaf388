import { LanewayError } from '../base/errors.ts';

/** One tensor of a safetensors file; `bytes` is a view, little-endian, row-major. */
export interface StoredTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/**
 * Reads a safetensors file: eight bytes of header length, a JSON header, the data
 * (https://huggingface.co/docs/safetensors).
 *
 * @throws LanewayError `WEIGHTS_INVALID` when the header does not describe the bytes that follow it.
 */
export function readSafetensors(file: Uint8Array, where = 'weights'): ReadonlyMap<string, StoredTensor> {
  const invalid = (why: string, cause?: unknown) =>
    new LanewayError('WEIGHTS_INVALID', `${where} is not a readable safetensors file: ${why}`, {
      fix: 'Install the package again: npm install',
      where,
      cause,
    });
  if (file.length < 8) throw invalid('shorter than its header');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const headerBytes = Number(view.getBigUint64(0, true));
  if (headerBytes > file.length - 8) throw invalid('cut off inside the header');
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(file.subarray(8, 8 + headerBytes)));
  } catch (cause) {
    throw invalid('the header is not JSON', cause);
  }
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = entry.data_offsets;
    if (from < 0 || to < from || 8 + headerBytes + to > file.length) throw invalid(`${name} lies outside it`);
    const width = WIDTHS[entry.dtype];
    if (width === undefined) throw invalid(`${name} has the unknown type ${entry.dtype}`);
    const values = entry.shape.reduce((product, n) => product * n, 1);
    if (values * width !== to - from) throw invalid(`${name} has another size than its shape`);
    const bytes = file.subarray(8 + headerBytes + from, 8 + headerBytes + to);
    tensors.set(name, { dtype: entry.dtype, shape: entry.shape, bytes });
  }
  return tensors;
}

const WIDTHS: Readonly<Record<string, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/** IEEE 754 half-precision bits, copied out of their tensor. @throws LanewayError `WEIGHTS_INVALID` */
export function halvesOf(tensor: StoredTensor): Uint16Array {
  if (tensor.dtype !== 'F16')
    throw new LanewayError('WEIGHTS_INVALID', `weights are ${tensor.dtype}, this build reads F16`);
  // A copy, for alignment; not slice(), which on a Buffer is a view of the whole file.
  return new Uint16Array(new Uint8Array(tensor.bytes).buffer);
}

/** Half precision to single, exact; infinities and NaN included. */
export function halvesToFloats(halves: Uint16Array): Float32Array {
  const table = singleOfHalf();
  const floats = new Float32Array(halves.length);
  for (let i = 0; i < halves.length; i++) floats[i] = table[halves[i]!]!;
  return floats;
}

let halfTable: Float32Array | undefined;

/** All 65,536 of them: 20 million weights are widened in a build. */
function singleOfHalf(): Float32Array {
  if (halfTable !== undefined) return halfTable;
  const table = new Float32Array(65_536);
  for (let half = 0; half < table.length; half++) {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    if (exponent === 0) table[half] = sign * fraction * 2 ** -24;
    else if (exponent === 31) table[half] = fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
    else table[half] = sign * (1024 + fraction) * 2 ** (exponent - 25);
  }
  halfTable = table;
  return table;
}
