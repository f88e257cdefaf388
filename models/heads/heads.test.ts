import { describe, expect, it } from 'vitest';
import { type DenseHead, denseOutputs, knowsScams, likeliest, logitOf, scamLogitOf } from './dense.ts';
import { scoreDense, scoreSparse, sigmoid } from './linear.ts';

const head: DenseHead = {
  name: 'intent',
  phrase: 'its intent',
  layers: [
    {
      inputs: 2,
      outputs: 2,
      weights: Float32Array.of(1, -1, 2, 0.5),
      bias: Float32Array.of(0, 0.5),
      activation: 'relu',
    },
    {
      inputs: 2,
      outputs: 3,
      weights: Float32Array.of(1, 0, -1, 2, 1, 0),
      bias: Float32Array.of(0, 0.25, 0.5),
      activation: 'linear',
    },
  ],
  readout: { kind: 'groups', names: ['code', 'sale', 'phishing'], group: [0, 1, 2] },
};

const logit = (of: DenseHead, offset: number) => logitOf(of, denseOutputs(of, rows, offset));
// Row [1, -1] at offset 2: hidden relu([1 - 2, -1 - 0.5 + 0.5]) = [0, 0]; row [1, 1]: [3, 0].
const rows = Float32Array.of(1, 1, 1, -1);

describe('dense heads', () => {
  it('run the layers from the offset on', () => {
    expect(Array.from(denseOutputs(head, rows, 0))).toEqual([3, 0.25, -2.5]);
    expect(Array.from(denseOutputs(head, rows, 2))).toEqual([0, 0.25, 0.5]);
  });

  it('read groups as log-odds of one against zero, others aside', () => {
    expect(logit(head, 0)).toBeCloseTo(0.25 - 3, 12);
    const both: DenseHead = {
      ...head,
      readout: { ...head.readout, group: [0, 1, 1] } as DenseHead['readout'],
    };
    expect(logit(both, 0)).toBeCloseTo(Math.log(Math.exp(0.25) + Math.exp(-2.5)) - 3, 12);
  });

  it('hold the classes beside both groups against those in them', () => {
    expect(knowsScams(head)).toBe(true);
    const honest = Math.log(Math.exp(3) + Math.exp(0.25));
    expect(scamLogitOf(head, denseOutputs(head, rows, 0))).toBeCloseTo(-2.5 - honest, 12);
    const names = ['code', 'sale', 'launch'];
    expect(knowsScams({ ...head, readout: { kind: 'groups', names, group: [0, 1, 1] } })).toBe(false);
    expect(knowsScams({ ...head, readout: { kind: 'logit' } })).toBe(false);
  });

  it('do not overflow', () => {
    const steep = { ...head.layers[1]!, bias: Float32Array.of(2000, 1000, 0) };
    expect(logit({ ...head, layers: [head.layers[0]!, steep] }, 2)).toBe(-1000);
  });

  it('rank classes by probability', () => {
    const ranked = likeliest(head, rows, 0, 2);
    const total = Math.exp(3) + Math.exp(0.25) + Math.exp(-2.5);
    expect(ranked.map(({ name }) => name)).toEqual(['code', 'sale']);
    expect(ranked[0]!.probability).toBeCloseTo(Math.exp(3) / total, 12);
    expect(likeliest({ ...head, readout: { kind: 'logit' } }, rows, 0, 2)).toEqual([]);
  });
});

describe('linear heads', () => {
  const linear = { weights: Float32Array.of(1, -2, 0.5), bias: 0.25 };

  it('score sparse rows as they score the same dense ones', () => {
    const sparse = { indices: Uint32Array.of(0, 2), values: Float32Array.of(2, 4) };
    expect(scoreSparse(linear, sparse)).toBe(4.25);
    expect(scoreDense(linear, Float32Array.of(9, 2, 0, 4), 1)).toBe(4.25);
  });

  it('sigmoid is symmetric and never overflows', () => {
    expect(sigmoid(0)).toBe(0.5);
    expect(sigmoid(1.5) + sigmoid(-1.5)).toBeCloseTo(1, 15);
    expect([sigmoid(-1000), sigmoid(1000)]).toEqual([0, 1]);
  });
});
