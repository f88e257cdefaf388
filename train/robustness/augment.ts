import type { LabelledRow } from '../../data/read/labelled.ts';
import { createRandom, seedOf } from '../../models/base/random.ts';
import { PERTURBATIONS } from './perturbations.ts';

/**
 * Kinds that training never sees, so that the suite also says how the model does on a dressing-up it was not shown:
 * one that changes letters and one that adds text.
 */
export const HELD_OUT_KINDS: ReadonlySet<string> = new Set(['leet', 'appendedBoilerplate']);

/** Kinds that {@link augmentRows} uses: what canonical text cannot undo wholly, but the held-out ones. */
export const TRAINED_KINDS: readonly string[] = Object.freeze(
  Object.keys(PERTURBATIONS).filter((name) => !HELD_OUT_KINDS.has(name)),
);

export interface AugmentOptions {
  /** Share of the rows that get a dressed-up twin, 0 to 1; default 0.15. */
  readonly rows?: number;
  /** Share of a twin's tokens that are changed is drawn from 0.1 up to this; default 0.4. */
  readonly most?: number;
  /** Default 1. */
  readonly seed?: number;
}

/**
 * All rows in their order, a share of them followed by a dressed-up twin of the same label and template, so that a
 * twin never stands on the other side of a split. Which rows, which kind and what it changes follow from the seed and
 * the row alone, whatever rows come before.
 */
export function* augmentRows<Row extends Pick<LabelledRow, 'text' | 'line' | 'template'>>(
  rows: Iterable<Row>,
  options: AugmentOptions = {},
): Generator<Row> {
  const { rows: share = 0.15, most = 0.4, seed = 1 } = options;
  for (const row of rows) {
    yield row;
    const random = createRandom(seedOf(`augment/${seed}/${row.line}/${row.template ?? ''}/${row.text}`));
    if (random.next() >= share) continue;
    const perturb = PERTURBATIONS[random.pick(TRAINED_KINDS)]!;
    const text = perturb(row.text, 0.1 + random.next() * (most - 0.1), random);
    if (text !== row.text && text.trim() !== '') yield { ...row, text };
  }
}
