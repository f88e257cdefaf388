import { halvesToFloats } from '../safetensors.ts';
import type { GraphWriter } from './graph.ts';
import {
  INPUT_WIDTH,
  LAYERS,
  type LookupWriter,
  type MiniLmWeights,
  OUTPUT_WIDTH,
  PRODUCTS,
  type Product,
  WIDTH,
  writeMiniLm,
} from './minilm-graph.ts';

/** Smallest and largest input of a product, by channel, over the calibration texts. */
export interface Extremes {
  readonly low: Float32Array;
  readonly high: Float32Array;
}
export type Calibration = (layer: number, product: Product) => Extremes;

export interface Int8Recipe {
  /** SmoothQuant's migration strength (Xiao et al. 2023): 0 leaves the difficulty in activations, 1 in weights. */
  readonly smoothing: number;
  /** Input channels of FFN-down with the widest range, multiplied in single precision. */
  readonly outlierChannels: number;
  /** Share of the observed activation range that the 256 steps cover; the rest saturates. */
  readonly clip: number;
  /** Largest quantised weight. Above 64, CPUs without VNNI overflow; see `INT8_RECIPE`. */
  readonly weightMax: number;
}

/**
 * Weights keep 7 bits: without VNNI, x86 adds pairs of 8-bit products in 16 bits (`vpmaddubsw`) and saturates
 * silently; 2 x 255 x 63 still fits, so every x86 CPU computes the same exact integers. Measured on 200 real
 * messages on such a CPU, cosine to single precision: 0.9981 mean, 0.9961 least; with 8-bit weights 0.9972 and
 * 0.9950; clipping to 0.85 of the range 0.9926 and 0.9852.
 */
export const INT8_RECIPE: Int8Recipe = Object.freeze({
  smoothing: 0.8,
  outlierChannels: 32,
  clip: 1,
  weightMax: 63,
});

const ACTIVATION_MAX = 255;

/** A product ready to be written; `smooth` is what the input must be divided by first, if it must. */
interface QuantisedProduct {
  readonly matrix: Int8Array;
  readonly columnScales: Float32Array;
  readonly bias: Float32Array;
  readonly inputScale: number;
  readonly inputZero: number;
  readonly inverseSmooth: Float32Array | undefined;
  /** Single-precision rows of the outlier channels and where they are. */
  readonly outliers: { readonly channels: number[]; readonly rows: Float32Array } | undefined;
}

/**
 * The static int8 encoder. Scales are fixed at build time, so a text's vector does not depend on its batch,
 * as it does with dynamic quantisation. Weights are symmetric by column, activations asymmetric by tensor.
 */
export function int8Graph(
  weights: MiniLmWeights,
  calibration: Calibration,
  recipe: Int8Recipe = INT8_RECIPE,
): Uint8Array {
  const products = new Map<string, QuantisedProduct>();
  for (let layer = 0; layer < LAYERS; layer++) {
    for (const [product, made] of quantiseLayer(weights, calibration, layer, recipe))
      products.set(`layer.${layer}.${product}`, made);
  }
  return writeMiniLm(weights, {
    product: (graph, layer, product, input) => {
      const name = `layer.${layer}.${product}`;
      return writeProduct(graph, name, product, products.get(name)!, input);
    },
    lookup: int8Lookup(weights),
  });
}

