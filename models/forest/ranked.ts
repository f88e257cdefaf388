import { assembleFunction, compileFunction, wasm } from '../base/wasm.ts';
import type { Forest } from './forest.ts';

/**
 * A forest whose thresholds are ranks. Every column's thresholds are sorted; a row holds, for each column, how many of
 * them lie below its value, so `value <= threshold` is `rank of value <= rank of threshold`, the same answer for every
 * float. Ranks take 16 bits: a node has eight bytes and a tree of a few thousand nodes fits the first-level cache.
 */
interface RankedForest {
  /** Ascending thresholds of every column, one after another; column `c` from `first[c]` to `first[c + 1]`. */
  readonly thresholds: Float32Array;
  readonly first: Int32Array;
  /** Rank of zero by column: most values of most rows are zero. */
  readonly ofZero: Uint16Array;
  /** Byte addresses of trees, and of the values of their nodes. */
  readonly nodesAt: Int32Array;
  readonly valuesAt: Int32Array;
  readonly rowsAt: number;
  readonly rows: Uint16Array;
  readonly sumsAt: number;
  readonly sums: Float64Array;
  readonly run: (
    nodes: number,
    values: number,
    rows: number,
    rowBytes: number,
    groups: number,
    sums: number,
  ) => void;
}

/** Rows side by side: eight walks wait for memory together. */
export const LANES = 8;
/** Rows that go down one tree before the next; their ranks stay in the second-level cache. */
export const BLOCK_ROWS = 256;
const NODE_BYTES = 8;
/** A rank, a node number within its tree and sixteen times a column number have 16 bits each. */
const MOST_RANKS = 0xfffe;
const MOST_NODES = 0x1_0000;
const MOST_COLUMNS = 0x1000;
/** Of a smaller forest the preparation costs more than it saves. */
const LEAST_NODES = 1_000;

const known = new WeakMap<Forest, RankedForest | undefined>();
let walk: ReturnType<typeof compileFunction> | undefined;

function sortedThresholds({ columns, feature, threshold }: Forest): Float32Array[] {
  const counts = new Int32Array(columns);
  for (const column of feature) if (column >= 0) counts[column]!++;
  const lists = Array.from(counts, (count) => new Float32Array(count));
  const filled = new Int32Array(columns);
  feature.forEach((column, node) => {
    // Zero has two signs and one meaning.
    if (column >= 0) lists[column]![filled[column]!++] = threshold[node]! + 0;
  });
  return lists.map((list) => {
    list.sort();
    return list.filter((value, at) => at === 0 || value !== list[at - 1]);
  });
}

/** How many of `thresholds[from .. to)` are below `value`; all of them when it is not a number. */
function rankOf(thresholds: Float32Array, from: number, to: number, value: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= thresholds[middle]!) high = middle;
    else low = middle + 1;
  }
  return low - from;
}

function prepare(forest: Forest): RankedForest | undefined {
  const { columns, trees, roots, feature, threshold, left, right, value } = forest;
  const nodes = feature.length;
  const treeEnd = (tree: number) => (tree + 1 < trees ? roots[tree + 1]! : nodes);
  if (nodes < LEAST_NODES || columns > MOST_COLUMNS) return undefined;
  for (let tree = 0; tree < trees; tree++) if (treeEnd(tree) - roots[tree]! > MOST_NODES) return undefined;
  const lists = sortedThresholds(forest);
  if (lists.some((list) => list.length > MOST_RANKS)) return undefined;

  const first = new Int32Array(columns + 1);
  lists.forEach((list, column) => {
    first[column + 1] = first[column]! + list.length;
  });
  const thresholds = new Float32Array(first[columns]!);
  lists.forEach((list, column) => {
    thresholds.set(list, first[column]!);
  });
  const rank = (column: number, of: number) => rankOf(thresholds, first[column]!, first[column + 1]!, of);

  const valuesFrom = nodes * NODE_BYTES;
  const rowsAt = Math.ceil((valuesFrom + nodes * 4) / 16) * 16;
  const sumsAt = rowsAt + BLOCK_ROWS * columns * 2;
  walk ??= compileFunction(walkCode());
  const { memory, run } = walk(sumsAt + BLOCK_ROWS * 8);
  const words = new Uint16Array(memory, 0, nodes * 4);
  new Float32Array(memory, valuesFrom, nodes).set(value);
  for (let tree = 0; tree < trees; tree++) {
    const root = roots[tree]!;
    for (let node = root; node < treeEnd(tree); node++) {
      const tested = feature[node]!;
      const leaf = tested < 0;
      words[node * 4] = leaf ? 0 : tested * 16;
      words[node * 4 + 1] = leaf ? 0 : rank(tested, threshold[node]!);
      // A leaf leads to itself: a walk that is done stands still.
      words[node * 4 + 2] = (leaf ? node : right[node]!) - root;
      words[node * 4 + 3] = (leaf ? node : left[node]!) - root;
    }
  }
  return {
    thresholds,
    first,
    ofZero: Uint16Array.from(lists, (_, column) => rank(column, 0)),
    nodesAt: roots.map((root) => root * NODE_BYTES),
    valuesAt: roots.map((root) => valuesFrom + root * 4),
    rowsAt,
    rows: new Uint16Array(memory, rowsAt, BLOCK_ROWS * columns),
    sumsAt,
    sums: new Float64Array(memory, sumsAt, BLOCK_ROWS),
    run,
  };
}

