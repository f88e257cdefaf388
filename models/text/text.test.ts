import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CANONICAL_VERSION, canonicalise } from './canonical.ts';
import { joinSpacedLetters, undisguise } from './disguise.ts';
import { fingerprint } from './fingerprint.ts';
import { englishByWords, isLikelyEnglish } from './language.ts';
import { tokenise, tokeniseAny } from './tokenize.ts';

describe('fingerprint', () => {
  it('is 128 bits of SHA-256 over version and text', () => {
    expect(CANONICAL_VERSION).toBe(1);
    // printf '1\nYour code is <code6>' | sha256sum
    expect(fingerprint('Your code is <code6>')).toBe('82fe7642f17702c72a2ea82faa8cdf91');
  });

  it('is shared by messages that differ in their variables only', () => {
    expect(fingerprint(canonicalise('Code 482156'))).toBe(fingerprint(canonicalise('Code 110932')));
    expect(fingerprint(canonicalise('Code 482156'))).not.toBe(fingerprint(canonicalise('Code 4821')));
  });
});

describe('tokenise', () => {
  it.each([
    ['Your code is <code6>!', ['your', 'code', 'is', '<code6>']],
    ["T&C apply, don't wait. A/c <tail>", ['t&c', 'apply', "don't", 'wait', 'a/c', '<tail>']],
    ['<b>Bold</b> <nope1>', ['b', 'bold', 'b', 'nope1']],
    ['ALL-NEW covid19', ['all', 'new', 'covid19']],
    ['रहस्य है', ['रहस्य', 'है']],
    ['', []],
    ['!!!', []],
  ])('%j -> %j', (text, expected) => {
    expect(tokenise(text)).toEqual(expected);
  });

  it('gives signs and emoji on request', () => {
    expect(tokenise('Wow!!! 😀 really? *T&C', { punctuation: true })).toEqual([
      ...['wow', '!!!', '😀', 'really', '?', '*', 't&c'],
    ]);
  });

  it('cuts endless words', () => {
    expect(tokenise('a'.repeat(1_000))).toEqual(['a'.repeat(40)]);
  });

  it('the walk over ASCII finds what the pattern finds', () => {
    const pieces = [
      ..."aZ09 \n<>'&/@+=~#^|%$!?*.,-_",
      '<code6>',
      '<amount>',
      'T&C',
      "don't",
      '\u20b9',
      'x'.repeat(45),
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 30 }),
        fc.boolean(),
        (made, punctuation) => {
          const text = made.join('');
          expect(tokenise(text, { punctuation })).toEqual(tokeniseAny(text, { punctuation }));
        },
      ),
      { seed: 2, numRuns: 2_000 },
    );
  });
});

describe('undisguise', () => {
  it.each([
    ['fr33', 'free'],
    ['C4SH', 'CASH'],
    ['w1n', 'win'],
    ['Ca11', 'Call'],
    ['0ffer', 'offer'],
    ['del1vered', 'delivered'],
    ['$ale', 'sale'],
  ])('%s is %s', (token, word) => {
    expect(undisguise(token)).toBe(word);
  });

  it.each([
    'A1B2C3',
    'K1TE5',
    '45K',
    'covid19',
    'work4life',
    'x4f3aq',
    'free',
    '3315',
    'INV2023',
    'h1n1',
    'M3',
  ])('%s may be what it says', (token) => {
    expect(undisguise(token)).toBeUndefined();
  });
});

describe('joinSpacedLetters', () => {
  it.each([
    ['W-I-N a F R E E trip', 'WIN a FREE trip'],
    ['F R E E C A S H', 'FREE CASH'],
    ['c l i c k  h e r e', 'click  here'],
    ['b u y now', 'buy now'],
    ["I'm a b and c", "I'm a b and c"],
    ['how r u', 'how r u'],
    ['i.e. this', 'i.e. this'],
  ])('%j -> %j', (text, expected) => {
    expect(joinSpacedLetters(text)).toBe(expected);
  });
});

describe('isLikelyEnglish', () => {
  it.each([
    'Your verification code is 482156. Do not share it with anyone.',
    'FLAT 50% OFF! Shop now at bit.ly/aB3x',
    'Rs.500 debited from A/c XX1234 on 01-Jul-25',
    '482156',
    'Dear customer, your parcel arrives today between 9am and 5pm.',
    'Bienvenue to our store, the best place for cheese and wine in town',
  ])('English: %s', (text) => {
    expect(isLikelyEnglish(canonicalise(text))).toBe(true);
  });

  it.each([
    'Ваш код подтверждения 482156. Никому его не сообщайте.',
    'Votre colis sera livré demain entre 9h et 17h, merci de votre confiance.',
    'Su pedido ha sido enviado y llegará el lunes por la tarde.',
    'Aapka recharge safal raha hai, aapke khate mein 50 rupaye jama kiye gaye hain.',
    'Pulsa Anda sudah terisi dan bisa digunakan untuk menelepon dengan tarif murah.',
    'รหัส OTP ของคุณคือ 482156',
    'Ihre Bestellung wurde versandt und wird morgen zugestellt.',
    'A sua conta 5521 foi debitada no valor de 40.00 em 3 de maio.',
    'Umetuma TSh 5,000 kwenda Asha. Malipo yamekamilika leo asubuhi.',
    'Pagaste $18 ayer',
  ])('not English: %s', (text) => {
    expect(isLikelyEnglish(canonicalise(text))).toBe(false);
  });

  it('counts the same in one walk over a short text as by pattern in a long one', () => {
    const pieces = [
      ...[' ', ' ', '\n', '-', '<', '>', "'"],
      ...['the', 'your', 'code', 'offer', 'aap', 'hai', 'vous', '<code6>', '<abc>', '<amount>', 'TO', 'x'],
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (made) => {
        const text = made.join('');
        expect(englishByWords(text)).toBe(englishByWords(text + '.'.repeat(700)));
      }),
      { seed: 9, numRuns: 2_000 },
    );
  });
});