function quantiseLayer(
  weights: MiniLmWeights,
  calibration: Calibration,
  layer: number,
  recipe: Int8Recipe,
): Map<Product, QuantisedProduct> {
  const float = new Map(
    PRODUCTS.map((product) => {
      const { matrix, bias } = weights.product(layer, product);
      return [product, { matrix: halvesToFloats(matrix), bias: bias.slice() }];
    }),
  );
  const out = new Map<Product, QuantisedProduct>();
  // Attention-out is smoothed for free: its input is a mix of V, so V's columns take the division.
  const outSmooth = smoothing(
    calibration(layer, 'attention-out'),
    float.get('attention-out')!.matrix,
    WIDTH,
    recipe,
  );
  const qkv = float.get('qkv')!;
  for (let column = 0; column < WIDTH; column++) {
    const at = 2 * WIDTH + column;
    qkv.bias[at] = qkv.bias[at]! / outSmooth[column]!;
    for (let row = 0; row < WIDTH; row++) {
      const i = row * 3 * WIDTH + at;
      qkv.matrix[i] = qkv.matrix[i]! / outSmooth[column]!;
    }
  }
  for (const product of PRODUCTS) {
    const { matrix, bias } = float.get(product)!;
    const extremes = calibration(layer, product);
    const columns = OUTPUT_WIDTH[product];
    const smooth =
      product === 'down'
        ? undefined
        : product === 'attention-out'
          ? outSmooth
          : smoothing(extremes, matrix, columns, recipe);
    const outliers = product === 'down' ? takeOutliers(matrix, extremes, recipe.outlierChannels) : undefined;
    if (smooth !== undefined) scaleRows(matrix, smooth, columns);
    const range = tensorRange(extremes, smooth, new Set(outliers?.channels), recipe);
    out.set(product, {
      ...quantiseColumns(matrix, columns, recipe.weightMax),
      bias,
      ...range,
      inverseSmooth: product === 'qkv' || product === 'up' ? smooth!.map((s) => 1 / s) : undefined,
      outliers,
    });
  }
  return out;
}

/** s = max|X|^a / max|W|^(1-a) by input channel. */
function smoothing(extremes: Extremes, matrix: Float32Array, columns: number, recipe: Int8Recipe) {
  return Float32Array.from(extremes.low, (low, row) => {
    let widest = 1e-5;
    for (let column = 0; column < columns; column++)
      widest = Math.max(widest, Math.abs(matrix[row * columns + column]!));
    const reach = Math.max(Math.abs(low), Math.abs(extremes.high[row]!), 1e-5);
    return reach ** recipe.smoothing / widest ** (1 - recipe.smoothing);
  });
}

function scaleRows(matrix: Float32Array, factors: Float32Array, columns: number): void {
  for (let row = 0, i = 0; row < factors.length; row++)
    for (let column = 0; column < columns; column++, i++) matrix[i] = matrix[i]! * factors[row]!;
}

