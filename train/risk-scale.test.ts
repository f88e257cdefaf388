import { describe, expect, it } from 'vitest';
import { createRandom } from '../models/base/random.ts';
import { type RiskScale, scaleRisk } from '../models/risk.ts';
import type { TrainingRow } from './fold-rows.ts';
import { fitRiskScale } from './risk-scale.ts';
import type { StackedHeads } from './stack.ts';

const SCAMS = 100;
const HONEST = 1_000;
/** Rows of which nobody said whether they are a scam. */
const UNTOLD = 200;
const COUNT = SCAMS + HONEST + UNTOLD;
const LINEAR = { weights: new Float32Array(0), bias: 0 };
const SCAM_HEAD = {
  name: 'intents',
  phrase: 'intents',
  layers: [],
  readout: { kind: 'groups', names: ['code', 'sale', 'phishing'], group: [0, 1, 2] },
} as const;

const random = createRandom(7);
const riskOf = (at: number): TrainingRow['risk'] => (at < SCAMS ? 1 : at < SCAMS + HONEST ? 0 : -1);
const rows = Array.from(
  { length: COUNT },
  (_, at): TrainingRow => ({
    canonical: `text ${at}`,
    target: riskOf(at) === 1 ? -1 : 0,
    risk: riskOf(at),
    weight: 1,
    source: { text: `text ${at}`, line: at + 1 },
  }),
);
/** Logits that tell scams with errors: their mean is `apart` above and below nothing, the error up to 2. */
const telling = (apart: number) =>
  Float32Array.from(rows, ({ risk }) => (risk === 1 ? apart : -apart) + 4 * (random.next() - 0.5));
const stacked = (outOfFold: Float32Array) => ({ head: LINEAR, outOfFold });
const lexical = {
  word: stacked(Float32Array.from(rows, () => 2 * (random.next() - 0.5))),
  char: stacked(Float32Array.from(rows, () => 2 * (random.next() - 0.5))),
  wordRisk: stacked(telling(0.7)),
  charRisk: stacked(telling(0.7)),
};
const intents = telling(1);
const withIntents: StackedHeads = {
  ...lexical,
  dense: [
    { head: { ...SCAM_HEAD, readout: { kind: 'logit' } }, outOfFold: lexical.word.outOfFold },
    { head: SCAM_HEAD, outOfFold: lexical.word.outOfFold, scamOutOfFold: intents },
  ],
};

/** Mean logarithm of the probability that was given to what is true; the higher the better. */
function likelihood(scale: RiskScale, read: (at: number) => number | undefined): number {
  let sum = 0;
  for (let at = 0; at < SCAMS + HONEST; at++) {
    const probability = riskAt(scale, at, read(at));
    sum += Math.log(riskOf(at) === 1 ? probability : 1 - probability);
  }
  return sum / (SCAMS + HONEST);
}

function riskAt(scale: RiskScale, at: number, logOdds?: number): number {
  const mean = (a: Float32Array, b: Float32Array) => (a[at]! + b[at]!) / 2;
  return scaleRisk(scale, {
    risk: mean(lexical.wordRisk.outOfFold, lexical.charRisk.outOfFold),
    class: mean(lexical.word.outOfFold, lexical.char.outOfFold),
    ...(logOdds === undefined ? {} : { intents: logOdds }),
  });
}

describe('fitRiskScale', () => {
  const scale = fitRiskScale(rows, withIntents);

  it('reads the intents of scams where a head knows them, and is righter by them', () => {
    expect(scale.words.slope).toBeGreaterThan(0);
    expect(scale.meaning!.intents).toBeGreaterThan(0.5);
    const byWords = likelihood(scale, () => undefined);
    expect(likelihood(scale, (at) => intents[at])).toBeGreaterThan(byWords + 0.05);
    // No more than the share of scams is known without either.
    const share = SCAMS / (SCAMS + HONEST);
    expect(byWords).toBeGreaterThan(share * Math.log(share) + (1 - share) * Math.log(1 - share));
  });

  it('asks the encoder about the riskiest 3% of the honest rows, by words', () => {
    const asked = rows.flatMap(({ risk }, at) => (riskAt(scale, at) >= scale.meaning!.askFrom ? [risk] : []));
    const honest = asked.filter((risk) => risk === 0).length / HONEST;
    expect(honest).toBeGreaterThanOrEqual(0.03);
    expect(honest).toBeLessThan(0.032);
    // What it is for: of the scams it is asked about far more.
    expect(asked.filter((risk) => risk === 1).length / SCAMS).toBeGreaterThan(0.2);
  });

  it('takes no notice of rows of which nobody said whether they are a scam', () => {
    const told = rows.slice(0, SCAMS + HONEST);
    expect(fitRiskScale(told, withIntents)).toEqual(scale);
  });

  it('goes by words alone where no head knows scams', () => {
    const dense = [withIntents.dense[0]!];
    expect(fitRiskScale(rows, { ...lexical, dense })).toEqual({ words: scale.words });
  });

  it('leaves risks as the heads say them where no scam is among the rows', () => {
    const honest = rows.map((row): TrainingRow => ({ ...row, risk: row.risk === 1 ? -1 : row.risk }));
    const plain = fitRiskScale(honest, withIntents);
    expect(plain).toEqual({ words: { slope: 1, offset: 0, clarity: 0 } });
    expect(scaleRisk(plain, { risk: 0, class: 3, intents: 3 })).toBe(0.5);
  });
});
