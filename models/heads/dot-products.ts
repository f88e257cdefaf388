/** Dot products of one row of 16-bit numbers with many rows of 8-bit numbers. Whole numbers: exact on every machine. */
export interface DotProducts {
  /** The 8-bit rows, `count x width`; written once. */
  readonly rows: Int8Array;
  /** The 16-bit row, `width` values; write it, then call {@link run}. */
  readonly query: Int16Array;
  /** One sum a row. */
  readonly sums: Int32Array;
  /** Fills `sums[0 .. count)` with products of the rows from `first` on. */
  readonly run: (first?: number, count?: number) => void;
}

/** Values that one SIMD step multiplies: a width must be a multiple of it. */
export const LANES = 8;
const PAGE = 65_536;

/**
 * Allocates place for `count` rows of `width` values, outside the JavaScript heap.
 *
 * @throws RangeError when `width` is no positive multiple of {@link LANES}
 */
export function createDotProducts(count: number, width: number): DotProducts {
  if (width <= 0 || width % LANES !== 0)
    throw new RangeError(`a width is a positive multiple of ${LANES}, not ${width}`);
  const queryAt = Math.ceil((count * width) / 16) * 16;
  const sumsAt = queryAt + width * 2;
  const memory = new WebAssembly.Memory({ initial: Math.ceil((sumsAt + count * 4) / PAGE) });
  const { exports } = new WebAssembly.Instance(moduleOf(), { env: { memory } });
  const dots = exports.dots as (
    rows: number,
    count: number,
    query: number,
    width: number,
    sums: number,
  ) => void;
  return {
    rows: new Int8Array(memory.buffer, 0, count * width),
    query: new Int16Array(memory.buffer, queryAt, width),
    sums: new Int32Array(memory.buffer, sumsAt, count),
    run: (first = 0, rows = count - first) => {
      if (rows > 0) dots(first * width, rows, queryAt, width, sumsAt);
    },
  };
}

/** The part of WebAssembly's JavaScript interface that is used here; Node's types name it without its values. */
declare const WebAssembly: {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: Record<string, unknown> };
};

let compiled: object | undefined;

function moduleOf(): object {
  compiled ??= new WebAssembly.Module(assemble());
  return compiled;
}

const I32 = 0x7f;
const V128 = 0x7b;
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const constant = (value: number) => [0x41, value];
const simd = (...opcode: number[]) => [0xfd, ...opcode];
const ADD = [0x6a];
const SUBTRACT = [0x6b];
const END = [0x0b];
const LOOP = [0x03, 0x40];
const repeatIf = [0x0d, 0x00];

/**
 * One function over imported memory, in WebAssembly's binary format (WebAssembly Core Specification 2.0, section 5):
 * for every row, four running sums of products of eight lanes, then the sum of the four.
 */
function assemble(): Uint8Array<ArrayBuffer> {
  const [rows, count, query, width, sums, at, total] = [0, 1, 2, 3, 4, 5, 6];
  const addLanes = [0, 1, 2, 3].flatMap((lane) => [
    ...get(total),
    ...simd(0x1b, lane),
    ...(lane > 0 ? ADD : []),
  ]);
  const body = [
    ...LOOP,
    ...[...constant(0), ...set(at)],
    ...[...simd(0x0c, ...new Array<number>(16).fill(0)), ...set(total)],
    ...LOOP,
    ...get(total),
    ...[...get(rows), ...get(at), ...ADD, ...simd(0x01, 0, 0)], // i16x8.load8x8_s
    ...[...get(query), ...get(at), ...constant(1), 0x74, ...ADD, ...simd(0x00, 0, 0)], // v128.load
    ...[...simd(0xba, 0x01), ...simd(0xae, 0x01), ...set(total)], // i32x4.dot_i16x8_s, i32x4.add
    ...[...get(at), ...constant(LANES), ...ADD, ...set(at)],
    ...[...get(at), ...get(width), 0x49, ...repeatIf], // i32.lt_u
    ...END,
    ...[...get(sums), ...addLanes, 0x36, 2, 0], // i32.store
    ...[...get(sums), ...constant(4), ...ADD, ...set(sums)],
    ...[...get(rows), ...get(width), ...ADD, ...set(rows)],
    ...[...get(count), ...constant(1), ...SUBTRACT, ...set(count)],
    ...[...get(count), ...repeatIf],
    ...END,
    ...END,
  ];
  const locals = [2, 1, I32, 1, V128];
  const code = [...locals, ...body];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(2, [1, ...name('env'), ...name('memory'), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('dots'), 0x00, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): number[] {
  return [text.length, ...new TextEncoder().encode(text)];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}
