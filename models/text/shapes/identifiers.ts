import { symbol } from '../placeholders.ts';
import { CLUE } from './clues.ts';
import { DIGIT, END, type ShapeRule, START, to } from './rule.ts';

const REF = symbol('ref');
const STRONG =
  'ref(?:erence)?|txn|trxn|tran(?:s(?:action)?)?|tid|utr|upi|rrn|pnr|awb|docket|tracking|consignment|waybill|invoice|inv|confirmation';
const WEAK =
  'order|booking|reservation|ticket|case|complaint|request|sr|application|policy|claim|bill|customer|consumer|member(?:ship)?|account|a/c|shipment|parcel|package|id|folio|receipt|itinerary';
const MARK = '(?: ?(?:id|no|num|number|nbr))?(?:\\.?:?#?| ?is:?| ?[:#] ?#?)';

/** Dotted-decimal addresses, versions and the like stay; only the digits of `match` are looked at. */
const digitsOf = (match: string): string => match.replace(/\D/g, '');

function phoneKind(match: string): string {
  const digits = digitsOf(match);
  if (/^\+|^00/.test(match.trim())) return 'intlphone';
  if (
    /^(?:1?8(?:00|88|77|66|55|44|33)\d{4,7}|0?800\d{6,7}|1800\d{4,7}|1300\d{6}|0808\d{6,7})$/.test(digits)
  ) {
    return 'tollfree';
  }
  return /^(?:087[01]|084[45]|090[0-9]|091[01]|098[0-9]|1900)/.test(digits) ? 'premium' : 'phone';
}

/** Digit runs by length: what OTPs, PINs, counts and ids look like. */
export function digitKind(digits: string): string {
  const n = digits.length;
  if (n <= 3) return `num${n}`;
  if (n >= 4 && n <= 8 && /^[1-9]\d?0{3,}$/.test(digits)) return 'thousands';
  if (n === 4) return /^(?:19[6-9]|20[0-3])\d$/.test(digits) ? 'year' : 'code4';
  if (n <= 8) return `code${n}`;
  if (n <= 12) return 'digits9';
  return n <= 19 ? 'digits13' : 'digits20';
}