/** Moves the widest channels' rows out of the matrix; the zeros left there make any saturation harmless. */
function takeOutliers(matrix: Float32Array, extremes: Extremes, count: number) {
  const reach = Array.from(extremes.low, (low, i) => Math.max(Math.abs(low), Math.abs(extremes.high[i]!)));
  const channels = reach
    .map((_, channel) => channel)
    .sort((a, b) => reach[b]! - reach[a]! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
  const rows = new Float32Array(channels.length * WIDTH);
  channels.forEach((channel, i) => {
    rows.set(matrix.subarray(channel * WIDTH, (channel + 1) * WIDTH), i * WIDTH);
    matrix.fill(0, channel * WIDTH, (channel + 1) * WIDTH);
  });
  return { channels, rows };
}

function tensorRange(
  extremes: Extremes,
  smooth: Float32Array | undefined,
  left: ReadonlySet<number>,
  recipe: Int8Recipe,
) {
  let low = 0;
  let high = 0;
  for (let i = 0; i < extremes.low.length; i++) {
    if (left.has(i)) continue;
    const factor = smooth?.[i] ?? 1;
    low = Math.min(low, extremes.low[i]! / factor);
    high = Math.max(high, extremes.high[i]! / factor);
  }
  const inputScale = Math.max(((high - low) * recipe.clip) / ACTIVATION_MAX, 1e-8);
  const inputZero = Math.min(ACTIVATION_MAX, Math.round((-low * recipe.clip) / inputScale));
  return { inputScale, inputZero };
}

function quantiseColumns(matrix: Float32Array, columns: number, max: number) {
  const columnScales = new Float32Array(columns).fill(1e-12);
  for (let i = 0; i < matrix.length; ) {
    for (let c = 0; c < columns; c++, i++) {
      const reach = Math.abs(matrix[i]!) / max;
      if (reach > columnScales[c]!) columnScales[c] = reach;
    }
  }
  const rounded = new Int8Array(matrix.length);
  for (let i = 0; i < matrix.length; )
    for (let c = 0; c < columns; c++, i++)
      rounded[i] = Math.max(-max, Math.min(max, Math.round(matrix[i]! / columnScales[c]!)));
  return { matrix: rounded, columnScales };
}

function writeProduct(
  graph: GraphWriter,
  name: string,
  product: Product,
  q: QuantisedProduct,
  input: string,
): string {
  const columns = OUTPUT_WIDTH[product];
  const constant = (part: string, data: Float32Array, shape: readonly number[] = [data.length]) =>
    graph.constant(`${name}.${part}`, 'float', shape, data);
  const smoothed =
    q.inverseSmooth === undefined
      ? input
      : graph.node(`${name}.smooth`, 'Mul', [input, constant('smooth.by', q.inverseSmooth)]);
  const scale = constant('scale', Float32Array.of(q.inputScale), []);
  const zero = graph.constant(`${name}.zero`, 'uint8', [], Uint8Array.of(q.inputZero));
  const rounded = graph.node(`${name}.rounded`, 'QuantizeLinear', [smoothed, scale, zero]);
  const matrix = graph.constant(`${name}.matrix`, 'int8', [INPUT_WIDTH[product], columns], q.matrix);
  const inputs = [rounded, matrix, scale, constant('columns', q.columnScales), zero, ''];
  const multiplied = graph.node(
    q.outliers === undefined ? name : `${name}.int8`,
    'MatMulIntegerToFloat',
    [...inputs, constant('bias', q.bias)],
    { domain: 'com.microsoft' },
  );
  if (q.outliers === undefined) return multiplied;
  const { channels, rows } = q.outliers;
  const which = graph.constant(
    `${name}.outlier.channels`,
    'int64',
    [channels.length],
    BigInt64Array.from(channels.map(BigInt)),
  );
  const chosen = graph.node(`${name}.outliers`, 'Gather', [input, which], { attributes: { axis: -1 } });
  const exact = graph.node(`${name}.outliers.product`, 'MatMul', [
    chosen,
    constant('outlier.rows', rows, [channels.length, WIDTH]),
  ]);
  return graph.node(name, 'Add', [multiplied, exact]);
}

/** The word table in int8 with a scale by row: a quarter of its size, an error far below the products'. */
function int8Lookup(weights: MiniLmWeights): LookupWriter {
  const table = halvesToFloats(weights.words);
  const scales = new Float32Array(weights.wordCount);
  const rounded = new Int8Array(table.length);
  for (let row = 0; row < weights.wordCount; row++) {
    let widest = 1e-12;
    for (let i = row * WIDTH; i < (row + 1) * WIDTH; i++) widest = Math.max(widest, Math.abs(table[i]!));
    const scale = widest / 127;
    scales[row] = scale;
    for (let i = row * WIDTH; i < (row + 1) * WIDTH; i++) rounded[i] = Math.round(table[i]! / scale);
  }
  return (graph, ids) => {
    const stored = graph.constant('words.table', 'int8', [weights.wordCount, WIDTH], rounded);
    const factors = graph.constant('words.scales', 'float', [weights.wordCount, 1], scales);
    const rows = graph.node('words.rows', 'Gather', [stored, ids]);
    const wide = graph.node('words.wide', 'Cast', [rows], { attributes: { to: 1 } });
    return graph.node('words', 'Mul', [wide, graph.node('words.scale', 'Gather', [factors, ids])]);
  };
}
