import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalise } from '../models/text/canonical.ts';
import { readCorpus } from './corpus.ts';
import { expandCorpus } from './expand.ts';
import { similarPairs } from './near-duplicates.ts';
import { assignFolds, groupRows } from './split.ts';

const rows = fc.array(
  fc.record(
    {
      text: fc
        .array(fc.constantFrom('your', 'code', 'is', '123456', '654321', 'sale', 'today', 'pay'), {
          minLength: 1,
          maxLength: 8,
        })
        .map((words) => words.join(' ')),
      template: fc.constantFrom('t1', 't2', 't3', 't4', 't5', 't6'),
    },
    { requiredKeys: ['text'] },
  ),
  { maxLength: 20 },
);

describe('groupRows', () => {
  it('never parts a template, a canonical text or near-duplicates, whatever the folds', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 2, max: 6 }), fc.nat(), (list, folds, seed) => {
        const groups = groupRows(list);
        const fold = assignFolds(groups, [], folds, seed);
        const canonical = list.map((row) => canonicalise(row.text));
        for (const { earlier, later } of similarPairs(canonical)) {
          expect(groups[earlier]).toBe(groups[later]);
          expect(fold[earlier]).toBe(fold[later]);
        }
        const ofTemplate = new Map<string, number>();
        list.forEach(({ template }, index) => {
          if (template === undefined) return;
          expect(groups[index]).toBe(ofTemplate.get(template) ?? groups[index]);
          ofTemplate.set(template, groups[index]!);
        });
        for (const value of fold) expect(value).toBeLessThan(folds);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('numbers groups from 0 in order of appearance and keeps strangers apart', () => {
    const groups = groupRows([
      { text: 'Your code is 123456, do not share it' },
      { text: 'Half price on all shoes this weekend only' },
      { text: 'Your code is 777777, do not share it' },
      { text: 'Bring your exam card on Monday morning', template: 'a' },
      { text: 'Half price on all shoes this weekend only!', template: 'a' },
    ]);
    expect(Array.from(groups)).toEqual([0, 1, 0, 1, 1]);
  });
});

describe('assignFolds', () => {
  it('is reproducible, changes with the seed and deals evenly', () => {
    const groups = Uint32Array.from({ length: 3000 }, (_, i) => i);
    const folds = assignFolds(groups, [], 5, 1);
    expect(assignFolds(groups, [], 5, 1)).toEqual(folds);
    expect(assignFolds(groups, [], 5, 2)).not.toEqual(folds);
    for (let fold = 0; fold < 5; fold++) {
      const size = folds.filter((value) => value === fold).length;
      expect(size).toBeGreaterThan(500);
      expect(size).toBeLessThan(700);
    }
  });

  it('keeps the corpus in its templates', () => {
    const slice = expandCorpus(readCorpus().slice(0, 250), 2);
    const folds = assignFolds(groupRows(slice), [], 4, 1);
    const foldOf = new Map<string, number>();
    slice.forEach((row, index) => {
      expect(folds[index]).toBe(foldOf.get(row.template) ?? folds[index]);
      foldOf.set(row.template, folds[index]!);
    });
    expect(new Set(folds).size).toBe(4);
  });
});
