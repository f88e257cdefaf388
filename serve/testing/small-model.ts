import type { Model } from '../../models/model.ts';
import { corpusRows } from '../../train/corpus-rows.ts';
import { trainModel } from '../../train/train.ts';

let trained: Promise<Model> | undefined;

/** For tests: a real model, lexical only, of every 20th row of the corpus; made once a process. */
export function smallModel(): Promise<Model> {
  trained ??= train();
  return trained;
}

async function train(): Promise<Model> {
  const { rows, description } = corpusRows(1);
  const { model } = await trainModel({
    rows: rows.filter((_, i) => i % 20 === 0),
    name: 'small',
    data: `every 20th row of the ${description}`,
    trees: 20,
    threads: 1,
  });
  return model;
}
