import { expect, it } from 'vitest';
import { randomModel } from '../../models/testing/random-model.ts';
import { renderTrainingCard } from './training-card.ts';

it('says what the model was made from, what its own answers say, and that nothing else is known', () => {
  const { manifest } = randomModel(1, false);
  const card = renderTrainingCard({
    ...manifest,
    outOfFold: { leak: 0.04 },
    reference: { scores: [3, 1], sure: 3, unseen: [4] },
    training: { ...manifest.training, data: 'a | b\n# c', heldOut: 0.1 },
  });
  expect(card).toContain(`# ${manifest.version}\n`);
  expect(card).toContain('a \\| b # c');
  expect(card).toContain('| leak | 0.04 |');
  expect(card).toContain('| share of answers in the sure band | 75.00% |');
  expect(card).toContain('| Templates kept out for gates | 10.00% |');
  expect(card).toContain('Not measured');
  expect(card.match(/^# /gm)).toHaveLength(1);
});
