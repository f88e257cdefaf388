import type { LabelledRow } from '../../data/read/labelled.ts';
import { createRandom, type Random, seedOf } from '../../models/base/random.ts';
import { TRAINING_BOILERPLATE } from './boilerplate.ts';
import { type Perturbation, randomCase, truncatedStart } from './perturbations.ts';

/**
 * Kinds that training never sees and that change letters in a way canonical text has to guess at, so that the suite
 * also says how the model does on a dressing-up it was not shown.
 */
export const HELD_OUT_KINDS: ReadonlySet<string> = new Set(['leet', 'spacedLetters']);

const CHANCE = { appendedBoilerplate: 0.6, truncatedStart: 0.4, randomCase: 0.3 } as const;

/**
 * Kinds of which training sees examples. Look-alike, invisible, accented and fullwidth letters are not among them:
 * canonical text undoes those, so a dressed-up twin would be the same row.
 */
export const TRAINED_KINDS: readonly string[] = Object.freeze(Object.keys(CHANCE));

const appendSentences: Perturbation = (text, share, random) => {
  let out = text;
  for (let i = 0; i < Math.ceil(share * 4); i++) out += ` ${random.pick(TRAINING_BOILERPLATE)}`;
  return out;
};

export interface AugmentOptions {
  /** Share of the rows that get a dressed-up twin, 0 to 1; default 0.25. */
  readonly share?: number;
  /** Default 1. */
  readonly seed?: number;
}

/**
 * All rows in their order, a share of them followed by a dressed-up twin with the same label and template, so that a
 * twin never stands on the other side of a split. Which rows get one and what it changes follow from the seed and the
 * row alone, whatever rows come before; both classes alike.
 */
export function* augmentRows<Row extends Pick<LabelledRow, 'text' | 'line' | 'template'>>(
  rows: Iterable<Row>,
  options: AugmentOptions = {},
): Generator<Row> {
  const { share = 0.25, seed = 1 } = options;
  for (const row of rows) {
    yield row;
    const random = createRandom(seedOf(`augment/${seed}/${row.line}/${row.template ?? ''}/${row.text}`));
    if (random.next() >= share) continue;
    const text = dressUp(row.text, random);
    if (text !== row.text && text.trim() !== '') yield { ...row, text };
  }
}

function dressUp(text: string, random: Random): string {
  let out = text;
  if (random.next() < CHANCE.truncatedStart) out = truncatedStart(out, 0.2, random);
  if (random.next() < CHANCE.randomCase) out = randomCase(out, 0.3 * random.next(), random);
  if (out === text || random.next() < CHANCE.appendedBoilerplate)
    out = appendSentences(out, random.next() * 0.5, random);
  return out;
}
