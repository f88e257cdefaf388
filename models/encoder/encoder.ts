export interface EncodeOptions {
  /** Before texts of calls that are not, where many wait. Changes no vector. Default false. */
  readonly urgent?: boolean;
}

/**
 * Turns texts into vectors. The same text gives the same vector alone and in any batch (the template cache
 * depends on it), on one kind of CPU.
 */
export interface Encoder {
  /** Names weights, pooling and precision, e.g. `minilm-l6-v2/int8`; part of every cache key. */
  readonly id: string;
  /** Length of one vector. 0: the encoder is `none` and must not be called. */
  readonly dimensions: number;
  /** `texts.length x dimensions` values, row after row, each pooled half of unit L2 length. */
  encode(texts: readonly string[], options?: EncodeOptions): Promise<Float32Array>;
  close(): Promise<void>;
  /** How it is: `degraded` answers with less than all of its threads, `failed` not at all; absent: not told. */
  state?(): 'ready' | 'degraded' | 'failed' | 'closed';
}
