import type { LabelledRow } from '../../data/read/labelled.ts';
import { createRandom, seedOf } from '../../models/base/random.ts';
import type { Classifier, MessageClass } from '../../models/verdict.ts';
import { type Difference, pairedBootstrap } from '../evaluate/bootstrap.ts';
import { type Share, shareOf } from '../evaluate/statistics.ts';
import { HELD_OUT_KINDS } from './augment.ts';
import { PERTURBATION_WORDS, PERTURBATIONS } from './perturbations.ts';

/** What one kind of dressing-up costs. */
export interface PerturbationFigures {
  readonly name: string;
  /** What a person reads: "Cyrillic letters in place of Latin ones". */
  readonly words: string;
  /** Training never shows this kind, whatever is shown of others. */
  readonly heldOut: boolean;
  readonly accuracy: Share;
  /** Accuracy with it minus accuracy without, -1 to 1, with its paired interval. */
  readonly difference: Difference;
  /** Promotional messages that were found before and are taken for transactional now, of all promotional. */
  readonly newLeaks: Share;
}

export interface RobustnessFigures {
  /** Clean rows with a class. */
  readonly rows: number;
  /** Share of the tokens that each kind changes. */
  readonly share: number;
  readonly before: Share;
  /** In the order of `PERTURBATIONS`. */
  readonly kinds: readonly PerturbationFigures[];
  /** All kinds one after another, each on its share of the tokens. */
  readonly together: Omit<PerturbationFigures, 'heldOut'>;
}

export interface RobustnessOptions {
  /** Share of the tokens, 0 to 1; default 0.2. */
  readonly share?: number;
  /** At most this many rows, an even sample; default all. */
  readonly maxRows?: number;
  /** Default 1. */
  readonly seed?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

const BATCH = 256;
const DEFAULT_SHARE = 0.2;

/**
 * Order in which kinds are laid over each other: first what needs whole words, last what hides characters, so that
 * each finds tokens it can change.
 */
const TOGETHER = [
  'truncatedStart',
  'appendedBoilerplate',
  'randomCase',
  'leet',
  'spacedLetters',
  'lookAlikes',
  'fullWidth',
  'strayDiacritics',
  'zeroWidth',
] as const;

/** All kinds one after another, each on a share of the tokens. */
export function perturbTogether(text: string, share: number, seed: number): string {
  return TOGETHER.reduce(
    (changed, name) => PERTURBATIONS[name]!(changed, share, createRandom(seedOf(`${name}/${seed}`))),
    text,
  );
}

/**
 * Accuracy on clean messages before and after each kind of dressing-up on a share of the tokens, and all of them laid
 * over each other. The same rows and seed give the same figures.
 */
export async function measureRobustness(
  classifier: Classifier,
  rows: readonly LabelledRow[],
  options: RobustnessOptions = {},
): Promise<RobustnessFigures> {
  const share = options.share ?? DEFAULT_SHARE;
  const seed = options.seed ?? 1;
  const clean = evenSample(
    rows.filter((row): row is LabelledRow & { label: MessageClass } => row.label !== undefined && !row.hard),
    options.maxRows,
  );
  const names = Object.keys(PERTURBATIONS);
  const total = clean.length * (names.length + 2);
  let done = 0;
  const ask = async (change: (text: string, index: number) => string): Promise<Uint8Array> => {
    const said = new Uint8Array(clean.length);
    for (let at = 0; at < clean.length; at += BATCH) {
      const batch = clean.slice(at, at + BATCH);
      const verdicts = await classifier.classify(
        batch.map(({ text }, index) => ({ text: change(text, at + index) })),
        { reasons: false },
      );
      batch.forEach(({ label }, index) => {
        said[at + index] = verdicts[index]!.class === label ? 1 : 0;
      });
      done += batch.length;
      options.onProgress?.(done, total);
    }
    return said;
  };
  const before = await ask((text) => text);
  const promotional = clean.flatMap(({ label }, index) => (label === 'promotional' ? [index] : []));
  const figuresOf = (after: Uint8Array) => ({
    accuracy: rightShare(after),
    difference: pairedBootstrap(after, before),
    newLeaks: shareOf(
      promotional.filter((index) => before[index] === 1 && after[index] === 0).length,
      promotional.length,
    ),
  });
  const kinds: PerturbationFigures[] = [];
  for (const name of names) {
    const after = await ask((text, index) =>
      PERTURBATIONS[name]!(text, share, createRandom(seedOf(`${name}/${seed}/${index}`))),
    );
    kinds.push({
      name,
      words: PERTURBATION_WORDS[name]!,
      heldOut: HELD_OUT_KINDS.has(name),
      ...figuresOf(after),
    });
  }
  const together = await ask((text, index) => perturbTogether(text, share, seedOf(`${seed}/${index}`)));
  return {
    rows: clean.length,
    share,
    before: rightShare(before),
    kinds,
    together: { name: 'together', words: 'all of them at once', ...figuresOf(together) },
  };
}

const rightShare = (right: Uint8Array): Share =>
  shareOf(
    right.reduce((sum, one) => sum + one, 0),
    right.length,
  );

/** Rows at even distances, in order. */
export function evenSample<T>(rows: readonly T[], most = Number.POSITIVE_INFINITY): readonly T[] {
  if (rows.length <= most) return rows;
  return Array.from({ length: most }, (_, at) => rows[Math.floor((at * rows.length) / most)]!);
}
