import { describe, expect, it } from 'vitest';
import type { LabelledRow } from '../data/read/labelled.ts';
import { createFeedbackMerge, type HumanLabel } from './feedback.ts';
import { distinctRows } from './matrix.ts';

async function mergeFeedback(rows: readonly LabelledRow[], labels: readonly HumanLabel[]) {
  const merge = createFeedbackMerge(labels);
  const merged: LabelledRow[] = [];
  for await (const one of merge.rows(rows)) merged.push(one);
  return { rows: merged, contradictions: merge.contradictions() };
}

let line = 0;
const row = (text: string, label: LabelledRow['label'], over: Partial<LabelledRow> = {}): LabelledRow => ({
  text,
  line: ++line,
  ...(label ? { label } : {}),
  ...over,
});
const said = (text: string, label: HumanLabel['label'], over: Partial<HumanLabel> = {}): HumanLabel => ({
  text,
  author: 'ann',
  atMs: 1,
  ...(label ? { label } : {}),
  ...over,
});
const labelsOf = (rows: readonly LabelledRow[]) => rows.map(({ label }) => label);

describe('merging feedback', () => {
  it('changes nothing without any', async () => {
    const rows = [row('a', 'promotional')];
    expect((await mergeFeedback(rows, [])).rows).toEqual(rows);
  });

  it('replaces what the data says of the same canonical text, keeps what it knows beside, and lists it', async () => {
    const rows = [
      row('Your code is 111111', 'promotional', { template: 't-1', industry: 'banking' }),
      row('Your code is 222222', 'promotional'),
      row('Big sale', 'promotional'),
    ];
    const merged = await mergeFeedback(rows, [said('Your code is 999999', 'transactional')]);
    const about = merged.rows.filter(({ text }) => text.startsWith('Your code'));
    expect(new Set(labelsOf(about))).toEqual(new Set(['transactional']));
    expect(about).toHaveLength(5);
    expect(about[0]).toMatchObject({ template: 't-1', industry: 'banking' });
    expect(merged.rows.filter(({ text }) => text === 'Big sale')).toHaveLength(1);
    expect(merged.contradictions).toEqual([
      {
        canonical: 'Your code is <code6>',
        kind: 'data',
        chosen: 'transactional',
        promotional: 2,
        transactional: 0,
      },
    ]);
  });

  it('gives one row in training the weight of several', async () => {
    const more = Array.from({ length: 60 }, (_, i) =>
      row(
        `${'abcdefghijklmnopqrstuvwxyz'[i % 26]}${'klmno'[i % 5]}x word${'pq'[i % 2]}${'abc'[i % 3]}`,
        i % 2 ? 'promotional' : 'transactional',
      ),
    );
    const merged = await mergeFeedback(more, [said('A brand new text', 'promotional')]);
    const held = distinctRows(merged.rows).rows.find(({ canonical }) => canonical === 'A brand new text');
    expect(held).toMatchObject({ target: 1, weight: 5 });
  });

  it('takes the latest word of each author, the majority of authors, and of a tie the last', async () => {
    const text = 'Points expire soon';
    const chosen = async (...labels: HumanLabel[]) => labelsOf((await mergeFeedback([], labels)).rows)[0];
    expect(
      await chosen(said(text, 'promotional', { atMs: 2 }), said(text, 'transactional', { atMs: 1 })),
    ).toBe('promotional');
    const [bob, cid] = [
      said(text, 'transactional', { author: 'bob', atMs: 2 }),
      said(text, 'promotional', { author: 'cid', atMs: 3 }),
    ];
    expect(await chosen(said(text, 'transactional'), bob, cid)).toBe('transactional');
    expect(await chosen(bob, cid)).toBe('promotional');
    expect((await mergeFeedback([], [bob, cid])).contradictions).toMatchObject([
      { kind: 'people', chosen: 'promotional', promotional: 1, transactional: 1 },
    ]);
  });

  it('learns a scam without a class, and keeps the class that the data has', async () => {
    const scam = { risk: true } as const;
    const [alone] = (await mergeFeedback([], [said('Pay the fee', undefined, scam)])).rows;
    expect(alone).toEqual({ text: 'Pay the fee', line: 1, risk: true });
    const known = await mergeFeedback(
      [row('Pay the fee', 'transactional', { risk: false })],
      [said('Pay the fee', undefined, scam)],
    );
    expect(known.rows[0]).toMatchObject({ label: 'transactional', risk: true });
    expect(known.contradictions).toEqual([]);
  });
});
