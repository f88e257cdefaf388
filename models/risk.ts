import { sigmoid } from './heads/linear.ts';

/**
 * From logits to P(scam or phishing), by Platt scaling (Platt 1999) of what heads that never saw a training row said of
 * it. The words are always read. Where the encoder was asked too, the intents of scams are held against the intents of
 * honest messages. Whatever reads clearly as either class is less likely to be a scam.
 */
export interface RiskScale {
  readonly words: RiskWeights;
  /** For messages with an embedding; absent where no head knows intents of scams. */
  readonly meaning?: RiskWeights & {
    /** Weight of the scam intents' log-odds. */
    readonly intents: number;
    /** From this risk by words on the encoder is asked as well; above 1: never for the risk alone. */
    readonly askFrom: number;
  };
}

export interface RiskWeights {
  readonly slope: number;
  readonly offset: number;
  /** Weight of how far the class heads are from undecided; 0 in models made before there was any. */
  readonly clarity: number;
}

/** What is known of one message; logits. */
export interface RiskEvidence {
  /** Mean of the word and character heads for risk. */
  readonly risk: number;
  /** Mean of the word and character heads for the class. */
  readonly class: number;
  /** Log-odds of the scam intents; absent without an embedding. */
  readonly intents?: number;
}

/** P(scam or phishing), 0 to 1. */
export function scaleRisk({ words, meaning }: RiskScale, evidence: RiskEvidence): number {
  if (meaning === undefined || evidence.intents === undefined) return sigmoid(weigh(words, evidence));
  return sigmoid(weigh(meaning, evidence) + meaning.intents * evidence.intents);
}

function weigh({ slope, offset, clarity }: RiskWeights, evidence: RiskEvidence): number {
  return slope * evidence.risk + offset + clarity * Math.abs(evidence.class);
}

/** As numbers for the model's binary. */
export function riskScaleToNumbers({ words, meaning }: RiskScale): Float64Array {
  const first = [words.slope, words.offset, words.clarity];
  if (meaning === undefined) return Float64Array.from(first);
  return Float64Array.from([
    ...first,
    meaning.askFrom,
    meaning.slope,
    meaning.offset,
    meaning.clarity,
    meaning.intents,
  ]);
}

/** The other way round; models made before there was a `clarity`, or a `meaning`, have fewer numbers. */
export function riskScaleFromNumbers(numbers: Float64Array): RiskScale {
  const [slope, offset, clarity = 0, askFrom, ...meaning] = numbers as unknown as number[];
  const words = { slope: slope!, offset: offset!, clarity };
  if (askFrom === undefined) return { words };
  const [meaningSlope, meaningOffset, meaningClarity, intents] = meaning as [number, number, number, number];
  return {
    words,
    meaning: { slope: meaningSlope, offset: meaningOffset, clarity: meaningClarity, intents, askFrom },
  };
}
