import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRandom } from '../../base/random.ts';
import { madeUpTexts } from '../../encoder/testing/texts.ts';
import { SHAPE_RULES } from '../canonical.ts';
import { foldCharacters } from '../characters.ts';
import { applyRules } from './rule.ts';

/** What rules look for, and what stands next to it. */
const FRAGMENTS = (
  '0 1 18 24 99 007 1800 2024 482913 5000000000 . , : ; / - + * # x X % @ $ £ ₹ ¢ < > & ( ) ! ? • _ = Rs. INR USD ' +
  'GH¢ Dhs KSHS zł p k kp krs lakh crore 12th May may jan of am pm a.m to text call sms send ending last digits ' +
  'XX XXXX www. http:// .com .co/ bit.ly/ @upi ref txn id sr srno a/c order no # :# kg GB days minutes per cent ' +
  'pct x times 24x7 R N \u{e000} \u{e01f} \u{e031} abcdEFGH12+'
).split(' ');
const fragments = fc.array(fc.constantFrom(...FRAGMENTS, ' ', ' ', '\n', 'word'), { maxLength: 14 });
const unasked = SHAPE_RULES.map(({ all: _, any: __, ...rule }) => rule);

test('a rule that is skipped for want of clues would have changed nothing', () => {
  fc.assert(
    fc.property(fragments, (parts) => {
      const text = parts.join('');
      expect(applyRules([text], SHAPE_RULES)).toEqual(applyRules([text], unasked));
    }),
    { seed: 5, numRuns: 6_000 },
  );
});

test('nor in messages with bits of others put in', () => {
  const texts = madeUpTexts(1_500);
  const random = createRandom(9);
  for (const text of texts) {
    const at = random.below(text.length);
    const other = random.pick(texts);
    const from = random.below(other.length);
    const mixed =
      text.slice(0, at) +
      random.pick(FRAGMENTS) +
      other.slice(from, from + random.below(10)) +
      text.slice(at + random.below(3));
    expect(applyRules([mixed], SHAPE_RULES)).toEqual(applyRules([mixed], unasked));
  }
});

test('an endless word is shown to every rule', () => {
  const text = `${'a'.repeat(300)}*${'b'.repeat(100)}@${'c'.repeat(205)}ending 1234`;
  expect(applyRules([text], SHAPE_RULES)).toEqual(applyRules([text], unasked));
});

test('characters folded one by one are folded as in their text', () => {
  const bits = fc.constantFrom(
    ...[
      ...'aZ5 .!£€₹’“–…\u00a0é½ﬁ①１ʰ🅐😀❤≠™Ωαсı',
      '\ufe0f',
      '\u200d',
      '\u0301',
      '한',
      'ᄒ',
      'ᅡ',
      '\ud83d',
      '\t',
    ],
  );
  fc.assert(
    fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
      const text = parts.join('');
      // A carriage return makes the whole text go the other way.
      expect(foldCharacters(`${text}a\r`, 1_000)).toBe(`${foldCharacters(`${text}a`, 1_000)}\n`);
    }),
    { seed: 6, numRuns: 4_000 },
  );
});
