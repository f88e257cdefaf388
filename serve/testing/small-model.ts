import type { Model } from '../../models/model.ts';
import type { MessageClass } from '../../models/verdict.ts';
import { corpusRows } from '../../train/corpus-rows.ts';
import { trainModel } from '../../train/train.ts';

/** Two kinds of message that even a small forest tells apart with certainty, whatever the corpus becomes. */
const CLEAR = { transactional: /\b(?:code|OTP|PIN|passcode)\b/i, promotional: /\d% off|\bsale\b/i };
const ROWS_PER_CLASS = 150;

let trained: Promise<Model> | undefined;
let flipped: Promise<Model> | undefined;

/** For tests: a real model, lexical only, of codes and sales from the corpus; made once a process. */
export function smallModel(): Promise<Model> {
  trained ??= train('small', (label) => label);
  return trained;
}

/** For tests: as {@link smallModel}, but it takes each class for the other. */
export function contraryModel(): Promise<Model> {
  flipped ??= train('contrary', (label) => (label === 'promotional' ? 'transactional' : 'promotional'));
  return flipped;
}

async function train(name: string, taught: (label: MessageClass) => MessageClass): Promise<Model> {
  const { rows } = corpusRows(1);
  const clear = (['transactional', 'promotional'] as const).flatMap((label) => {
    const other = label === 'transactional' ? CLEAR.promotional : CLEAR.transactional;
    return rows
      .filter((row) => row.label === label && CLEAR[label].test(row.text) && !other.test(row.text))
      .slice(0, ROWS_PER_CLASS)
      .map((row) => ({ ...row, label: taught(label) }));
  });
  const { model } = await trainModel({
    rows: clear,
    name,
    data: 'codes and sales of the authored corpus',
    trees: 20,
    threads: 1,
  });
  return model;
}
