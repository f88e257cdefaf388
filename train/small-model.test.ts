import { describe, expect, it } from 'vitest';
import { decodeModel, encodeModel } from '../models/artifact/codec.ts';
import { createClassifier } from '../models/classify.ts';
import { smallModel, unseenRows } from './testing/small-model.ts';

describe('a model trained on a slice of the corpus', () => {
  it('tells the classes and scams of templates it has not seen, better than by guessing', async () => {
    const rows = unseenRows(400);
    const verdicts = await createClassifier(await smallModel()).classify(rows);
    const labelled = [...rows.keys()].filter((index) => rows[index]!.label !== undefined);
    const right = labelled.filter((index) => verdicts[index]!.class === rows[index]!.label);
    expect(right.length / labelled.length).toBeGreaterThan(0.8);
    const meanRisk = (risky: boolean) => {
      const chosen = verdicts.filter((_, index) => rows[index]!.risk === risky);
      return chosen.reduce((sum, { risk }) => sum + risk, 0) / chosen.length;
    };
    expect(meanRisk(true)).toBeGreaterThan(2 * meanRisk(false));
  });

  it('knows plain cases of each class and says why', async () => {
    const [code, sale] = await createClassifier(await smallModel()).classify([
      { text: '482913 is your Norbank verification code. It expires in 10 minutes. Do not share it.' },
      { text: 'FLASH SALE! 50% off everything this weekend. Shop now at https://trendora.com/offers' },
    ]);
    expect(code).toMatchObject({ class: 'transactional', stage: 'lexical' });
    expect(sale).toMatchObject({ class: 'promotional', stage: 'lexical' });
    expect(sale!.reasons.filter(({ contribution }) => contribution > 0).length).toBeGreaterThan(2);
  });

  it('comes back from its file with the same verdicts', async () => {
    const model = await smallModel();
    const { bytes, manifest } = encodeModel(model);
    const read = decodeModel(Buffer.from(bytes), JSON.stringify(manifest), 'here');
    const rows = unseenRows(60);
    expect(await createClassifier(read).classify(rows)).toEqual(await createClassifier(model).classify(rows));
  });
});
