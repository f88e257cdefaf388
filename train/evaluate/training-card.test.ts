import { expect, it } from 'vitest';
import { smallModel } from '../testing/small-model.ts';
import { renderTrainingCard } from './training-card.ts';

it('says what the model was made from, what its own answers say, and that nothing else is known', async () => {
  const { manifest } = await smallModel();
  const card = renderTrainingCard({
    ...manifest,
    training: { ...manifest.training, data: 'a | b\n# c', heldOut: 0.1 },
  });
  expect(card).toContain(`# ${manifest.version}\n`);
  expect(card).toContain('a \\| b # c');
  expect(card).toContain('| leak |');
  expect(card).toContain('| Templates kept out for gates | 10.00% |');
  expect(card).toContain('Not measured');
  expect(card.match(/^# /gm)).toHaveLength(1);
});
