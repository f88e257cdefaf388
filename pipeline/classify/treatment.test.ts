import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Band, MessageClass } from '../../models/verdict.ts';
import { claimsPromotional, treatmentOf } from './treatment.ts';

const table: [MessageClass, Band, string | undefined, string, string][] = [
  ['transactional', 'sure', undefined, 'transactional', 'verdict'],
  ['transactional', 'sure', 'otp', 'transactional', 'verdict'],
  ['transactional', 'sure', 'marketing', 'promotional', 'claim'],
  ['transactional', 'sure', ' Loyalty_Offer ', 'promotional', 'claim'],
  ['transactional', 'unsure', undefined, 'promotional', 'unsure'],
  ['transactional', 'unsure', 'otp', 'promotional', 'unsure'],
  ['transactional', 'unsure', 'marketing', 'promotional', 'unsure'],
  ['promotional', 'sure', undefined, 'promotional', 'promotional'],
  ['promotional', 'sure', 'otp', 'promotional', 'promotional'],
  ['promotional', 'unsure', 'transactional', 'promotional', 'promotional'],
];

describe('treatmentOf', () => {
  it.each(table)('%s, %s, claim %s -> %s by %s', (messageClass, band, claim, treatment, because) => {
    expect(treatmentOf({ verdict: { class: messageClass, band }, claim })).toEqual({ treatment, because });
  });

  it('gives the strict regime when the classifier has no answer', () => {
    expect(treatmentOf({ verdict: undefined, claim: 'otp' }).treatment).toBe('promotional');
  });

  it('never lets a claim loosen what the text earned', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<MessageClass>('transactional', 'promotional'),
        fc.constantFrom<Band>('sure', 'unsure'),
        fc.oneof(fc.string(), fc.constantFrom('transactional', 'otp', 'promo', 'Marketing')),
        (messageClass, band, claim) => {
          const verdict = { class: messageClass, band };
          const without = treatmentOf({ verdict }).treatment;
          const withClaim = treatmentOf({ verdict, claim }).treatment;
          return without === withClaim || withClaim === 'promotional';
        },
      ),
      { seed: 7, numRuns: 500 },
    );
  });

  it('reads a claim in any case and spacing, and nothing into other words', () => {
    expect(claimsPromotional('PROMO')).toBe(true);
    expect(claimsPromotional('loyalty offer')).toBe(true);
    expect(claimsPromotional('promotion-to-manager-notice')).toBe(false);
  });
});
