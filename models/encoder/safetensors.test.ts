import { expect, test } from 'vitest';
import { halvesOf, halvesToFloats, readSafetensors } from './safetensors.ts';

function fileOf(header: unknown, data: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + data.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(data, 8 + json.length);
  return file;
}

test('reads a tensor, whatever its alignment, from a Buffer or an array', () => {
  const header = {
    a: { dtype: 'U8', shape: [1], data_offsets: [0, 1] },
    h: { dtype: 'F16', shape: [2], data_offsets: [1, 5] },
  };
  const file = fileOf(
    { ...header, __metadata__: { format: 'pt' } },
    Uint8Array.of(7, 0x00, 0x3c, 0x00, 0xc0),
  );
  for (const bytes of [file, Buffer.from(file)]) {
    const tensors = readSafetensors(bytes);
    expect([...tensors.keys()]).toEqual(['a', 'h']);
    expect([...halvesToFloats(halvesOf(tensors.get('h')!))]).toEqual([1, -2]);
  }
});

test('widens every kind of half', () => {
  const halves = Uint16Array.of(
    0x0000,
    0x8000,
    0x0001,
    0x03ff,
    0x0400,
    0x3555,
    0x7bff,
    0x7c00,
    0xfc00,
    0x7e00,
  );
  expect([...halvesToFloats(halves)]).toEqual([
    0,
    -0,
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    0.333251953125,
    65504,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ]);
});

test.each([
  ['too short', new Uint8Array(3)],
  ['header longer than the file', fileOf('{}', new Uint8Array(0)).subarray(0, 9)],
  ['not JSON', fileOf('{"a":', new Uint8Array(0))],
  [
    'tensor past the end',
    fileOf({ a: { dtype: 'U8', shape: [4], data_offsets: [0, 4] } }, new Uint8Array(3)),
  ],
  [
    'size against shape',
    fileOf({ a: { dtype: 'F16', shape: [4], data_offsets: [0, 4] } }, new Uint8Array(4)),
  ],
  ['unknown type', fileOf({ a: { dtype: 'X9', shape: [4], data_offsets: [0, 4] } }, new Uint8Array(4))],
])('refuses a file: %s', (_why, file) => {
  expect(() => readSafetensors(file)).toThrowError(expect.objectContaining({ code: 'WEIGHTS_INVALID' }));
});
