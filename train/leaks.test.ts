import { describe, expect, it } from 'vitest';
import type { LabelledRow } from '../data/read/labelled.ts';
import { createLeakWatch } from './leaks.ts';

function warningsOf(rowOf: (n: number, promotional: boolean) => Partial<LabelledRow>, count = 400): string[] {
  const watch = createLeakWatch();
  for (let n = 0; n < count; n++) {
    // Neither class comes in blocks that a column of `n` could give away.
    const promotional = (n * 7919) % 11 < 5;
    watch.add({
      text: 'a',
      label: promotional ? 'promotional' : 'transactional',
      line: n,
      ...rowOf(n, promotional),
    });
  }
  return watch.warnings();
}

describe('leaks', () => {
  it('are none in mixed data', () => {
    expect(
      warningsOf((n, promotional) => ({
        sender: `s${n % 9}`,
        channel: n % 3 ? 'sms' : 'email',
        metadata: { burst: n % 50, optedIn: n % 4 > 0 || promotional },
      })),
    ).toEqual([]);
  });

  it('names a sender of more than 60% of the rows', () => {
    expect(warningsOf((n) => ({ sender: n % 10 < 6 ? 'ACME' : `s${n % 9}` }))).toEqual([]);
    const found = warningsOf((n) => ({ sender: n % 10 < 7 ? 'ACME' : `s${n % 9}` }));
    expect(found).toEqual([expect.stringMatching(/^70% of the rows are from one sender, "ACME"/)]);
  });

  it('names a column that alone tells the class', () => {
    expect(warningsOf((_, promotional) => ({ channel: promotional ? 'mms' : 'sms' }))).toEqual([
      expect.stringContaining('column "channel" alone tells the class of 100%'),
    ]);
    const found = warningsOf((n, promotional) => ({
      metadata: { localHour: promotional === n % 200 > 0 ? 14 : 3, senderReputation: 0.5 },
    }));
    expect(found).toEqual([expect.stringContaining('column "localHour" alone')]);
  });

  it('does not take a name of every row for a leak, nor a column that most rows lack', () => {
    expect(warningsOf((n) => ({ sender: `sender ${n}` }))).toEqual([]);
    expect(warningsOf((n, promotional) => (n % 4 ? {} : { source: promotional ? 'a' : 'b' }))).toEqual([]);
  });

  it('says nothing of few rows or of one class', () => {
    expect(warningsOf((_, promotional) => ({ channel: promotional ? 'a' : 'b', sender: 'x' }), 30)).toEqual(
      [],
    );
    expect(warningsOf(() => ({ channel: 'a', label: 'promotional' }))).toEqual([]);
  });
});
