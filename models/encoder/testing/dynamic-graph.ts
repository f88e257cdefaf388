import { floatLookup } from '../onnx/float-graph.ts';
import { INPUT_WIDTH, type MiniLmWeights, OUTPUT_WIDTH, writeMiniLm } from '../onnx/minilm-graph.ts';
import { halvesToFloats } from '../safetensors.ts';

const WEIGHT_MAX = 127;

/**
 * The encoder as ONNX Runtime's `quantize_dynamic` leaves a model, which is what transformers.js loads as `q8`: weights
 * in 8 bits with one scale a matrix, activations rounded anew in each batch. A peer; its vectors depend on the batch.
 */
export function dynamicGraph(weights: MiniLmWeights): Uint8Array {
  return writeMiniLm(weights, {
    output: 'tokens',
    lookup: floatLookup(weights),
    product: (graph, layer, product, input) => {
      const name = `layer.${layer}.${product}`;
      const { matrix, bias } = weights.product(layer, product);
      const { rounded, scale } = quantise(halvesToFloats(matrix));
      const [values, inputScale, inputZero] = graph.split(
        `${name}.rounded`,
        'DynamicQuantizeLinear',
        [input],
        {
          outputs: 3,
        },
      ) as [string, string, string];
      const stored = graph.constant(
        `${name}.matrix`,
        'int8',
        [INPUT_WIDTH[product], OUTPUT_WIDTH[product]],
        rounded,
      );
      const zero = graph.constant(`${name}.matrix.zero`, 'int8', [], new Int8Array(1));
      const whole = graph.node(`${name}.whole`, 'MatMulInteger', [values, stored, inputZero, zero]);
      const wide = graph.node(`${name}.wide`, 'Cast', [whole], { attributes: { to: 1 } });
      const factor = graph.constant(`${name}.matrix.scale`, 'float', [], Float32Array.of(scale));
      const scales = graph.node(`${name}.scales`, 'Mul', [inputScale, factor]);
      const multiplied = graph.node(`${name}.product`, 'Mul', [wide, scales]);
      return graph.node(name, 'Add', [
        multiplied,
        graph.constant(`${name}.bias`, 'float', [bias.length], bias),
      ]);
    },
  });
}

function quantise(matrix: Float32Array): { readonly rounded: Int8Array; readonly scale: number } {
  let widest = 1e-12;
  for (const value of matrix) widest = Math.max(widest, Math.abs(value));
  const scale = widest / WEIGHT_MAX;
  return { rounded: Int8Array.from(matrix, (value) => Math.round(value / scale)), scale };
}
