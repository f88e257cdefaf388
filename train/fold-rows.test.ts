import { describe, expect, it } from 'vitest';
import type { LabelledRow, RowMetadata } from '../data/read/labelled.ts';
import { describeContradiction, distinctRows, type FoldOptions } from './fold-rows.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** A text whose canonical form no other number shares. */
const wording = (n: number) => `word ${LETTERS[n % 26]}${LETTERS[Math.floor(n / 26) % 26]} message`;
/** Forty rows of each class, all different. */
const enough: LabelledRow[] = Array.from({ length: 80 }, (_, n) => ({
  text: wording(n),
  label: n % 2 ? 'promotional' : 'transactional',
  line: n + 1,
}));
const row = (
  text: string,
  label: LabelledRow['label'] | 'scam',
  line: number,
  metadata?: RowMetadata,
): LabelledRow => ({
  text,
  ...(label === 'scam' ? { risk: true } : { label: label! }),
  line,
  ...(metadata ? { metadata } : {}),
});
const fold = (rows: readonly LabelledRow[], options?: FoldOptions) =>
  distinctRows([...enough, ...rows], options);

describe('folding rows', () => {
  it('makes one weighted row of texts that differ in what canonical text hides', () => {
    const { rows, read, contradictions } = fold([
      row('Code 1234 for you', 'transactional', 100),
      row('Code 9876 for you', 'transactional', 101),
      row('Win big money now', 'scam', 102),
    ]);
    expect(read).toBe(83);
    expect(rows).toHaveLength(82);
    expect(rows[80]).toMatchObject({ target: 0, risk: 0, weight: 2, source: { line: 100 } });
    expect(rows[81]).toMatchObject({ target: -1, risk: 1, weight: 1 });
    expect(rows[81]!.circumstances).toBeUndefined();
    expect(contradictions).toEqual([]);
  });

  it('lets the majority stand where labels contradict each other, and lists them with their lines', () => {
    const rows = [
      row('Order 1 is here', 'promotional', 90),
      row('Order 2 is here', 'transactional', 91),
      row('Order 3 is here', 'transactional', 92),
      row('Even 1 even', 'transactional', 93),
      row('Even 2 even', 'promotional', 94),
    ];
    const folded = fold(rows);
    expect(folded.rows[80]).toMatchObject({ target: 0, weight: 2, source: { line: 91 } });
    // Of as many of each the stricter class stands.
    expect(folded.rows[81]).toMatchObject({ target: 1, weight: 1, source: { line: 94 } });
    expect(folded.contradictions).toEqual([
      expect.objectContaining({ promotional: 1, transactional: 2, lines: [90, 91] }),
      expect.objectContaining({ promotional: 1, transactional: 1, lines: [94, 93] }),
    ]);
    expect(describeContradiction(folded.contradictions[0]!)).toMatch(
      /^1 promotional \(line 90\), 2 transactional \(line 91\): "Order/,
    );
    expect(() => fold(rows, { contradictions: 'refuse' })).toThrow(
      expect.objectContaining({
        code: 'TRAIN_CONTRADICTIONS',
        message: expect.stringContaining('line 90'),
        fix: expect.stringContaining('--contradictions majority'),
      }),
    );
  });

  it('keeps circumstances apart by bins, of the label that stands, half of the rows as unknown', () => {
    const known: RowMetadata = { localHour: 13, optedIn: true };
    const { rows } = fold([
      ...Array.from({ length: 400 }, (_, n) =>
        row(`Code ${4001 + n} for you`, 'promotional', 100 + n, known),
      ),
      ...Array.from({ length: 100 }, (_, n) =>
        row(`Code ${4001 + n} for you`, 'transactional', 500 + n, { optedIn: false }),
      ),
    ]);
    const { circumstances } = rows[80]!;
    expect(circumstances!.map(({ bins }) => [...bins]).sort()).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 3, 0, 0, 0, 2],
    ]);
    expect(circumstances!.reduce((sum, { rows: held }) => sum + held, 0)).toBe(400);
    // Four standard deviations of 400 fair draws.
    for (const { rows: held } of circumstances!) expect(Math.abs(held - 200)).toBeLessThan(40);
    expect(distinctRows(enough, { seed: 2 })).toEqual(distinctRows(enough, { seed: 2 }));
  });

  it.each([
    ['no rows', [], 'TRAIN_TOO_FEW'],
    ['fewer than 50', enough.slice(0, 49), 'TRAIN_TOO_FEW'],
    [
      'one text over and over',
      enough.map((one, n) => ({ ...one, text: `Code ${n} is yours` })),
      'TRAIN_TOO_FEW',
    ],
    ['one class', enough.map((one) => ({ ...one, label: 'promotional' as const })), 'TRAIN_ONE_CLASS'],
    ['scams only', enough.map(({ text, line }) => ({ text, line, risk: true })), 'TRAIN_TOO_FEW'],
  ])('refuses %s', (_, rows, code) => {
    expect(() => distinctRows(rows)).toThrow(expect.objectContaining({ code, fix: expect.any(String) }));
  });

  it('takes messages of any length and any code units', () => {
    const monsters = [
      'x'.repeat(100_000),
      'Win! '.repeat(20_000),
      '\ud800'.repeat(500),
      '٣'.repeat(10_000),
      '\u0000\u200b',
    ];
    const { rows } = fold(monsters.map((text, n) => row(text, 'promotional', 200 + n)));
    expect(rows.length).toBeGreaterThan(82);
    for (const { canonical } of rows) {
      expect(canonical.length).toBeLessThan(60_000);
      expect(canonical).not.toMatch(/\p{Surrogate}/u);
    }
  });
});
