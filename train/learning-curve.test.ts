import { describe, expect, it } from 'vitest';
import { readCorpus } from '../data/corpus.ts';
import { learningCurve } from './learning-curve.ts';
import { unseenRows } from './testing/small-model.ts';

const corpus = readCorpus().filter((_, index) => index % 10 === 0);

describe('learning curve', () => {
  it('has a point for each step, the last one of the whole corpus, and more templates say more', async () => {
    const rows = unseenRows(400);
    const { points, model } = await learningCurve(corpus.slice(0, 700), rows, { step: 300 });
    expect(model).toBe('words');
    expect(points.map(({ templates }) => templates)).toEqual([300, 600, 700]);
    const labelled = rows.filter(({ label }) => label !== undefined);
    for (const { clean, hard } of points) expect(clean.rows + hard!.rows).toBe(labelled.length);
    expect(points[2]!.clean.accuracy.value!).toBeGreaterThan(0.7);
    expect(await learningCurve(corpus.slice(0, 700), rows, { step: 300 })).toEqual(
      await learningCurve(corpus.slice(0, 700), rows, { step: 300 }),
    );
  });

  it('trains the whole model when asked', async () => {
    const { points, model } = await learningCurve(corpus.slice(0, 400), unseenRows(60), {
      model: 'full',
      step: 400,
    });
    expect(model).toBe('full');
    expect(points).toHaveLength(1);
    expect(points[0]!.clean.accuracy.value!).toBeGreaterThan(0.6);
  });

  it('refuses rows without a class', async () => {
    await expect(learningCurve(corpus, [{ text: 'x', line: 1 }])).rejects.toMatchObject({
      code: 'EVALUATE_NO_LABELS',
    });
  });
});
