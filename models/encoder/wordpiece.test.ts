import { readFileSync } from 'node:fs';
import { BertTokenizer } from '@xenova/transformers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { minilmSource, vocabularyOf } from './weights.ts';
import { CLS, createWordPiece, MAX_TOKENS, SEP, UNKNOWN } from './wordpiece.ts';

const source = minilmSource();
const file = JSON.parse(readFileSync(source.tokenizerPath, 'utf8'));
const vocabulary = vocabularyOf(source);
const ours = createWordPiece(vocabulary);
const theirs = new BertTokenizer(file, { tokenizer_class: 'BertTokenizer' });

/** transformers.js without truncation; ours keeps the final [SEP] where theirs cuts it off. */
function reference(text: string): number[] {
  const ids = theirs.encode(text);
  return ids.length <= MAX_TOKENS ? ids : [...ids.slice(0, MAX_TOKENS - 1), SEP];
}

const CASES: readonly string[] = [
  '',
  ' ',
  '\n\t\r',
  'Your code is 482913. Never share it.',
  'FLAT 50% OFF!!! Shop now: https://ex.am/pl?e=1&x=%20 *T&C apply',
  "don't can't won't it's o'clock rock'n'roll",
  'naïve café Ångström Łódź İstanbul ẞtraße Ñandú',
  'ΟΔΥΣΣΕΥΣ ΣΑΣ Σ.',
  'e\u0301 o\u0308\u0323 \u1e9b\u0323 \ufb01le \uff21\uff22\uff23 \u2460',
  '安全验证码482913，请勿泄露。',
  '東京タワー カタカナ ひらがな 한국어 메시지',
  '\u3400\u4dbf\u4e00\u9fff\uf900\ufaff \u{20000}\u{2a6df}\u{2b740}x\u{2f800}',
  '🎉🎉 Sale 👨‍👩‍👧‍👦 🇮🇳 ❤️ 👍🏽 1️⃣ text🔥text',
  'आपका ओटीपी 482913 है। किसी को न बताएं',
  'رمز التحقق الخاص بك هو ١٢٣٤ לא לשתף קוד',
  'รหัส OTP ของคุณคือ 1234 குறியீடு',
  'a\u0000b\u0001c\u0008d\u001fe\u007ff\u0085g\u009fh',
  'a\u00a0b\u1680c\u2003d\u2028e\u2029f\u202fg\u205fh\u3000i\ufeffj',
  'zero\u200bwidth\u200cjoin\u200ders\u2060\u00adsoft\u180emongol',
  'lone \ud800 high, lone \udc00 low, \udc00\ud800 both, replaced \ufffd',
  'private \ue000 \u{f0000} unassigned \u0378 \u{e0100} tag \u{e0041}',
  '$100 €20 £5 ¥1 ₹99 ₿ + = < > | ~ ^ ` ¢ ° © ® ™ § ¶ † ‡ • … – — ‘ ’ “ ” « »',
  'a'.repeat(100),
  'a'.repeat(101),
  'é'.repeat(100),
  '😀'.repeat(60),
  '😀'.repeat(101),
  `${'𝒜'.repeat(100)} tail`,
  'antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis',
  'word '.repeat(400),
  'unaffable '.repeat(64),
  '## ##ing #hashtag @user _under_score_ {brace} [bracket] \\back\\',
];

test('equals transformers.js on every kind of text', () => {
  for (const text of CASES) expect(ours.encode(text), JSON.stringify(text)).toEqual(reference(text));
});

test('equals transformers.js on each of the Basic Multilingual Plane, alone and between letters', () => {
  const wrong: string[] = [];
  for (let from = 0; from < 0x10000; from += 16) {
    const units = Array.from({ length: 16 }, (_, i) => String.fromCharCode(from + i));
    const text = units.map((unit) => `${unit} a${unit}b`).join(' ');
    if (ours.encode(text).join() !== reference(text).join()) wrong.push(from.toString(16));
  }
  expect(wrong).toEqual([]);
});

test('equals transformers.js on random text, whatever it met before', () => {
  const word = fc.oneof(
    fc.constantFrom(...vocabulary.slice(1000, 3000)),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('482913', 'Rs.', '50%', 'ΣΑΣ', 'İ', '\ud83d', '…'),
  );
  const texts = fc
    .array(fc.tuple(word, fc.constantFrom(' ', '', '\n', '-')), { maxLength: 40 })
    .map((parts) => parts.flat().join(''))
    .filter((text) => !/\[(PAD|UNK|CLS|SEP|MASK)\]/.test(text));
  fc.assert(
    fc.property(texts, (text) => {
      expect(ours.encode(text)).toEqual(reference(text));
    }),
    { seed: 20, numRuns: 2000 },
  );
});

test('a text cannot place control tokens', () => {
  const ids = ours.encode('[SEP] hello [MASK] [PAD]');
  expect(ids.filter((id) => id <= 103)).toEqual([CLS, SEP]);
  expect(theirs.encode('[SEP] hello').filter((id: number) => id === SEP)).toHaveLength(2);
});

test('a long text ends in [SEP] at 128 tokens, an unreadable word is one [UNK]', () => {
  const ids = ours.encode('word '.repeat(1_000));
  expect(ids).toHaveLength(MAX_TOKENS);
  expect(ids.at(-1)).toBe(SEP);
  expect(ours.encode('😀'.repeat(101))).toEqual([CLS, UNKNOWN, SEP]);
});
