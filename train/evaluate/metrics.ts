import type { Manifest } from '../../models/model.ts';
import type { Band, MessageClass, Stage } from '../../models/verdict.ts';
import type { RobustnessFigures } from '../robustness/measure.ts';
import type { Difference } from './bootstrap.ts';
import type { PublishedFigures } from './published.ts';
import type { Ranking, RecallAt, Reliability, Share } from './statistics.ts';

/**
 * Everything that an evaluation found: the content of `metrics.json`. All shares run from 0 to 1 and carry the counts
 * they come from. Positive means promotional. No message text is in here; that stands in the report alone.
 */
export interface Metrics {
  /** Rises when a field changes its meaning. */
  readonly format: 1;
  /** ISO 8601, UTC. */
  readonly measuredAt: string;
  readonly machine: Machine;
  readonly model: Manifest;
  readonly data: DataFigures;
  readonly all: Outcome;
  /** Rows that are not marked hard. */
  readonly clean: Outcome;
  /** Mixed or debatable messages. */
  readonly hard: Outcome;
  /** Absent where a class is missing. */
  readonly ranking: { readonly all?: Ranking; readonly clean?: Ranking; readonly hard?: Ranking };
  readonly calibration: Reliability;
  readonly bands: BandFigures;
  /** What other decision thresholds would have given, on all rows. */
  readonly sweep: readonly SweepPoint[];
  /** Rows by probability, 20 bins of equal width, each class apart. */
  readonly histogram: { readonly transactional: readonly number[]; readonly promotional: readonly number[] };
  readonly by: Readonly<Record<GroupField, readonly Group[]>>;
  /** By language, the largest first; absent where no row says its language. */
  readonly languages?: readonly LanguageFigures[];
  readonly stages: StageFigures;
  readonly speed: SpeedFigures;
  /** How the model does on dressed-up messages; present when asked for. */
  readonly robustness?: RobustnessFigures;
  /** What each part of the model is worth; present when asked for. */
  readonly ablation?: AblationFigures;
  /** Absent where no row is known to be scam. */
  readonly risk?: RiskFigures;
  readonly published: readonly PublishedFigures[];
  /** Simple classifiers trained on the same rows; present where training rows were given. */
  readonly baselines: readonly BaselineFigures[];
  /** The mistakes the model was surest of, leaks first, the surest of each kind first. */
  readonly mistakes: readonly MistakeFigures[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly platform: string;
  readonly node: string;
}

export interface DataFigures {
  /** What the rows are, in the words of who asked. */
  readonly description: string;
  readonly rows: number;
  readonly labelled: number;
  readonly promotional: number;
  readonly transactional: number;
  readonly hard: number;
  readonly scam: number;
  /** Different canonical texts among the labelled rows. */
  readonly distinctTexts: number;
  /** Labelled rows whose canonical text is also among the training rows; known where those were given. */
  readonly seenInTraining?: number;
  /** The model's manifest names the same data: the figures say how well it remembers, not how well it generalises. */
  readonly sameAsTraining: boolean;
}

/** Counts by true class, then by what the model said. */
export interface Confusion {
  readonly transactionalAsTransactional: number;
  readonly transactionalAsPromotional: number;
  readonly promotionalAsTransactional: number;
  readonly promotionalAsPromotional: number;
}

export interface Outcome {
  readonly rows: number;
  readonly accuracy: Share;
  /** Promotional taken for transactional, of all promotional. */
  readonly leak: Share;
  /** Transactional taken for promotional, of all transactional. */
  readonly falsePositives: Share;
  readonly confusion: Confusion;
}

export interface BandFigures {
  /** Rows in the sure band, of all. */
  readonly coverage: Share;
  /** Rightly classed, of those in the sure band. */
  readonly sureAccuracy: Share;
  /** Rightly classed, of those in the unsure band. */
  readonly unsureAccuracy: Share;
  /** Promotional rows that would be treated as transactional (sure and wrong), of all promotional. */
  readonly treatmentLeak: Share;
  /** Transactional rows that would get promotional treatment (unsure, or wrong), of all transactional. */
  readonly overTreated: Share;
}

export interface SweepPoint {
  readonly threshold: number;
  readonly accuracy: number | null;
  readonly leak: number | null;
  readonly falsePositives: number | null;
}

/** What a model answers with one part taken away, and what that part was worth. */
export interface PartFigures {
  readonly part: string;
  /** What a person reads. */
  readonly words: string;
  readonly clean: Outcome;
  readonly hard: Outcome;
  /** Accuracy of the whole model minus accuracy without the part: above 0 the part pays. */
  readonly worthClean: Difference;
  readonly worthHard: Difference;
}

export interface AblationFigures {
  /** What the models were trained on; the rows measured are others. */
  readonly trainedOn: string;
  readonly trees: number;
  readonly clean: Outcome;
  readonly hard: Outcome;
  readonly parts: readonly PartFigures[];
}

/** What the model makes of the messages of one language. */
export interface LanguageFigures extends Outcome {
  /** Language tag of the data. */
  readonly lang: string;
  /** Rows in the sure band, of all with a class. */
  readonly sure: Share;
  /** Rightly classed, of those. */
  readonly sureAccuracy: Share;
  /** Promotional rows that would get transactional treatment, of all promotional. */
  readonly treatmentLeak: Share;
  /** The model may be sure of this language: it is English, or it has been measured and earned. */
  readonly earned: boolean;
}

export type GroupField = 'source' | 'industry' | 'channel' | 'locale';

export interface Group extends Outcome {
  readonly key: string;
}

export interface StageFigures {
  /** Rows answered by each stage, of all. */
  readonly shares: Partial<Record<Stage, Share>>;
  /** Rows answered with something missing, by named reason. */
  readonly degraded: Readonly<Record<string, number>>;
  /** Accuracy of each stage on the rows it answered. */
  readonly accuracy: Partial<Record<Stage, Share>>;
  /** Lexical forest alone on all rows: what there would be without the encoder. */
  readonly lexicalAlone: Outcome;
  /** Rows that the encoder answered; both forests asked about the same rows. */
  readonly sentOn?: {
    readonly rows: number;
    /** Same class from both forests. */
    readonly agreement: Share;
    readonly lexicalAccuracy: Share;
    readonly semanticAccuracy: Share;
  };
}

export interface LatencyFigures {
  readonly messages: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

export interface ThroughputFigures {
  readonly messages: number;
  readonly batch: number;
  readonly perSecond: number;
}

export interface SpeedFigures {
  /** One message at a time, with reasons, as `/v1/classify` asks. */
  readonly single: LatencyFigures;
  readonly singleByStage: Partial<Record<Stage, LatencyFigures>>;
  /** Batches without reasons, as bulk work asks. */
  readonly bulk: ThroughputFigures;
  readonly bulkByStage: Partial<Record<Stage, ThroughputFigures>>;
}

export interface RiskFigures {
  readonly scam: number;
  readonly others: number;
  readonly auc: number | null;
  /** Scam found while at most 1% of the other rows are taken for scam. */
  readonly recallAt1Percent: RecallAt;
  /** Scam rows that would get transactional treatment by class and band, of all scam rows. */
  readonly treatedAsTransactional: Share;
}

export interface BaselineFigures {
  readonly name: string;
  readonly description: string;
  readonly trainedOn: number;
  readonly measuredOn: number;
  readonly all: Outcome;
  readonly clean: Outcome;
  readonly hard: Outcome;
}

export interface MistakeFigures {
  /** 1-based line in the data. */
  readonly line: number;
  readonly source?: string;
  readonly label: MessageClass;
  readonly class: MessageClass;
  readonly probability: number;
  readonly band: Band;
  readonly stage: Stage;
  readonly hard: boolean;
  readonly fingerprint: string;
}
