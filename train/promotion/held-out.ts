import { readCorpus } from '../../data/corpus.ts';
import { expandCorpus } from '../../data/expand.ts';
import type { LabelledRow } from '../../data/read/labelled.ts';
import { createRandom, seedOf } from '../../models/base/random.ts';

/** Share of the authored templates that gates measure on. */
export const HELD_OUT_SHARE = 0.1;
/** Other slot values than training has. */
const SEED = 20_260_202;
const PER_TEMPLATE = 2;

/** Whether a template belongs to the share of the corpus that gates measure on: by its id alone. */
export function isHeldOut(template: string | undefined, share = HELD_OUT_SHARE): boolean {
  return template !== undefined && createRandom(seedOf(`held-out/${template}`)).next() < share;
}

/** Messages of the held-out templates. */
export function heldOutRows(): LabelledRow[] {
  return expandCorpus(
    readCorpus().filter(({ id }) => isHeldOut(id)),
    PER_TEMPLATE,
    SEED,
  );
}
