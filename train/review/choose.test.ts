import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Model } from '../../models/model.ts';
import { randomModel } from '../../models/testing/random-model.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import { chooseForReview, usefulness } from './choose.ts';

it('is most useful at the threshold or where the two forests are far apart, and never outside 0 to 1', () => {
  expect(usefulness(0.3, 0.3)).toBe(1);
  expect([usefulness(0, 0.3), usefulness(1, 0.3)]).toEqual([0, 0]);
  expect(usefulness(0.15, 0.3)).toBeCloseTo(0.5, 12);
  expect(usefulness(0.999, 0.3, 0.1)).toBeCloseTo(0.899, 12);
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(share, fc.double({ min: 0.01, max: 0.99, noNaN: true }), share, (p, decision, lexical) => {
      const value = usefulness(p, decision, lexical);
      expect(value >= 0 && value <= 1).toBe(true);
    }),
    { seed: 4 },
  );
});

/** Says of a text what the number in its last word says. */
const classifier: Classifier = {
  modelVersion: 'x',
  classify: async (inputs) =>
    inputs.map(
      ({ text }) =>
        ({
          probability: Number(PROBABILITIES[text]),
          fingerprint: fingerprint(canonicalise(text)),
        }) as Verdict,
    ),
  close: async () => undefined,
};
const PROBABILITIES: Record<string, number> = {
  'Sure receipt for the groceries you bought this morning': 0.01,
  'Points of yours will expire soon, come and use them at the shop': 0.45,
  'Points of yours will expire soon, come and use them at the store': 0.44,
  'Your plan renews and there is a better one waiting for you now': 0.4,
  'Doctor Ames is away on Friday, choose another day': 0.2,
};

it('takes the closest to the threshold, one of each family of near-duplicates, none that has a label', async () => {
  const model = randomModel(1, false);
  const thresholds = { ...model.manifest.thresholds, decision: 0.5 };
  const lexicalOnly = { ...model, manifest: { ...model.manifest, thresholds } } as Model;
  const items = Object.keys(PROBABILITIES).map((text) => ({ text }));
  const choose = (limit: number, labelled: string[] = []) =>
    chooseForReview([...items, ...items], {
      model: lexicalOnly,
      classifier,
      labelled: new Map(labelled.map((text) => [fingerprint(canonicalise(text)), text])),
      limit,
    });
  const [sure, points, _same, plan, doctor] = items.map(({ text }) => text) as [
    string,
    string,
    string,
    string,
    string,
  ];
  expect((await choose(3)).map(({ text }) => text)).toEqual([points, plan, doctor]);
  expect((await choose(10, [plan])).map(({ text }) => text)).toEqual([points, doctor, sure]);
  // What is like a labelled one teaches little more.
  expect((await choose(1, [points])).map(({ text }) => text)).toEqual([plan]);
});

it('asks words alone where the model has both forests, and shows no two of one template', async () => {
  const chosen = await chooseForReview(
    [
      { text: 'one thing said in a certain way', template: 't' },
      { text: 'something altogether different about lunch', template: 't' },
    ],
    {
      model: randomModel(1, true),
      classifier: {
        ...classifier,
        classify: async (inputs) =>
          inputs.map(({ text }) => ({ probability: 0.5, fingerprint: text }) as Verdict),
      },
      labelled: new Map(),
      limit: 5,
    },
  );
  expect(chosen).toHaveLength(1);
  expect(chosen[0]!.lexicalProbability).toBeGreaterThanOrEqual(0);
});
