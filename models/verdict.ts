/** What a message is. *Positive* means promotional everywhere. */
export type MessageClass = 'transactional' | 'promotional';

/** `unsure`: the cost of being wrong says to give promotional treatment whatever `class` says. */
export type Band = 'sure' | 'unsure';

/** Who answered: a cache tier, the lexical forest alone, or the forest that also saw the embedding. */
export type Stage = 'cache-l1' | 'cache-l2' | 'lexical' | 'semantic';

/** One thing that spoke for (`contribution > 0`: promotional) or against, in units of forest votes. */
export interface Reason {
  /** Stable feature name, e.g. `signal:exclamations`, `word:cashback`, `embedding`. */
  readonly feature: string;
  /** What a person reads: "the words 'limited offer'". */
  readonly text: string;
  /** Share of the vote, -1 to 1; all of them and the bias sum to the raw vote. */
  readonly contribution: number;
}

/** The bytes that must be equal with and without the cache: everything but `stage`. */
export interface Verdict {
  readonly class: MessageClass;
  readonly band: Band;
  /** Calibrated P(promotional), 0 to 1, rounded to 6 decimals. */
  readonly probability: number;
  /** P(scam or phishing), 0 to 1, rounded to 6 decimals. Feeds the content filter, never the class. */
  readonly risk: number;
  readonly reasons: readonly Reason[];
  readonly modelVersion: string;
  /** 32 hex digits, 128 bits of SHA-256 of the canonical text. */
  readonly fingerprint: string;
  readonly stage: Stage;
  /** Named reason when something was missing (`encoder-unavailable`); such a verdict is never cached. */
  readonly degraded?: string;
}

/** Facts about sender and recipient, already discretised; `undefined` fields mean unknown. */
export interface Metadata {
  /** Sender reputation from confirmed outcomes only, 0 (bad) to 1 (good). */
  readonly senderReputation?: number;
  /** Recipient-local hour of sending, 0 to 23. */
  readonly localHour?: number;
  /** 0 Sunday to 6 Saturday, recipient-local. */
  readonly weekday?: number;
  /** Messages of the same template by the sender in the last hour. */
  readonly burst?: number;
  /** Days since the recipient last replied to or opened something of the sender. */
  readonly daysSinceEngaged?: number;
  readonly optedIn?: boolean;
}

export interface ClassifyInput {
  readonly text: string;
  readonly metadata?: Metadata;
}

export interface ClassifyOptions {
  /** Default true. Without reasons bulk work is faster; the rest of the verdict is the same. */
  readonly reasons?: boolean;
  /**
   * Before calls that are not, where texts wait for the encoder: somebody waits for the answer, or the messages claim to
   * be transactional. Changes no verdict. Default false.
   */
  readonly urgent?: boolean;
}

/** The port the pipeline and the doors use; answers in the order of the inputs. */
export interface Classifier {
  readonly modelVersion: string;
  classify(inputs: readonly ClassifyInput[], options?: ClassifyOptions): Promise<Verdict[]>;
  close(): Promise<void>;
}
