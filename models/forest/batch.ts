import { checkShape, type Forest } from './forest.ts';
import { sumRanked } from './ranked.ts';

/** Rows that go down one tree before the next: the tree stays in the first-level cache, the rows in the second. */
const BLOCK_ROWS = 512;
/** Fewer rows than this go down several trees at a time, not several rows down one tree. */
const LEAST_TOGETHER = 4;
/** Walks in lockstep, so that the processor waits for eight nodes at once instead of one after another. */
const LANES = 8;

/**
 * Nodes for lockstep walking, four 32-bit words each: column tested, threshold (Float32 bits), right child, left
 * child, children as word offsets. A leaf has itself as both children, so a finished lane stands still.
 */
interface PackedForest {
  readonly words: Int32Array;
  readonly floats: Float32Array;
}

const packedForests = new WeakMap<Forest, PackedForest>();

function packed(forest: Forest): PackedForest {
  const known = packedForests.get(forest);
  if (known !== undefined) return known;
  const { feature, threshold, left, right } = forest;
  const words = new Int32Array(4 * feature.length);
  const floats = new Float32Array(words.buffer);
  for (let node = 0; node < feature.length; node++) {
    const at = 4 * node;
    const leaf = feature[node]! < 0;
    words[at] = leaf ? 0 : feature[node]!;
    floats[at + 1] = threshold[node]!;
    words[at + 2] = leaf ? at : 4 * right[node]!;
    words[at + 3] = leaf ? at : 4 * left[node]!;
  }
  const made = { words, floats };
  packedForests.set(forest, made);
  return made;
}

/**
 * Walks eight lanes from `node[lane]` to a leaf, lane `i` reading its row from `x[offset[i]]` on. The comparison
 * picks the child by arithmetic, not by a branch: half of all branches in a tree would be mispredicted.
 */
function walkEight(
  { words, floats }: PackedForest,
  x: Float32Array,
  offset: Int32Array,
  node: Int32Array,
): void {
  const o0 = offset[0]!;
  const o1 = offset[1]!;
  const o2 = offset[2]!;
  const o3 = offset[3]!;
  const o4 = offset[4]!;
  const o5 = offset[5]!;
  const o6 = offset[6]!;
  const o7 = offset[7]!;
  let n0 = node[0]!;
  let n1 = node[1]!;
  let n2 = node[2]!;
  let n3 = node[3]!;
  let n4 = node[4]!;
  let n5 = node[5]!;
  let n6 = node[6]!;
  let n7 = node[7]!;
  for (;;) {
    const m0 = words[n0 + 2 + (Number(x[o0 + words[n0]!]! <= floats[n0 + 1]!) | 0)]!;
    const m1 = words[n1 + 2 + (Number(x[o1 + words[n1]!]! <= floats[n1 + 1]!) | 0)]!;
    const m2 = words[n2 + 2 + (Number(x[o2 + words[n2]!]! <= floats[n2 + 1]!) | 0)]!;
    const m3 = words[n3 + 2 + (Number(x[o3 + words[n3]!]! <= floats[n3 + 1]!) | 0)]!;
    const m4 = words[n4 + 2 + (Number(x[o4 + words[n4]!]! <= floats[n4 + 1]!) | 0)]!;
    const m5 = words[n5 + 2 + (Number(x[o5 + words[n5]!]! <= floats[n5 + 1]!) | 0)]!;
    const m6 = words[n6 + 2 + (Number(x[o6 + words[n6]!]! <= floats[n6 + 1]!) | 0)]!;
    const m7 = words[n7 + 2 + (Number(x[o7 + words[n7]!]! <= floats[n7 + 1]!) | 0)]!;
    const moved =
      (m0 ^ n0) | (m1 ^ n1) | (m2 ^ n2) | (m3 ^ n3) | (m4 ^ n4) | (m5 ^ n5) | (m6 ^ n6) | (m7 ^ n7);
    if (moved === 0) break;
    n0 = m0;
    n1 = m1;
    n2 = m2;
    n3 = m3;
    n4 = m4;
    n5 = m5;
    n6 = m6;
    n7 = m7;
  }
  node[0] = n0;
  node[1] = n1;
  node[2] = n2;
  node[3] = n3;
  node[4] = n4;
  node[5] = n5;
  node[6] = n6;
  node[7] = n7;
}

/**
 * The same numbers as `predict` of `forest.ts`, bit for bit, several times faster. Many rows go down one tree
 * eight at a time, block by block, by ranks in WebAssembly where the forest allows it; a few rows (and what is left of
 * a block) go down eight trees at a time. The first call for a forest packs it, 12 to 28 bytes a node.
 * @param x `rows x forest.columns`, row after row
 * @returns raw vote of every row, 0 to 1
 */
export function predictBatch(forest: Forest, x: Float32Array, rows: number): Float64Array {
  checkShape(forest, x, rows);
  const out = new Float64Array(rows);
  const rest = rows % LANES;
  const ranked = rest < LEAST_TOGETHER ? rows - rest : rows;
  const done = ranked > 0 && sumRanked(forest, x, 0, ranked, out) ? ranked : 0;
  if (done < rows) sumPacked(forest, x, done, rows, out);
  for (let row = 0; row < rows; row++) out[row]! /= forest.trees;
  return out;
}

/** Adds up the leaf values of rows `from` to `to` over all trees, in plain JavaScript. */
function sumPacked(forest: Forest, x: Float32Array, from: number, to: number, out: Float64Array): void {
  const nodes = packed(forest);
  const { columns, trees, roots, value } = forest;
  const offset = new Int32Array(LANES);
  const node = new Int32Array(LANES);
  const together = to - ((to - from) % LANES);
  for (let first = from; first < together; first += BLOCK_ROWS) {
    const last = Math.min(together, first + BLOCK_ROWS);
    for (let tree = 0; tree < trees; tree++) {
      const root = 4 * roots[tree]!;
      for (let row = first; row < last; row += LANES) {
        for (let lane = 0; lane < LANES; lane++) offset[lane] = (row + lane) * columns;
        walkEight(nodes, x, offset, node.fill(root));
        for (let lane = 0; lane < LANES; lane++) out[row + lane]! += value[node[lane]! >> 2]!;
      }
    }
  }
  for (let row = together; row < to; row++) {
    offset.fill(row * columns);
    for (let tree = 0; tree < trees; tree += LANES) {
      // Lanes beyond the last tree walk it again and are not counted.
      const used = Math.min(LANES, trees - tree);
      for (let lane = 0; lane < LANES; lane++) node[lane] = 4 * roots[Math.min(tree + lane, trees - 1)]!;
      walkEight(nodes, x, offset, node);
      for (let lane = 0; lane < used; lane++) out[row]! += value[node[lane]! >> 2]!;
    }
  }
}
