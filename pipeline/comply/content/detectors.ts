import { hasCardNumber } from './cards.ts';
import { asksForData, hasBilling, hasCardSecret, hasHealthData, hasOpenAccount } from './personal.ts';
import { restrictedIn } from './restricted.ts';
import { AD_LABEL, folded, OFFER, SPECIAL_CATEGORY } from './wording.ts';

/** Phrases that only advertising uses. Kept tight: what this finds makes a receipt an advertisement. */
const PROMOTION = [
  /\b\d{1,2}\s?%\s?(?:off|discount|cash ?back)\b/i,
  /\b(?:use|apply|enter|with)\s+(?:promo |coupon |voucher |discount )?code[:\s]+["']?[A-Z][A-Z0-9]{3,}/,
  /\b(?:promo|coupon|voucher|discount) code\b/i,
  /\b(?:limited[- ]time (?:offer|deal)|shop now|buy now|order now|hurry|don'?t miss (?:out|this)|flash sale|today only)\b/i,
  /\b(?:flat|upto|up to|save|extra)\s+(?:rs\.?|inr|₹|\$|£|€)\s?\d[\d,.]*\s*(?:off|discount|on your next)\b/i,
  /\bbuy (?:one|1) get (?:one|1)\b|\bBOGO\b/i,
];

/** Does it use words that only advertising uses? */
export const advertises = (text: string): boolean => PROMOTION.some((pattern) => pattern.test(text));

export interface DetectorInput {
  /** Subject and body, as they are written. */
  readonly text: string;
  /** The same, folded. */
  readonly plain: string;
  readonly subject?: string | undefined;
  /** E-mail headers by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** Whether it reveals data of a special category, as the caller states it; goes before what words tell. */
  readonly specialCategory?: boolean | undefined;
}

/** A subject that poses as an answer or as forwarded, on mail that answers nothing. */
const POSES_AS_ANSWER = /^\s*(?:re|aw|fw|fwd|wg|tr|rv|sv)\s*:/i;

/**
 * Runs every detector: was something found? `deceptive-subject` is true where a subject poses as an answer and absent
 * otherwise, for no text shows that a subject is honest; the others always answer.
 */
export function detectorsOf(input: DetectorInput): Readonly<Record<string, boolean>> {
  const { text, plain, headers, specialCategory } = input;
  const subject = input.subject ?? '';
  const pan = hasCardNumber(text);
  const cvv = hasCardSecret(plain);
  const open = hasOpenAccount(text, plain);
  const health = hasHealthData(plain);
  const special = specialCategory ?? SPECIAL_CATEGORY.some((pattern) => pattern.test(plain));
  const restricted = restrictedIn(plain);
  const { sexual, hate, alcohol, firearms, tobacco } = restricted;
  const answersSomething = headers.has('in-reply-to') || headers.has('references');
  return {
    'pan-luhn': pan,
    cvv,
    'npi-unmasked': open,
    phi: health,
    'pii-request': asksForData(plain),
    'special-category': special,
    'sensitive-data': pan || cvv || open || health || special,
    'billing-content': hasBilling(plain),
    'promotional-content': advertises(text),
    'commercial-subject':
      advertises(subject) || OFFER.test(folded(subject)) || AD_LABEL.test(folded(subject)),
    ...(POSES_AS_ANSWER.test(subject) && !answersSomething ? { 'deceptive-subject': true } : {}),
    ...restricted,
    'sexual-content': sexual,
    shaft: sexual || hate || alcohol || firearms || tobacco,
  };
}
