import { expect, test } from 'vitest';
import { openSession } from '../session.ts';
import { createGraph } from './graph.ts';
import { integer, toBytes } from './wire.ts';

test('varints, negative ones too, as protobuf documents them', () => {
  expect([...toBytes(integer(1, 150))]).toEqual([0x08, 0x96, 0x01]);
  expect([...toBytes(integer(1, -1))]).toEqual([0x08, ...Array(9).fill(0xff), 0x01]);
});

function small(): Uint8Array {
  const graph = createGraph('small');
  const ids = graph.input('input_ids', 'int64', ['batch', 'tokens']);
  const table = graph.constant('table', 'float', [3, 2], Float32Array.of(1, 2, 3, 4, 5, 6));
  const rows = graph.node('rows', 'Gather', [table, ids], { attributes: { axis: 0 } });
  const [left, right] = graph.split('parts', 'Split', [rows], { attributes: { axis: -1 }, outputs: 2 });
  const scaled = graph.node('scaled', 'LeakyRelu', [left!], { attributes: { alpha: { float: 0.5 } } });
  graph.node('embedding', 'Sub', [right!, scaled]);
  graph.output('embedding', 'float', ['batch', 'tokens', 1]);
  return graph.encode();
}

test('ONNX Runtime reads what is written: inputs, constants, attributes, several outputs', async () => {
  const session = await openSession(small());
  const [out] = await session.run({ count: 2, length: 2, ids: Int32Array.of(0, 1, 2, 0) }, ['embedding']);
  expect([...out!]).toEqual([1, 1, 1, 1]);
  await session.close();
});

test('the same graph is the same bytes', () => {
  expect(Buffer.compare(small(), small())).toBe(0);
});

test('a broken file is refused with a code', async () => {
  await expect(openSession(small().subarray(0, 60))).rejects.toMatchObject({ code: 'ENCODER_LOAD_FAILED' });
});
