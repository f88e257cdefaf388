/** A small network over an embedding whose output is one logit; trained with TensorFlow.js, run here. */
export interface DenseHead {
  /** Stable name; the column is `embedding:<name>`. */
  readonly name: string;
  /** What a person reads for it. */
  readonly phrase: string;
  readonly layers: readonly DenseLayer[];
  /** How the outputs of the last layer become a logit. */
  readonly readout: Readout;
}

export interface DenseLayer {
  readonly inputs: number;
  readonly outputs: number;
  /** `inputs x outputs`, input after input. */
  readonly weights: Float32Array;
  readonly bias: Float32Array;
  readonly activation: 'relu' | 'linear';
}

/**
 * `logit`: the single output. `groups`: outputs are softmax classes; the logit is the log-odds of the classes
 * whose group is 1 against those whose group is 0 (others, such as scam, stand aside).
 */
export type Readout =
  | { readonly kind: 'logit' }
  | { readonly kind: 'groups'; readonly names: readonly string[]; readonly group: readonly number[] };

/** Raw outputs of the last layer for the embedding that starts at `offset`. */
export function denseOutputs(head: DenseHead, embedding: Float32Array, offset: number): Float64Array {
  let values: Float64Array = Float64Array.from(embedding.subarray(offset, offset + head.layers[0]!.inputs));
  for (const layer of head.layers) values = forward(layer, values);
  return values;
}

/** The logit that raw outputs stand for. */
export function logitOf({ readout }: DenseHead, outputs: Float64Array): number {
  if (readout.kind === 'logit') return outputs[0]!;
  const { group } = readout;
  return (
    logSumExp(outputs, (index) => group[index] === 1) - logSumExp(outputs, (index) => group[index] === 0)
  );
}

/** True for a head with softmax classes beside both groups: the intents of scams. */
export function knowsScams({ readout }: Pick<DenseHead, 'readout'>): boolean {
  return readout.kind === 'groups' && readout.group.some((group) => group !== 0 && group !== 1);
}

/** Log-odds of the classes beside both groups against those in them, of a head that {@link knowsScams}. */
export function scamLogitOf({ readout }: DenseHead, outputs: Float64Array): number {
  const group = readout.kind === 'groups' ? readout.group : [];
  const isClass = (index: number) => group[index] === 0 || group[index] === 1;
  return logSumExp(outputs, (index) => !isClass(index)) - logSumExp(outputs, isClass);
}

/** Softmax classes of a `groups` head, most likely first. */
export function likeliest(
  head: DenseHead,
  embedding: Float32Array,
  offset: number,
  count: number,
): { name: string; probability: number }[] {
  if (head.readout.kind !== 'groups') return [];
  const outputs = denseOutputs(head, embedding, offset);
  const total = logSumExp(outputs, () => true);
  return head.readout.names
    .map((name, index) => ({ name, probability: Math.exp(outputs[index]! - total) }))
    .sort((a, b) => b.probability - a.probability)
    .slice(0, count);
}

function forward(layer: DenseLayer, input: Float64Array): Float64Array {
  const { inputs, outputs, weights, bias } = layer;
  const out = Float64Array.from(bias);
  for (let i = 0; i < inputs; i++) {
    const value = input[i]!;
    if (value === 0) continue;
    const row = i * outputs;
    for (let o = 0; o < outputs; o++) out[o]! += value * weights[row + o]!;
  }
  if (layer.activation === 'relu') for (let o = 0; o < outputs; o++) out[o] = Math.max(0, out[o]!);
  return out;
}

function logSumExp(values: Float64Array, include: (index: number) => boolean): number {
  let largest = Number.NEGATIVE_INFINITY;
  values.forEach((value, index) => {
    if (include(index) && value > largest) largest = value;
  });
  let sum = 0;
  values.forEach((value, index) => {
    if (include(index)) sum += Math.exp(value - largest);
  });
  return largest + Math.log(sum);
}
