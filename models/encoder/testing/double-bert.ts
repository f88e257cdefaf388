import { HEAD_WIDTH, HEADS, LAYERS, type MiniLmWeights, type Product, WIDTH } from '../onnx/minilm-graph.ts';
import { halvesToFloats } from '../safetensors.ts';

type Matrix = Float64Array[];

/** BERT as the paper writes it, in double precision and plain loops, one text: the oracle of the graphs. */
export function doubleBert(weights: MiniLmWeights, ids: readonly number[]): Float64Array {
  const words = halvesToFloats(weights.words);
  let hidden: Matrix = ids.map((id, position) =>
    Float64Array.from(
      { length: WIDTH },
      (_, i) => words[id * WIDTH + i]! + weights.positions[position * WIDTH + i]!,
    ),
  );
  hidden = norm(weights, -1, 'embeddings', hidden);
  for (let layer = 0; layer < LAYERS; layer++) {
    const attended = linear(
      weights,
      layer,
      'attention-out',
      attention(linear(weights, layer, 'qkv', hidden)),
    );
    hidden = norm(weights, layer, 'attention', add(attended, hidden));
    const up = linear(weights, layer, 'up', hidden).map((row) => row.map(gelu));
    hidden = norm(weights, layer, 'down', add(linear(weights, layer, 'down', up), hidden));
  }
  const mean = Float64Array.from({ length: WIDTH }, (_, i) => hidden.reduce((sum, row) => sum + row[i]!, 0));
  return Float64Array.from([...unit(mean), ...unit(hidden[0]!)]);
}

function linear(weights: MiniLmWeights, layer: number, product: Product, input: Matrix): Matrix {
  const { matrix, bias } = weights.product(layer, product);
  const floats = halvesToFloats(matrix);
  return input.map((row) => {
    const out = Float64Array.from(bias);
    row.forEach((value, i) => {
      for (let o = 0; o < out.length; o++) out[o] = out[o]! + value * floats[i * out.length + o]!;
    });
    return out;
  });
}

function attention(qkv: Matrix): Matrix {
  return qkv.map((queryRow) => {
    const out = new Float64Array(WIDTH);
    for (let head = 0; head < HEADS; head++) {
      const at = head * HEAD_WIDTH;
      const scores = qkv.map((keyRow) => {
        let dot = 0;
        for (let i = 0; i < HEAD_WIDTH; i++) dot += queryRow[at + i]! * keyRow[WIDTH + at + i]!;
        return Math.exp(dot / Math.sqrt(HEAD_WIDTH));
      });
      const total = scores.reduce((sum, score) => sum + score, 0);
      qkv.forEach((row, token) => {
        for (let i = 0; i < HEAD_WIDTH; i++)
          out[at + i] = out[at + i]! + (scores[token]! / total) * row[2 * WIDTH + at + i]!;
      });
    }
    return out;
  });
}

function norm(
  weights: MiniLmWeights,
  layer: number,
  after: 'embeddings' | 'attention' | 'down',
  input: Matrix,
): Matrix {
  const [scale, shift] = weights.norm(layer, after);
  return input.map((row) => {
    const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
    const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length;
    return row.map((value, i) => ((value - mean) / Math.sqrt(variance + 1e-12)) * scale[i]! + shift[i]!);
  });
}

const add = (a: Matrix, b: Matrix): Matrix => a.map((row, t) => row.map((value, i) => value + b[t]![i]!));

function unit(vector: Float64Array): Float64Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

const gelu = (x: number): number => 0.5 * x * (1 + erf(x / Math.SQRT2));

/** Maclaurin series where it converges fast, 1 beyond: accurate to 1e-12 in doubles for |x| < 5. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
