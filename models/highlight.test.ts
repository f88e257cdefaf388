import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { highlight, splitAtHighlights } from './highlight.ts';
import type { Reason } from './verdict.ts';

const reason = (feature: string, contribution: number): Reason => ({ feature, text: feature, contribution });
const HALF = /\p{Surrogate}/u;
const found = (text: string, ...reasons: Reason[]) =>
  highlight(text, reasons).map(({ start, end, contribution }) => [text.slice(start, end), contribution]);

describe('highlight', () => {
  it('finds words and pairs as they are written', () => {
    expect(found('Hurry! Shop NOW, shop.', reason('word:shop', 0.2), reason('word:hurry', 0.1))).toEqual([
      ['Hurry', 0.1],
      ['Shop', 0.2],
      ['shop', 0.2],
    ]);
    expect(found('Get 50% off today', reason('word:<percent> off', 0.3))).toEqual([['50% off', 0.3]]);
  });

  it('finds words in disguise by what the model reads', () => {
    expect(found('Get your FR33 gift', reason('word:free', 0.2))).toEqual([['FR33', 0.2]]);
    expect(found('Get your F R E E gift', reason('word:free', 0.2))).toEqual([['F R E E', 0.2]]);
    expect(found('Get your frее gift', reason('word:free', 0.2))).toEqual([['frее', 0.2]]);
    expect(found('Get your fr\u200bee gift', reason('word:free', 0.2))).toEqual([['fr\u200bee', 0.2]]);
  });

  it('finds amounts and dates that are written in several pieces', () => {
    const text = 'Rs. 500 was debited on 5 May 2026 from a/c XX1234.';
    const spans = highlight(text, [reason('signal:dates', -0.1), reason('signal:maskedAccounts', -0.2)]);
    expect(spans.map(({ start, end }) => text.slice(start, end))).toEqual([
      '5 May 2026',
      expect.stringContaining('XX1234'),
    ]);
  });

  it('finds what signals count, and nothing for signals of the whole text', () => {
    const text = 'LAST DAY!!! Click here www.shop.example/x 🎉';
    const of = (feature: string) => found(text, reason(feature, 0.1)).map(([word]) => word);
    expect(of('signal:exclamations')).toEqual(['!!!']);
    expect(of('signal:shoutedWords')).toEqual(['LAST', 'DAY']);
    expect(of('signal:emoji')).toEqual(['🎉']);
    expect(of('signal:urgency')).toEqual(['LAST DAY']);
    expect(of('signal:links')).toEqual(['www.shop.example/x']);
    expect(of('signal:characters')).toEqual([]);
    expect(of('embedding')).toEqual([]);
  });

  it('adds up reasons that name one word and keeps apart what they do not share', () => {
    const text = 'Get 50% off now';
    expect(highlight(text, [reason('word:<percent> off', 0.3), reason('word:off', -0.1)])).toEqual([
      { start: 4, end: 8, contribution: 0.3, features: ['word:<percent> off'] },
      { start: 8, end: 11, contribution: 0.2, features: ['word:<percent> off', 'word:off'] },
    ]);
  });

  it('gives ascending stretches inside the text that never cut a character', () => {
    const features = [
      'word:free',
      'word:a',
      'signal:emoji',
      'signal:exclamations',
      'signal:codes',
      'word:<percent> off',
    ];
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('FREE', 'f r e e', '50% off', '🎉', '!!', '482913', 'аll', 'İ', '👩‍👩‍👧', '5 May'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join(' ');
        const spans = highlight(
          text,
          features.map((feature, at) => reason(feature, at + 1)),
        );
        let before = 0;
        for (const { start, end } of spans) {
          expect(start).toBeGreaterThanOrEqual(before);
          expect(end).toBeGreaterThan(start);
          before = end;
          if (!HALF.test(text)) expect(text.slice(start, end)).not.toMatch(HALF);
        }
        expect(before).toBeLessThanOrEqual(text.length);
        expect(
          splitAtHighlights(text, spans)
            .map((part) => part.text)
            .join(''),
        ).toBe(text);
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});
