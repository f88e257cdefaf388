import { bytes, concat, float, integer, integers, type Message, nested, string, toBytes } from './wire.ts';

/** Element types of TensorProto (onnx.proto, IR version 8). */
export const ELEMENT = { float: 1, uint8: 2, int8: 3, int64: 7, float16: 10 } as const;
export type Element = keyof typeof ELEMENT;

/** A size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;
export type Attribute = number | { readonly float: number } | readonly number[];

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Empty for the ONNX operators, `com.microsoft` for ONNX Runtime's own. */
  readonly domain?: 'com.microsoft';
  /** How many outputs; the names are `name`, or `name:0`, `name:1`... when there are several. */
  readonly outputs?: number;
}

/** Collects a graph; every call gives back the name of the value it makes. */
export interface GraphWriter {
  input(name: string, element: Element, shape: readonly Dimension[]): string;
  output(name: string, element: Element, shape: readonly Dimension[]): void;
  /** A constant; `data` is little-endian, row-major, and not copied until `encode`. */
  constant(name: string, element: Element, shape: readonly number[], data: ArrayBufferView): string;
  /** `''` among the inputs leaves an optional input out. */
  node(name: string, operator: string, inputs: readonly string[], options?: NodeOptions): string;
  /** The same, for operators with several outputs. */
  split(name: string, operator: string, inputs: readonly string[], options: NodeOptions): string[];
  /** The ONNX file: opset 17, IR version 8. */
  encode(): Uint8Array;
}

/** Field numbers below are those of onnx.proto3; a graph written twice is the same bytes. */
export function createGraph(graphName: string): GraphWriter {
  const nodes: Message[] = [];
  const constants: Message[] = [];
  const inputs: Message[] = [];
  const outputs: Message[] = [];

  const split: GraphWriter['split'] = (name, operator, from, options) => {
    const count = options.outputs ?? 1;
    const to = count === 1 ? [name] : Array.from({ length: count }, (_, i) => `${name}:${i}`);
    const attributes = Object.entries(options.attributes ?? {}).map(([key, value]) => attribute(key, value));
    const domain = options.domain === undefined ? [] : [string(7, options.domain)];
    nodes.push(
      nested(
        1,
        ...from.map((value) => string(1, value)),
        ...to.map((value) => string(2, value)),
        string(3, name),
        string(4, operator),
        ...attributes,
        ...domain,
      ),
    );
    return to;
  };

  return {
    input(name, element, shape) {
      inputs.push(nested(11, ...valueInfo(name, element, shape)));
      return name;
    },
    output(name, element, shape) {
      outputs.push(nested(12, ...valueInfo(name, element, shape)));
    },
    constant(name, element, shape, data) {
      const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      constants.push(
        nested(5, integers(1, shape), integer(2, ELEMENT[element]), string(8, name), bytes(9, raw)),
      );
      return name;
    },
    node: (name, operator, from, options = {}) => split(name, operator, from, options)[0]!,
    split,
    encode() {
      const graph = nested(7, ...nodes, string(2, graphName), ...constants, ...inputs, ...outputs);
      const standard = nested(8, string(1, ''), integer(2, 17));
      const microsoft = nested(8, string(1, 'com.microsoft'), integer(2, 1));
      return toBytes(concat(integer(1, 8), string(2, 'laneway'), graph, standard, microsoft));
    },
  };
}

function attribute(name: string, value: Attribute): Message {
  if (typeof value === 'number') return nested(5, string(1, name), integer(3, value), integer(20, 2));
  if ('float' in value) return nested(5, string(1, name), float(2, value.float), integer(20, 1));
  return nested(5, string(1, name), integers(8, value), integer(20, 7));
}

function valueInfo(name: string, element: Element, shape: readonly Dimension[]): Message[] {
  const dimensions = shape.map((d) => nested(1, typeof d === 'number' ? integer(1, d) : string(2, d)));
  return [string(1, name), nested(2, nested(1, integer(1, ELEMENT[element]), nested(2, ...dimensions)))];
}
