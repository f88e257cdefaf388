import type { EncodeOptions, Encoder } from '../../models/encoder/encoder.ts';
import type { Model } from '../../models/model.ts';
import type { ClassifyInput, ClassifyOptions, Verdict } from '../../models/verdict.ts';

/** What the pool starts a thread with. */
export interface PoolStart {
  /** Plain data: each thread gets a copy. */
  readonly model: Model;
  readonly encoder?: Pick<Encoder, 'id' | 'dimensions'>;
  /** Memory of one thread's cache, entries and bytes; 0 entries: none. */
  readonly cacheEntries: number;
  readonly cacheBytes: number;
}
export type PoolRequest =
  | {
      readonly kind: 'classify';
      readonly call: number;
      /** A plain text where nothing is known but the text. */
      readonly inputs: readonly (string | ClassifyInput)[];
      readonly options?: ClassifyOptions;
    }
  | { readonly kind: 'vectors'; readonly ask: number; readonly vectors: Float32Array }
  | { readonly kind: 'no-vectors'; readonly ask: number; readonly message: string }
  | { readonly kind: 'close' };
export type PoolReply =
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'answers';
      readonly call: number;
      /** Which verdict each input got, by number. */
      readonly numbers: Int32Array;
      /** Verdicts that were not sent before, numbered from `from` on. */
      readonly fresh: readonly Verdict[];
      readonly from: number;
      readonly hits: number;
    }
  | {
      readonly kind: 'encode';
      readonly ask: number;
      readonly texts: readonly string[];
      readonly options?: EncodeOptions;
    }
  | { readonly kind: 'failed'; readonly call: number; readonly message: string };

/** Verdicts numbered before the numbers begin again; both sides forget those before. */
export const MOST_NUMBERED = 65_536;
