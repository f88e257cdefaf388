import { describe, expect, it } from 'vitest';
import type { LabelledRow } from '../../data/read/labelled.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import { measureMetadataWorth } from './metadata-worth.ts';

/** Says promotional of texts that begin with an A, and of everything sent in a large burst. */
const classifier: Classifier = {
  modelVersion: 'test',
  async classify(inputs) {
    return inputs.map(
      ({ text, metadata }) =>
        ({
          class: text.startsWith('A') || (metadata?.burst ?? 0) > 100 ? 'promotional' : 'transactional',
        }) as Verdict,
    );
  },
  close: async () => undefined,
};
const row = (text: string, label: LabelledRow['label'], burst: number, template: string): LabelledRow => ({
  text,
  label: label!,
  line: 1,
  template,
  metadata: { burst },
});

describe('measureMetadataWorth', () => {
  it('answers each row twice and pairs the answers', async () => {
    const rows = [
      ...Array.from({ length: 60 }, (_, n) => row('A sale', 'promotional', 1, `a${n}`)),
      ...Array.from({ length: 20 }, (_, n) => row('B sale', 'promotional', 500, `b${n}`)),
      ...Array.from({ length: 15 }, (_, n) => row('C code', 'transactional', 1, `c${n}`)),
      ...Array.from({ length: 5 }, (_, n) => row('D code', 'transactional', 500, `d${n}`)),
      { text: 'no metadata', label: 'promotional' as const, line: 1 },
      { text: 'A scam', risk: true, line: 1, metadata: { burst: 1 } },
    ];
    const worth = await measureMetadataWorth(classifier, rows);
    expect(worth.rows).toBe(100);
    expect(worth.without.accuracy.value).toBeCloseTo(0.8);
    expect(worth.with.accuracy.value).toBeCloseTo(0.95);
    expect(worth.without.leak.value).toBeCloseTo(0.25);
    expect(worth.with.leak.value).toBe(0);
    expect(worth.with.falsePositives.value).toBeCloseTo(0.25);
    expect(worth.changed).toBeCloseTo(0.25);
    expect(worth.accuracy.value).toBeCloseTo(0.15);
    expect(worth.accuracy.low).toBeGreaterThan(0);
    expect(worth.accuracy.high).toBeLessThan(0.3);
  });

  it('draws templates whole: one template of many rows is one observation', async () => {
    const rows = [
      ...Array.from({ length: 50 }, () => row('B sale', 'promotional', 500, 'same')),
      ...Array.from({ length: 50 }, () => row('A sale', 'promotional', 1, 'other')),
    ];
    const { accuracy } = await measureMetadataWorth(classifier, rows);
    expect([accuracy.low, accuracy.high]).toEqual([0, 1]);
  });

  it('refuses rows of which nothing is known', async () => {
    await expect(
      measureMetadataWorth(classifier, [{ text: 'a', label: 'promotional', line: 1 }]),
    ).rejects.toMatchObject({ code: 'EVALUATE_NO_METADATA' });
  });
});
