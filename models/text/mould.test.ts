import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalise, canonicaliseUnremembered } from './canonical.ts';
import { mouldOf } from './mould.ts';

describe('mouldOf', () => {
  test.each([
    ['482156 is your code', '333333 is your code'],
    ['Pay $4,128 by 12/05/2031.', 'Pay $4,333 by 12/05/2031.'],
    ['Rs. 1499 or 1,999 or 2750', 'Rs. 3399 or 1,399 or 3350'],
    ['call 0871 234 5678', 'call 0871 234 3333'],
    ['txn 90871234567', 'txn 33333333333'],
  ])('%s', (text, mould) => {
    expect(mouldOf(text)).toBe(mould);
  });

  test('what rules look at stays', () => {
    for (const text of [
      'in 2025 or 1999',
      '50000 or 300',
      'SAVE200 now',
      '4G for 30 days',
      '1800 123 4567',
      '(800) 555',
      '007 or 0012',
      'abc$123 @b$456',
      '123!win',
    ])
      expect(mouldOf(text)).toBe(text);
  });
});

const PIECES = [
  ...' \n.,:;-/()#%*+$£€₹@!?|&<>=_x'.split(''),
  ...['Rs', 'Rs.', 'INR ', 'USD', ' per cent', 'k', ' lakh', 'GB', 'days', ' to ', 'am', 'st', 'G', 'R', 'N'],
  ...[
    'call ',
    'text ',
    'to ',
    'ref ',
    'order no ',
    'txn id: ',
    'ending ',
    'XX',
    '**',
    '00',
    '+',
    '1800',
    '0871',
  ],
  ...[
    'May',
    ' Jan ',
    '20',
    '19',
    '24/7',
    '18+',
    'www.a.com/',
    'https://b.co/',
    '@upi',
    'wi',
    'e',
    'https://',
  ],
  ...[
    '0',
    '1',
    '8',
    '9',
    '50',
    '99',
    '49',
    '000',
    '123',
    '4567',
    '90871',
    '482156',
    '8005551234',
    '08001234567',
  ],
];

/** Numbers replaced run by run, each as long as it was. */
const otherDigits = (text: string, digits: readonly number[]): string => {
  let next = 0;
  return text.replace(/\d/g, () => String(digits[next++ % digits.length]));
};

test('texts of one mould have one canonical form', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }),
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 }),
      (pieces, digits) => {
        for (const text of [pieces.join(''), otherDigits(pieces.join(''), digits)]) {
          const mould = mouldOf(text);
          expect(mouldOf(mould)).toBe(mould);
          expect(mould).toHaveLength(text.length);
          expect(canonicaliseUnremembered([mould]), text).toEqual(canonicaliseUnremembered([text]));
          expect([canonicalise(text)]).toEqual(canonicaliseUnremembered([text]));
        }
      },
    ),
    { numRuns: 1_500 },
  );
});
