/** Thirteen to nineteen digits, grouped or not, that are no part of a word or link. */
const DIGITS = /(?<![\p{L}\p{N}=/#_.-])\d(?:[ -]?\d){12,18}(?![\p{L}\p{N}])/gu;
/** Issuer ranges of ISO/IEC 7812 with the lengths in use: Visa, Mastercard, Amex, Diners, Discover, JCB, UnionPay, RuPay. */
const CARD =
  /^(?:4\d{15}|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|6(?:011|4[4-9]\d|5\d\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|62\d{14,17}|(?:60|81|82)\d{14}|508\d{13})$/;
/** What numbers are called that are no cards, just before the digits. */
const OTHER_NUMBER =
  /(?:order|txn|transaction|ref|reference|utr|rrn|awb|tracking|invoice|booking|pnr|id|no|number)\W{0,3}(?:id|no|number|is)?\W{0,3}$/i;

/** Luhn's check of ISO/IEC 7812-1. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, double = false; i >= 0; i--, double = !double) {
    const digit = digits.charCodeAt(i) - 48;
    sum += double ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}

/** A full card number: an issuer's range and length, Luhn, and not introduced as another kind of number. */
export function hasCardNumber(text: string): boolean {
  for (const match of text.matchAll(DIGITS)) {
    const digits = match[0].replaceAll(/[ -]/g, '');
    if (!CARD.test(digits) || !passesLuhn(digits)) continue;
    const before = text.slice(Math.max(0, match.index - 24), match.index);
    if (/card\W{0,3}(?:no|number)?\W{0,3}$/i.test(before) || !OTHER_NUMBER.test(before)) return true;
  }
  return false;
}