export const IDENTIFIER_RULES: readonly ShapeRule[] = [
  {
    name: 'glued number',
    all: CLUE.letterDigit,
    needs: /[a-z]\d{5}/i,
    pattern:
      /(?<![A-Za-z0-9])(call|sms|txt|text|to|on|tel|ph|no|dial|contact|at)(?=\d{5,12}(?![A-Za-z0-9]))/gi,
    shape: (match) => `${match} `,
  },
  {
    name: 'phone with country code',
    all: CLUE.dialled,
    needs: /\+\d|00\d/,
    pattern: new RegExp(
      `(?<![A-Za-z0-9+])(?:\\+|00)\\d{1,3}[ .-]?\\(?\\d{1,5}\\)?(?:[ .-]?\\d{2,5}){1,3}${END}`,
      'g',
    ),
    shape: to('intlphone'),
  },
  {
    name: 'toll-free in groups',
    all: CLUE.tollFree,
    needs: /1800|1300/,
    pattern: /(?<![A-Za-z0-9.,/-])1[38]00[ -]\d{2,4}(?:[ -]?\d{2,4}){0,2}(?![A-Za-z0-9]|[.,-]\d)/g,
    shape: to('tollfree'),
  },
  {
    name: 'phone in groups',
    all: CLUE.grouped,
    needs: /\d[) .-]{1,2}\d/,
    pattern:
      /(?<![A-Za-z0-9.,/-])(?:1[ .-])?\(?\d{3,5}\)?[ .-]{1,2}\d{3,4}[ .-]\d{3,4}(?![A-Za-z0-9]|[.,-]\d)/g,
    shape: (match) => symbol(phoneKind(match!)),
  },
  {
    name: 'strong reference word',
    all: CLUE.reference | CLUE.digit,
    needs: DIGIT,
    pattern: new RegExp(
      `${START}((?:${STRONG})${MARK}[ -]{0,2})(?=[A-Za-z/_-]{0,30}\\d)([A-Za-z0-9][A-Za-z0-9/_-]{2,}[A-Za-z0-9])${END}`,
      'gi',
    ),
    shape: (match, lead, token) => (/^[a-z]*\d{1,2}$/i.test(token!) ? match! : lead! + REF),
  },
  {
    name: 'weak reference word',
    all: CLUE.reference | CLUE.digit,
    needs: DIGIT,
    pattern: new RegExp(
      `${START}((?:${WEAK})(?: ?(?:id|no|num|number|nbr)(?:\\.?:?#?| ?is:?)|\\.?:| ?#|:#)?[ -]{0,2})(?=[A-Za-z/_-]{0,30}\\d)([A-Za-z0-9][A-Za-z0-9/_-]{2,}[A-Za-z0-9])${END}`,
      'gi',
    ),
    shape: (match, lead, token) => {
      const marked = /(?:id|no|num|number|nbr|is)?[.:#]+[ -]*$|(?:id|no|num|number|nbr)[ -]*$/i.test(lead!);
      const letters = /[A-Za-z]/.test(token!);
      const long = digitsOf(token!).length >= (letters ? 3 : 6);
      return long || (marked && digitsOf(token!).length >= 3) ? lead! + REF : match!;
    },
  },
  {
    name: 'hash and number',
    all: CLUE.hash | CLUE.digit,
    needs: /#/,
    pattern: new RegExp(`#(?=[A-Za-z-]{0,12}\\d)[A-Za-z0-9][A-Za-z0-9-]{3,}${END}`, 'g'),
    shape: (match) => (digitsOf(match!).length >= 4 ? REF : match!),
  },
  {
    name: 'short code to text',
    all: CLUE.invitation | CLUE.digit,
    needs: /sms|te?xt|send|reply|msg|message|whatsapp|stop|help|call|dial/i,
    pattern:
      /(?<![A-Za-z])((?:sms|te?xt|send|reply|msg|message|whatsapp|stop)[^\n.\uE000-\uF8FF]{0,40}? to |(?:call|dial(?:ing)?|sms|te?xt|msg) (?:on |to |us on )?)(\d{3,6})(?![A-Za-z0-9]|[.,]\d)/gi,
    shape: (_, lead) => lead! + symbol('shortcode'),
  },
  {
    name: 'bare phone',
    all: CLUE.longNumber,
    needs: /\d{8}/,
    pattern:
      /(?<![A-Za-z0-9.,/-])(?:0\d{9,10}|1?8(?:00|88|77|66|55|44|33)\d{7}|1800\d{4,6}|\d{10})(?![A-Za-z0-9]|[.,]\d)/g,
    shape: (match) => symbol(phoneKind(match!)),
  },
  {
    name: 'code in two halves',
    all: CLUE.grouped,
    needs: /\d{3}[ -]\d{3}/,
    pattern: /(?<![A-Za-z0-9.,-])\d{3}[ -]\d{3}(?![A-Za-z0-9]|[ .,-]\d)/g,
    shape: to('code6'),
  },
  {
    name: 'digits with dashes',
    all: CLUE.separated,
    needs: /\d-\d/,
    pattern: /(?<![A-Za-z0-9.,-])\d[\d-]*\d(?![A-Za-z0-9])/g,
    shape: (match) => {
      if (!match!.includes('-') || digitsOf(match!).length < 8) return match!;
      return /^\d{3,5}-\d{6,8}$/.test(match!) ? symbol('phone') : REF;
    },
  },
  {
    name: 'number with separators',
    all: CLUE.separated,
    needs: /\d[.,]\d/,
    pattern: /(?<![A-Za-z0-9.,])\d[\d.,]*\d(?![A-Za-z0-9])/g,
    shape: (match) => {
      if (/^\d+\.\d\d$|^\d[\d,]*,\d{3}\.\d\d$/.test(match!)) return symbol('decimal2');
      if (/^\d+[.,]\d+$/.test(match!) && !/^\d+,\d{3}$/.test(match!)) return symbol('decimal');
      return /^\d{1,3}[\d,]*,\d{3}$/.test(match!) ? symbol('thousands') : match!;
    },
  },
  {
    name: 'digits',
    all: CLUE.digit,
    needs: DIGIT,
    pattern: /(?<![A-Za-z0-9])\d+(?![A-Za-z0-9])/g,
    shape: (match) => symbol(digitKind(match!)),
  },
];

const TAIL_BEGIN = '(?<![A-Za-z0-9*#.])';

/** Masked account and card numbers; run before money and dates, whose digits they would otherwise lose. */
export const TAIL_RULES: readonly ShapeRule[] = [
  {
    name: 'masked in front',
    all: CLUE.maskedFront,
    needs: /[xX*•#.]-?\d{2}/,
    pattern: new RegExp(
      `${TAIL_BEGIN}(?:[xX*•]{4}(?:[ -][xX*•]{2,4}){0,3}[ -]|[xX*•]{1,40}-?|\\.{2,6} ?\\d?)\\d{2,6}(?![A-Za-z0-9%]|[.,:]\\d)`,
      'g',
    ),
    shape: (match) => (/^[xX]\d{2}$/.test(match!) ? match! : symbol('tail')),
  },
  {
    name: 'masked within or behind',
    all: CLUE.maskedBehind,
    needs: /\d[xX*•#]/,
    pattern: new RegExp(
      `${TAIL_BEGIN}\\d{1,8}(?:[xX]{2,16}|[*•]{2,16}(?=[ -]?\\d)|[*•]{3,16}|#(?=\\d))[ -]?\\d{0,6}${END}`,
      'g',
    ),
    shape: to('tail'),
  },
  {
    name: 'ending',
    all: CLUE.ending | CLUE.digit,
    needs: /end|last/i,
    pattern: new RegExp(
      `${START}(ending|ends|last ?(?:4|four)? ?digits?)((?: (?:in|with|on|no))?:? )(?:[xX*•#]{1,20}|\\.{2,6} ?)?\\d{3,5}(?![A-Za-z0-9]|[.,:/-]\\d)`,
      'gi',
    ),
    shape: (_, word, link) => word! + link! + symbol('tail'),
  },
];
