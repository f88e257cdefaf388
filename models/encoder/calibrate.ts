import { planBatches } from './batching.ts';
import { extremesOf } from './onnx/float-graph.ts';
import type { Calibration, Extremes } from './onnx/int8-graph.ts';
import { INPUT_WIDTH, LAYERS, PRODUCTS } from './onnx/minilm-graph.ts';
import type { Session } from './session.ts';

/**
 * Runs the calibration graph over the texts and keeps each channel's extremes. The order of the texts does
 * not matter.
 */
export async function calibrate(
  session: Session,
  texts: readonly (readonly number[])[],
  onText: (done: number) => void = () => {},
): Promise<Calibration> {
  const watched = Array.from({ length: LAYERS }, (_, layer) =>
    PRODUCTS.map((product) => ({ key: `${layer}.${product}`, product, ...extremesOf(layer, product) })),
  ).flat();
  const seen = new Map<string, Extremes>(
    watched.map(({ key, product }) => [
      key,
      {
        low: new Float32Array(INPUT_WIDTH[product]).fill(Number.POSITIVE_INFINITY),
        high: new Float32Array(INPUT_WIDTH[product]).fill(Number.NEGATIVE_INFINITY),
      },
    ]),
  );
  const outputs = watched.flatMap(({ low, high }) => [low, high]);
  let done = 0;
  for (const { indices, batch } of planBatches(texts)) {
    const values = await session.run(batch, outputs);
    watched.forEach(({ key }, i) => {
      const { low, high } = seen.get(key)!;
      const [lower, higher] = [values[2 * i]!, values[2 * i + 1]!];
      for (let c = 0; c < low.length; c++) {
        if (lower[c]! < low[c]!) low[c] = lower[c]!;
        if (higher[c]! > high[c]!) high[c] = higher[c]!;
      }
    });
    done += indices.length;
    onText(done);
  }
  return (layer, product) => seen.get(`${layer}.${product}`)!;
}
