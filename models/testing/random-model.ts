import { sealModel } from '../artifact/codec.ts';
import { createRandom, type Random } from '../base/random.ts';
import type { Calibration } from '../calibration.ts';
import type { Encoder } from '../encoder/encoder.ts';
import { layoutOf } from '../features/layout.ts';
import { charTerms, wordTerms } from '../features/terms.ts';
import { fitVocabulary } from '../features/vocabulary.ts';
import { randomForest } from '../forest/forest.fixture.ts';
import type { DenseHead } from '../heads/dense.ts';
import type { LinearHead } from '../heads/linear.ts';
import { FEATURE_VERSION, type Model } from '../model.ts';
import { CANONICAL_VERSION, canonicalise } from '../text/canonical.ts';

/** Messages whose words the random models know. */
export const TEXTS: readonly string[] = [
  '482913 is your Norbank code. Never share it with anyone.',
  'FLASH SALE! 50% off everything at https://shop.example/now today only!!!',
  'Your parcel arrives today between 2pm and 4pm. Track it at https://track.example/1',
  'Dear customer, your bill of $42.10 is due on 5 March. Thank you.',
  'Win a free phone now! Click bit.ly/abc12 to claim your prize',
  'Aapka recharge safal raha hai, dhanyavaad. Aapke paas 5 din hain.',
  'Votre colis est en route, il arrivera demain matin chez vous.',
  'Appointment reminder: Dr Shah, Monday 10:30. Reply C to cancel.',
  'ok',
  'Big 🎁 gift 🎁🎉 inside 🎉, open it now',
  '',
];

const DENSE_INPUTS = 8;

/**
 * A model of random parts in the right shapes: laws of the classifier hold for any model, so the tests draw some.
 *
 * @param withEncoder whether it has a second forest over an 8-wide encoder ({@link createHashEncoder})
 */
export function randomModel(seed: number, withEncoder = true, name = 'random'): Model {
  const random = createRandom(seed);
  const canonical = TEXTS.map(canonicalise);
  const words = fitVocabulary(canonical.map(wordTerms));
  const chars = fitVocabulary(canonical.map(charTerms));
  const terms = Uint32Array.from({ length: 30 }, (_, i) => Math.floor((i * words.terms.length) / 30));
  const dense = withEncoder ? [logitHead(random), intentHead(random)] : [];
  const stage = (denseHeads: number) => ({
    forest: randomForest(random.below(2 ** 31), layoutOf(denseHeads, terms.length).columns, 12, 7),
    calibration: randomCalibration(random),
  });
  return sealModel({
    manifest: {
      name,
      featureVersion: FEATURE_VERSION,
      canonicalVersion: CANONICAL_VERSION,
      ...(withEncoder ? { encoderId: 'hash/int8/0' } : {}),
      thresholds: { decision: 0.5, sureBelow: 0.3, sureAbove: 0.7, cascadeLow: 0.3, cascadeHigh: 0.7 },
      training: { data: 'random', rows: 10, distinct: 10, groups: 10, seed, trees: 12 },
      outOfFold: { leak: 0.5 },
    },
    words,
    chars,
    wordHead: linearHead(random, words.terms.length),
    charHead: linearHead(random, chars.terms.length),
    wordRisk: linearHead(random, words.terms.length),
    charRisk: linearHead(random, chars.terms.length),
    riskScale: {
      words: { slope: 1.5, offset: -0.5, clarity: -0.25 },
      ...(withEncoder
        ? { meaning: { slope: 1, offset: -0.75, clarity: -0.25, intents: 0.5, askFrom: 0.9 } }
        : {}),
    },
    terms,
    dense,
    lexical: stage(0),
    ...(withEncoder ? { full: stage(dense.length) } : {}),
  });
}

/** Vectors that depend on the text alone. */
export function createHashEncoder(): Encoder {
  return {
    id: 'hash/int8/0',
    dimensions: DENSE_INPUTS,
    encode: async (texts) =>
      Float32Array.from(
        texts.flatMap((text) => {
          let seed = 7;
          for (const char of text) seed = (Math.imul(seed, 31) + char.codePointAt(0)!) | 0;
          const random = createRandom(seed);
          return Array.from({ length: DENSE_INPUTS }, () => random.next() * 2 - 1);
        }),
      ),
    close: async () => undefined,
  };
}

function linearHead(random: Random, width: number): LinearHead {
  return {
    weights: Float32Array.from({ length: width }, () => random.next() * 6 - 3),
    bias: random.next() - 0.5,
  };
}

function logitHead(random: Random): DenseHead {
  return {
    name: 'class',
    phrase: 'its meaning',
    layers: [layer(random, DENSE_INPUTS, 4, 'relu'), layer(random, 4, 1, 'linear')],
    readout: { kind: 'logit' },
  };
}

function intentHead(random: Random): DenseHead {
  return {
    name: 'intent',
    phrase: 'its intent',
    layers: [layer(random, DENSE_INPUTS, 3, 'linear')],
    readout: { kind: 'groups', names: ['code', 'sale', 'phishing'], group: [0, 1, 2] },
  };
}

function layer(random: Random, inputs: number, outputs: number, activation: 'relu' | 'linear') {
  const values = (length: number) => Float32Array.from({ length }, () => random.next() * 2 - 1);
  return { inputs, outputs, weights: values(inputs * outputs), bias: values(outputs), activation };
}

/** Steep where the votes of random forests lie, so that small changes of a vote cross thresholds. */
function randomCalibration(random: Random): Calibration {
  const rising = (low: number, high: number) =>
    Float64Array.from({ length: 6 }, () => low + random.next() * (high - low)).sort();
  return { votes: rising(0.35, 0.65), probabilities: rising(0.02, 0.98) };
}
