import { beforeAll, describe, expect, it } from 'vitest';
import { readCorpus } from '../data/corpus.ts';
import { expandCorpus } from '../data/expand.ts';
import { layoutOf } from '../models/features/layout.ts';
import { METADATA_COLUMNS } from '../models/features/metadata.ts';
import { SIGNALS } from '../models/features/signals.ts';
import type { Forest } from '../models/forest/forest.ts';
import type { Model } from '../models/model.ts';
import { measureAblation } from './ablation.ts';
import type { AblationFigures } from './evaluate/metrics.ts';
import { unseenRows } from './testing/small-model.ts';
import { trainModel } from './train.ts';

const rows = () =>
  expandCorpus(
    readCorpus().filter((_, index) => index % 24 === 0),
    1,
  );
const options = { name: 'x', data: 'a slice of the corpus', trees: 12, threads: 1 } as const;

describe('models without a part', () => {
  let whole: Model;
  let variants: readonly Model[];
  beforeAll(async () => {
    const result = await trainModel({
      ...options,
      rows: rows(),
      variants: [['words', 'terms'], ['signals'], []],
    });
    whole = result.model;
    variants = result.variants;
  });

  it('have forests that never ask about it', () => {
    const { terms, wordHead, charHead } = layoutOf(0, whole.terms.length);
    const asked = ({ lexical: { forest } }: Model) => columnsOf(forest);
    expect([...asked(whole)].some((column) => column >= terms)).toBe(true);
    expect(asked(whole)).toContain(wordHead);
    const [noWords, noSignals] = variants.map(asked);
    expect([...noWords!].every((column) => column < terms && column !== wordHead)).toBe(true);
    expect(noWords).toContain(charHead);
    expect([...noSignals!].every((column) => column >= SIGNALS.length)).toBe(true);
  });

  it('are the whole model where nothing is taken away', () => {
    expect(variants[2]!.manifest.sha256).toBe(whole.manifest.sha256);
  });
});

const columnsOf = ({ feature }: Forest): Set<number> =>
  new Set(Array.from(feature).filter((column) => column >= 0));

describe('ablation', () => {
  let figures: AblationFigures;
  beforeAll(async () => {
    figures = await measureAblation({ ...options, rows: rows() }, unseenRows(300));
  });

  it('measures every part that a model without an encoder has', () => {
    expect(figures.parts.map(({ part }) => part)).toEqual([
      'words',
      'characters',
      'signals',
      'terms',
      'metadata',
    ]);
    for (const { clean, worthClean } of figures.parts) {
      expect(clean.rows).toBe(figures.clean.rows);
      expect(worthClean.value).toBeCloseTo(figures.clean.accuracy.value! - clean.accuracy.value!, 12);
      expect(worthClean.low).toBeLessThanOrEqual(worthClean.high);
    }
  });

  it('refuses rows without a class', async () => {
    const none = unseenRows(5).map(({ label: _, ...row }) => row);
    await expect(measureAblation({ ...options, rows: rows() }, none)).rejects.toMatchObject({
      code: 'EVALUATE_NO_LABELS',
    });
  });
});

it('metadata has columns to take away', () => {
  const layout = layoutOf(0, 3);
  expect(layout.denseHeads - layout.metadata).toBe(METADATA_COLUMNS.length);
});
