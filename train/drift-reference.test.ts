import { expect, it } from 'vitest';
import { SCORE_BINS, UNSEEN_BINS } from '../models/drift/reference.ts';
import { driftReference } from './drift-reference.ts';
import { fitTerms, type TrainingRow } from './matrix.ts';

const rowOf = (canonical: string): TrainingRow => ({
  canonical,
  target: 1,
  risk: 0,
  weight: 1,
  source: { text: canonical, line: 1 },
});

it('counts answers by bin and band, and terms that no other texts would have taught', () => {
  const rows = ['alpha beta', 'alpha beta', 'alpha beta', 'alpha gamma', ''].map(rowOf);
  const answers = [0.01, 0.05, 0.5, 0.99].map((probability) => ({ probability, target: 1, weight: 1 }));
  const made = driftReference(answers, { sureBelow: 0.05, sureAbove: 0.9 }, rows, fitTerms(rows));
  expect(made.scores).toHaveLength(SCORE_BINS);
  expect(made.scores.flatMap((count, bin) => (count > 0 ? [[bin, count]] : []))).toEqual([
    [0, 1],
    [2, 1],
    [6, 1],
    [10, 1],
  ]);
  expect(made.sure).toBe(2);
  // "alpha beta": all three terms stand in two other texts. "alpha gamma": of three terms only alpha does.
  const expected = new Array<number>(UNSEEN_BINS).fill(0);
  expected[0] = 3;
  expected[6] = 1;
  expect(made.unseen).toEqual(expected);
});
