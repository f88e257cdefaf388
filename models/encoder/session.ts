import ort from 'onnxruntime-node';
import { LanewayError, messageOf } from '../base/errors.ts';
import { nativeCall } from '../base/native-calls.ts';

/** Token ids of texts that are all equally long: `count x length`, row after row. */
export interface TokenBatch {
  readonly count: number;
  readonly length: number;
  readonly ids: Int32Array;
}

/** One single-threaded ONNX Runtime session: one a thread beats one session of many threads on short texts. */
export interface Session {
  /** Runs the batch; names the outputs wanted, gives their values in that order. */
  run(batch: TokenBatch, outputs: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/**
 * @param model path of an ONNX file or its bytes, as `writeMiniLm` makes them.
 * @throws LanewayError `ENCODER_LOAD_FAILED`
 */
export async function openSession(model: string | Uint8Array): Promise<Session> {
  const options = {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  } as const;
  let session: ort.InferenceSession;
  try {
    session = await nativeCall(() =>
      typeof model === 'string'
        ? ort.InferenceSession.create(model, options)
        : ort.InferenceSession.create(model, options),
    );
  } catch (cause) {
    throw new LanewayError(
      'ENCODER_LOAD_FAILED',
      `ONNX Runtime cannot load the encoder: ${messageOf(cause)}`,
      {
        fix: 'Delete the encoder folder in the data folder; the next start builds it anew',
        ...(typeof model === 'string' ? { where: model } : {}),
        cause,
      },
    );
  }
  return {
    async run({ count, length, ids }, outputs) {
      // int64 without a BigInt a value: ids are positive, the high words stay zero.
      const words = new Int32Array(2 * ids.length);
      for (let i = 0; i < ids.length; i++) words[2 * i] = ids[i]!;
      const wide = new BigInt64Array(words.buffer);
      const input = { input_ids: new ort.Tensor('int64', wide, [count, length]) };
      const results = await nativeCall(() => session.run(input, outputs));
      return outputs.map((name) => results[name]!.data as Float32Array);
    },
    close: () => nativeCall(() => session.release()),
  };
}
