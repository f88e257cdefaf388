import type { Encoder } from '../../models/encoder/encoder.ts';
import type { Example } from '../baselines/example.ts';

/** P(promotional) of each text, 0 to 1, in order. */
export type PeerPredict = (texts: readonly string[]) => Float64Array | Promise<Float64Array>;

export interface PeerContext {
  /** Peers that need one are left out without it. */
  readonly encoder?: Encoder;
  readonly seed: number;
  /** Trees of the forests. */
  readonly trees: number;
}

/** Another way to tell the classes apart, trained on the same rows for comparison. */
export interface Peer {
  readonly name: string;
  /** What it is, in words for a report. */
  readonly words: string;
  /** Trained on at most so many rows, half of each class, where it is too slow for all. */
  readonly mostRows?: number;
  readonly needsEncoder?: boolean;
  readonly train: (examples: readonly Example[], context: PeerContext) => Promise<PeerPredict>;
}
