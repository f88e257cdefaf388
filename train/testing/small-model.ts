import { readCorpus } from '../../data/corpus.ts';
import { expandCorpus, type RenderedRow } from '../../data/expand.ts';
import type { Model } from '../../models/model.ts';
import { trainModel } from '../train.ts';

/** Every so many templates of the corpus make the model. */
const EVERY = 8;

let made: Promise<Model> | undefined;

/** A lexical model of a slice of the authored corpus, trained once a process: real, small, a few seconds. */
export function smallModel(): Promise<Model> {
  made ??= train();
  return made;
}

/** Rows of templates that {@link smallModel} has not seen, spread over the corpus. */
export function unseenRows(count: number): RenderedRow[] {
  const others = readCorpus().filter((_, index) => index % EVERY === EVERY / 2);
  const step = Math.max(1, Math.floor(others.length / count));
  return expandCorpus(others.filter((_, index) => index % step === 0).slice(0, count), 1, 7);
}

async function train(): Promise<Model> {
  const slice = readCorpus().filter((_, index) => index % EVERY === 0);
  const { model } = await trainModel({
    rows: expandCorpus(slice, 1),
    name: 'small',
    data: 'a slice of the authored corpus',
    trees: 24,
    threads: 1,
  });
  return model;
}
