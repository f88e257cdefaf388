/**
 * Just enough of WebAssembly's binary format (WebAssembly Core Specification 2.0, section 5) to write a function by
 * hand: a module with one exported function over one imported memory.
 */
export const wasm = {
  i32: 0x7f,
  block: [0x02, 0x40],
  loop: [0x03, 0x40],
  end: [0x0b],
  branchIf: (depth: number) => [0x0d, depth],
  get: (local: number) => [0x20, ...unsigned(local)],
  set: (local: number) => [0x21, ...unsigned(local)],
  tee: (local: number) => [0x22, ...unsigned(local)],
  constant: (value: number) => [0x41, ...signed(value)],
  load16: (offset: number) => [0x2f, 1, ...unsigned(offset)],
  loadFloat32: (offset: number) => [0x2a, 2, ...unsigned(offset)],
  loadFloat64: (offset: number) => [0x2b, 3, ...unsigned(offset)],
  storeFloat64: (offset: number) => [0x39, 3, ...unsigned(offset)],
  add: [0x6a],
  subtract: [0x6b],
  or: [0x72],
  xor: [0x73],
  shiftLeft: [0x74],
  shiftRight: [0x76],
  lessOrEqual: [0x4d],
  promote: [0xbb],
  addFloat64: [0xa0],
} as const;

const PAGE = 65_536;

/** The part of WebAssembly's JavaScript interface that is used here; Node's types name it without its values. */
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** A function written by {@link assembleFunction} with a memory of its own. */
export interface WasmFunction {
  readonly memory: ArrayBuffer;
  readonly run: (...parameters: number[]) => void;
}

/** @returns what makes instances of a function, each with as many bytes of memory as asked for, all zero */
export function compileFunction(bytes: Uint8Array<ArrayBuffer>): (memoryBytes: number) => WasmFunction {
  const compiled = new WebAssembly.Module(bytes);
  return (memoryBytes) => {
    const memory = new WebAssembly.Memory({ initial: Math.ceil(memoryBytes / PAGE) });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    return { memory: memory.buffer, run: exports['run'] as WasmFunction['run'] };
  };
}

/**
 * @param parameters how many 32-bit numbers the function takes; it returns nothing
 * @param locals how many more 32-bit locals it has
 * @param body its code, without the final `end`
 * @returns the bytes of a module that exports `run` and imports the memory `env.memory`
 */
export function assembleFunction(
  parameters: number,
  locals: number,
  body: readonly number[],
): Uint8Array<ArrayBuffer> {
  const code = [...(locals > 0 ? [1, ...unsigned(locals), wasm.i32] : [0]), ...body, ...wasm.end];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, parameters, ...new Array<number>(parameters).fill(wasm.i32), 0]),
    ...section(2, [1, ...name('env'), ...name('memory'), 0x02, 0x00, 1]),
    ...section(3, [1, 0]),
    ...section(7, [1, ...name('run'), 0x00, 0]),
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

function signed(value: number): number[] {
  if (value >= -64 && value < 64) return [value & 127];
  return [(value & 127) | 128, ...signed(value >> 7)];
}