/**
 * Adds up the leaf values of rows `from` to `to` over all trees.
 * @returns false, and nothing done, where the forest is too small or too large for ranks
 */
export function sumRanked(
  forest: Forest,
  x: Float32Array,
  from: number,
  to: number,
  out: Float64Array,
): boolean {
  if (!known.has(forest)) known.set(forest, prepare(forest));
  const ranked = known.get(forest);
  if (!ranked) return false;
  const { columns, trees } = forest;
  const { rows, rowsAt, sums, sumsAt, nodesAt, valuesAt, run } = ranked;
  for (let start = from; start < to; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, to - start);
    const groups = Math.ceil(count / LANES);
    for (let row = 0; row < count; row++) writeRanks(ranked, columns, x, (start + row) * columns, rows, row);
    sums.fill(0);
    for (let tree = 0; tree < trees; tree++)
      run(nodesAt[tree]!, valuesAt[tree]!, rowsAt, columns * LANES * 2, groups, sumsAt);
    for (let row = 0; row < count; row++) out[start + row] = sums[row]!;
  }
  return true;
}

/** Ranks of one row, at its lane of its group: the eight values of a column lie side by side. */
function writeRanks(
  { thresholds, first, ofZero }: RankedForest,
  columns: number,
  x: Float32Array,
  offset: number,
  rows: Uint16Array,
  row: number,
): void {
  let at = (row - (row % LANES)) * columns + (row % LANES);
  for (let column = 0; column < columns; column++, at += LANES) {
    const value = x[offset + column]!;
    rows[at] = value === 0 ? ofZero[column]! : rankOf(thresholds, first[column]!, first[column + 1]!, value);
  }
}

/**
 * `run(nodes, values, rows, rowBytes, groups, sums)`: eight rows at a time go down one tree. The comparison picks the
 * child by arithmetic; whether all eight stand still is asked at every fourth step.
 */
function walkCode(): Uint8Array<ArrayBuffer> {
  const [nodes, values, rows, rowBytes, groups, sums, moved, next, lane0] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const { get, set, tee, constant, add, load16 } = wasm;
  const lanes = Array.from({ length: LANES }, (_, lane) => lane);
  const child = (lane: number) => [
    ...get(nodes),
    ...get(lane0 + lane),
    ...[...get(rows), ...get(lane0 + lane), ...load16(0), ...add, ...load16(2 * lane)],
    ...[...get(lane0 + lane), ...load16(2), ...wasm.lessOrEqual],
    ...[...constant(1), ...wasm.shiftLeft, ...add, ...load16(4)],
    ...[...constant(3), ...wasm.shiftLeft, ...add],
  ];
  const step = lanes.flatMap((lane) => [...child(lane), ...set(lane0 + lane)]);
  const lastStep = lanes.flatMap((lane) => [
    ...child(lane),
    ...[...tee(next), ...get(lane0 + lane), ...wasm.xor],
    ...(lane === 0 ? [] : [...get(moved), ...wasm.or]),
    ...[...set(moved), ...get(next), ...set(lane0 + lane)],
  ]);
  const collect = lanes.flatMap((lane) => [
    ...[...get(sums), ...get(sums), ...wasm.loadFloat64(8 * lane)],
    ...[...get(values), ...get(lane0 + lane), ...get(nodes), ...wasm.subtract],
    ...[...constant(1), ...wasm.shiftRight, ...add, ...wasm.loadFloat32(0), ...wasm.promote],
    ...[...wasm.addFloat64, ...wasm.storeFloat64(8 * lane)],
  ]);
  return assembleFunction(6, 2 + LANES, [
    ...wasm.loop,
    ...lanes.flatMap((lane) => [...get(nodes), ...set(lane0 + lane)]),
    ...[
      ...wasm.loop,
      ...step,
      ...step,
      ...step,
      ...lastStep,
      ...get(moved),
      ...wasm.branchIf(0),
      ...wasm.end,
    ],
    ...collect,
    ...[...get(rows), ...get(rowBytes), ...add, ...set(rows)],
    ...[...get(sums), ...constant(8 * LANES), ...add, ...set(sums)],
    ...[...get(groups), ...constant(1), ...wasm.subtract, ...tee(groups), ...wasm.branchIf(0)],
    ...wasm.end,
  ]);
}
