import { describe, expect, it } from 'vitest';
import { type RiskScale, riskScaleFromNumbers, riskScaleToNumbers, scaleRisk } from './risk.ts';

const words = { slope: 2, offset: -1, clarity: -0.5 };
const meaning = { slope: 1, offset: -2, clarity: -0.25, intents: 0.75, askFrom: 0.4 };
const scale: RiskScale = { words, meaning };
const odds = (logit: number) => 1 / (1 + Math.exp(-logit));

describe('the risk', () => {
  it('is by words alone without an embedding, and by meaning too with one', () => {
    const evidence = { risk: 1.5, class: -3 };
    expect(scaleRisk(scale, evidence)).toBeCloseTo(odds(2 * 1.5 - 1 - 0.5 * 3), 12);
    expect(scaleRisk(scale, { ...evidence, intents: 4 })).toBeCloseTo(
      odds(1.5 - 2 - 0.25 * 3 + 0.75 * 4),
      12,
    );
    const lexical: RiskScale = { words };
    expect(scaleRisk(lexical, { ...evidence, intents: 4 })).toBe(scaleRisk(scale, evidence));
  });

  it('is the same for a text that reads as clearly promotional as transactional', () => {
    const both = [-2, 2].map((logit) => scaleRisk(scale, { risk: 0.5, class: logit, intents: 1 }));
    expect(both[0]).toBe(both[1]);
  });

  it('comes back from numbers, also from those of older models', () => {
    expect(riskScaleFromNumbers(riskScaleToNumbers(scale))).toEqual(scale);
    const lexical: RiskScale = { words };
    expect(riskScaleFromNumbers(riskScaleToNumbers(lexical))).toEqual(lexical);
    expect(riskScaleFromNumbers(Float64Array.of(2, -1))).toEqual({
      words: { ...words, clarity: 0 },
    });
  });
});
