import type { Calibration } from './calibration.ts';
import type { DriftReference } from './drift/reference.ts';
import type { Vocabulary } from './features/vocabulary.ts';
import type { Forest } from './forest/forest.ts';
import type { DenseHead } from './heads/dense.ts';
import type { KernelHead } from './heads/kernel.ts';
import type { LinearHead } from './heads/linear.ts';
import type { RiskScale } from './risk.ts';

/** Rises when features of the same text change: a model of another feature version is refused. */
export const FEATURE_VERSION = 1;

/** Columns that the full forest has for the embedding. */
export function embeddingColumns({
  dense,
  kernel,
}: {
  readonly dense: readonly unknown[];
  readonly kernel?: unknown;
}): number {
  return dense.length + (kernel ? 1 : 0);
}

/** A forest with the map from its votes to probabilities. */
export interface ForestStage {
  readonly forest: Forest;
  readonly calibration: Calibration;
}

/** Where a probability becomes a class, a band, or a reason to ask the encoder. All are P(promotional). */
export interface Thresholds {
  /** `promotional` from here on. */
  readonly decision: number;
  /** Sure transactional below, sure promotional from `sureAbove` on; between them the band is `unsure`. */
  readonly sureBelow: number;
  readonly sureAbove: number;
  /** Answers of the lexical forest outside these bounds are final; between them the encoder is asked. */
  readonly cascadeLow: number;
  readonly cascadeHigh: number;
}

/** What a model is, in words and numbers; `manifest.json` beside the binary. */
export interface Manifest {
  /** `name` and the first ten digits of the content hash. */
  readonly version: string;
  readonly name: string;
  readonly featureVersion: number;
  readonly canonicalVersion: number;
  /** Encoder whose vectors the heads were trained on; undefined: the model is lexical only. */
  readonly encoderId?: string;
  readonly thresholds: Thresholds;
  readonly training: {
    readonly data: string;
    readonly rows: number;
    readonly distinct: number;
    readonly groups: number;
    readonly seed: number;
    readonly trees: number;
    /** Share of the authored templates that was kept out of training, for gates to measure on. */
    readonly heldOut?: number;
  };
  /** Out-of-fold figures on the training data. */
  readonly outOfFold: Readonly<Record<string, number>>;
  /** What drift monitors hold live answers against; absent in models made before there were any. */
  readonly reference?: DriftReference;
  /** SHA-256 of the binary, in hex. */
  readonly sha256: string;
}

/** Everything that answers, in memory. Frozen: share it. */
export interface Model {
  readonly manifest: Manifest;
  readonly words: Vocabulary;
  readonly chars: Vocabulary;
  readonly wordHead: LinearHead;
  readonly charHead: LinearHead;
  readonly wordRisk: LinearHead;
  readonly charRisk: LinearHead;
  readonly riskScale: RiskScale;
  /** Columns of `words` that the forest sees as they are, ascending. */
  readonly terms: Uint32Array;
  /** Heads over the embedding, in column order; empty without an encoder. */
  readonly dense: readonly DenseHead[];
  /** Holds the embedding against training texts; its column follows those of `dense`. */
  readonly kernel?: KernelHead;
  readonly lexical: ForestStage;
  readonly full?: ForestStage;
}
