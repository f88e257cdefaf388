import { beforeAll, describe, expect, it } from 'vitest';
import type { LabelledRow } from '../../data/read/labelled.ts';
import { corpusRows } from '../corpus-rows.ts';
import { rankingOf } from '../evaluate/statistics.ts';
import { BASELINES, type Baseline, trainBaseline } from './baselines.ts';

let train: LabelledRow[];
let test: LabelledRow[];

beforeAll(() => {
  const rows = corpusRows(1).rows.filter(({ label, hard }) => label !== undefined && !hard);
  train = rows.filter((_, index) => index % 16 === 0 && index % 64 !== 0);
  // Some 800 rows: on 200 the ranking of the one that learns from 60 rows swings from 0.58 to 0.73.
  test = rows.filter((_, index) => index % 16 === 1);
});

describe.each(BASELINES)('%s', (name) => {
  let predict: Baseline;
  beforeAll(() => {
    predict = trainBaseline(name, train);
  });

  it('learns from authored messages', () => {
    const said = predict(test.map(({ text }) => text));
    expect(said.every((p) => p >= 0 && p <= 1)).toBe(true);
    const targets = test.map(({ label }) => (label === 'promotional' ? 1 : 0));
    expect(rankingOf(said, targets)!.auc).toBeGreaterThan(0.65);
  });

  it('answers in order, each text by itself', () => {
    const texts = test.slice(0, 6).map(({ text }) => text);
    expect(Array.from(predict(texts))).toEqual(texts.map((text) => predict([text])[0]));
  });

  it('says so where it was trained on a sample', () => {
    expect(predict.trainedOn).toBe(name === 'natural-logistic' ? 60 : train.length);
    expect(predict.description.includes('sample of 60 rows')).toBe(name === 'natural-logistic');
  });

  it('refuses one class alone', () => {
    const promotional = train.filter(({ label }) => label === 'promotional');
    expect(() => trainBaseline(name, promotional)).toThrow(
      expect.objectContaining({ code: 'TRAIN_ONE_CLASS' }),
    );
  });
});

it('naive Bayes knows nothing of a text whose likelihood underflows', () => {
  const long = train
    .slice(0, 200)
    .map(({ text }) => text)
    .join(' ');
  expect(trainBaseline('natural-bayes', train)([long])[0]).toBe(0.5);
});
