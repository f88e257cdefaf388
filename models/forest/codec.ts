import { crc32 } from 'node:zlib';
import { LanewayError } from '../base/errors.ts';
import { type Forest, linkForest } from './forest.ts';

/*
 * Layout, little-endian, no padding:
 *   0  8  magic "LWFOREST"
 *   8  4  u32 format version
 *  12  4  u32 columns
 *  16  4  u32 trees
 *  20  4  u32 nodes
 *  24  4  u32 inner nodes (those that test a column)
 *  28     u16 x nodes   column, 0xffff for a leaf
 *         f32 x nodes   value
 *         f32 x nodes   cover
 *         f32 x inner   threshold
 *      4  u32 CRC-32 (IEEE 802.3) of everything before it
 * Nodes are in preorder, so the children need no bytes.
 */
const MAGIC = 'LWFOREST';
const VERSION = 1;
const HEADER_BYTES = 28;
const CHECKSUM_BYTES = 4;
const LEAF = 0xffff;

function bytesFor(nodes: number, inner: number): number {
  return HEADER_BYTES + 10 * nodes + 4 * inner + CHECKSUM_BYTES;
}

function damaged(message: string): LanewayError {
  return new LanewayError('FOREST_DAMAGED', message, {
    fix: 'Restore the model file or train again; the file is not used.',
  });
}

/**
 * The forest as bytes; equal forests give equal bytes.
 * @throws LanewayError `FOREST_TOO_WIDE` above 65,535 columns
 */
export function encodeForest(forest: Forest): Uint8Array {
  const { columns, trees, feature, threshold, value, cover } = forest;
  if (columns > LEAF)
    throw new LanewayError(
      'FOREST_TOO_WIDE',
      `A forest file holds up to ${LEAF} columns, this forest has ${columns}.`,
      {
        fix: 'Keep fewer terms.',
      },
    );
  const nodes = feature.length;
  let inner = 0;
  for (let node = 0; node < nodes; node++) if (feature[node]! >= 0) inner++;
  const bytes = new Uint8Array(bytesFor(nodes, inner));
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < MAGIC.length; i++) bytes[i] = MAGIC.charCodeAt(i);
  view.setUint32(8, VERSION, true);
  view.setUint32(12, columns, true);
  view.setUint32(16, trees, true);
  view.setUint32(20, nodes, true);
  view.setUint32(24, inner, true);
  const valueAt = HEADER_BYTES + 2 * nodes;
  const coverAt = valueAt + 4 * nodes;
  let thresholdAt = coverAt + 4 * nodes;
  for (let node = 0; node < nodes; node++) {
    const tested = feature[node]!;
    view.setUint16(HEADER_BYTES + 2 * node, tested < 0 ? LEAF : tested, true);
    view.setFloat32(valueAt + 4 * node, value[node]!, true);
    view.setFloat32(coverAt + 4 * node, cover[node]!, true);
    if (tested < 0) continue;
    view.setFloat32(thresholdAt, threshold[node]!, true);
    thresholdAt += 4;
  }
  view.setUint32(thresholdAt, crc32(bytes.subarray(0, thresholdAt)), true);
  return bytes;
}

/**
 * The forest written by {@link encodeForest}. Lengths, checksum and tree structure are checked first.
 * @throws LanewayError `FOREST_DAMAGED`, `FOREST_VERSION` (written by another version), `FOREST_MALFORMED`
 */
export function decodeForest(bytes: Uint8Array): Forest {
  if (bytes.length < HEADER_BYTES + CHECKSUM_BYTES)
    throw damaged(`A forest file of ${bytes.length} bytes is too short.`);
  for (let i = 0; i < MAGIC.length; i++)
    if (bytes[i] !== MAGIC.charCodeAt(i)) throw damaged('This is not a forest file: its first bytes differ.');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint32(8, true);
  if (version !== VERSION)
    throw new LanewayError(
      'FOREST_VERSION',
      `The forest file has format ${version}, this Laneway reads ${VERSION}.`,
      {
        fix: 'Train the model again with this version, or use the Laneway that wrote it.',
      },
    );
  const columns = view.getUint32(12, true);
  const trees = view.getUint32(16, true);
  const nodes = view.getUint32(20, true);
  const inner = view.getUint32(24, true);
  const expected = bytesFor(nodes, inner);
  if (bytes.length !== expected)
    throw damaged(`The forest file has ${bytes.length} bytes where its header promises ${expected}.`);
  const checksumAt = bytes.length - CHECKSUM_BYTES;
  if (crc32(bytes.subarray(0, checksumAt)) !== view.getUint32(checksumAt, true))
    throw damaged('The checksum of the forest file does not match its content.');

  const feature = new Int32Array(nodes);
  const threshold = new Float32Array(nodes);
  const value = new Float32Array(nodes);
  const cover = new Float32Array(nodes);
  const valueAt = HEADER_BYTES + 2 * nodes;
  const coverAt = valueAt + 4 * nodes;
  const thresholdsAt = coverAt + 4 * nodes;
  let innerSeen = 0;
  for (let node = 0; node < nodes; node++) {
    const tested = view.getUint16(HEADER_BYTES + 2 * node, true);
    feature[node] = tested === LEAF ? -1 : tested;
    value[node] = view.getFloat32(valueAt + 4 * node, true);
    cover[node] = view.getFloat32(coverAt + 4 * node, true);
    if (tested === LEAF) continue;
    if (innerSeen === inner) throw damaged('The forest file has more inner nodes than its header promises.');
    threshold[node] = view.getFloat32(thresholdsAt + 4 * innerSeen++, true);
  }
  if (innerSeen !== inner)
    throw damaged(`The forest file has ${innerSeen} inner nodes where its header promises ${inner}.`);
  return linkForest({ columns, trees, feature, threshold, value, cover });
}
