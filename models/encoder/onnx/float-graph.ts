import type { GraphWriter } from './graph.ts';
import {
  INPUT_WIDTH,
  type LookupWriter,
  type MiniLmWeights,
  OUTPUT_WIDTH,
  type Product,
  type ProductWriter,
  WIDTH,
  writeMiniLm,
} from './minilm-graph.ts';

/** Half-precision storage, single-precision arithmetic: the runtime widens each matrix once, at load. */
export function floatProduct(weights: MiniLmWeights): ProductWriter {
  return (graph, layer, product, input) => {
    const name = `layer.${layer}.${product}`;
    const { matrix, bias } = weights.product(layer, product);
    const shape = [INPUT_WIDTH[product], OUTPUT_WIDTH[product]];
    const stored = graph.constant(`${name}.matrix`, 'float16', shape, matrix);
    const wide = graph.node(`${name}.matrix.wide`, 'Cast', [stored], { attributes: { to: 1 } });
    const multiplied = graph.node(`${name}.product`, 'MatMul', [input, wide]);
    return graph.node(name, 'Add', [
      multiplied,
      graph.constant(`${name}.bias`, 'float', [bias.length], bias),
    ]);
  };
}

/** Only the rows looked up are widened, not the 30,522 of the table. */
export function floatLookup(weights: MiniLmWeights): LookupWriter {
  return (graph, ids) => {
    const table = graph.constant('words.table', 'float16', [weights.wordCount, WIDTH], weights.words);
    const rows = graph.node('words.rows', 'Gather', [table, ids]);
    return graph.node('words', 'Cast', [rows], { attributes: { to: 1 } });
  };
}

/** The exact encoder: cosines of int8 are measured against it. */
export function floatGraph(weights: MiniLmWeights, output: 'pooled' | 'tokens' = 'pooled'): Uint8Array {
  return writeMiniLm(weights, { product: floatProduct(weights), lookup: floatLookup(weights), output });
}

/** Output names of the per-channel extremes that `calibrationGraph` adds. */
export const extremesOf = (layer: number, product: Product) =>
  ({ low: `low.${layer}.${product}`, high: `high.${layer}.${product}` }) as const;

/** The exact encoder that also tells, for the batch, each product's smallest and largest input by channel. */
export function calibrationGraph(weights: MiniLmWeights): Uint8Array {
  const plain = floatProduct(weights);
  const watch = (graph: GraphWriter, layer: number, product: Product, input: string): void => {
    const { low, high } = extremesOf(layer, product);
    const attributes = { axes: [0, 1], keepdims: 0 };
    for (const [name, operator] of [
      [low, 'ReduceMin'],
      [high, 'ReduceMax'],
    ] as const) {
      graph.node(name, operator, [input], { attributes });
      graph.output(name, 'float', [INPUT_WIDTH[product]]);
    }
  };
  return writeMiniLm(weights, {
    product: (graph, layer, product, input) => {
      watch(graph, layer, product, input);
      return plain(graph, layer, product, input);
    },
    lookup: floatLookup(weights),
  });
}
