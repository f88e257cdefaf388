/**
 * What one walk over a text finds out about which shaping rules can match in it. Each clue is a necessary condition of
 * some rules: a rule without its clues is skipped unasked, which is most of the work on an ordinary message.
 */
export const CLUE = {
  digit: 1 << 0,
  at: 1 << 1,
  hash: 1 << 2,
  star: 1 << 3,
  /** `//` or `w.`, the beginning of an address. */
  address: 1 << 4,
  /** A letter behind a full stop. */
  dotLetter: 1 << 5,
  /** The last eleven characters could be an app's signature. */
  signature: 1 << 6,
  /** A digit behind one of `xX*•#.`, with a dash between at most. */
  maskedFront: 1 << 7,
  /** One of `xX*•#` behind a digit. */
  maskedBehind: 1 << 8,
  /** A word that begins like "ending" or "last". */
  ending: 1 << 9,
  /** `$` or any character beyond ASCII that is no placeholder. */
  sign: 1 << 10,
  /** A currency before a number. */
  currencyBefore: 1 << 11,
  /** `R` or `N` before a digit. */
  rand: 1 << 12,
  /** A currency, a scale or `/-` behind a number. */
  currencyBehind: 1 << 13,
  /** A letter of `KLMC` behind a number. */
  scaled: 1 << 14,
  /** `%`, "per" or "pct" behind a number. */
  percent: 1 << 15,
  /** `24`. */
  twentyFour: 1 << 16,
  /** `+` behind a digit. */
  digitPlus: 1 << 17,
  /** Two digits with one of `-/.,` between. */
  separated: 1 << 18,
  /** A word that begins like a month. */
  month: 1 << 19,
  /** A colon, or a word like "am" and "pm", behind a number. */
  clock: 1 << 20,
  /** A word that begins like a unit behind a number. */
  unit: 1 << 21,
  /** A placeholder. */
  symbol: 1 << 22,
  letterDigit: 1 << 23,
  digitLetter: 1 << 24,
  /** A digit behind `+` or `00`. */
  dialled: 1 << 25,
  /** `800` or `300`. */
  tollFree: 1 << 26,
  /** Two groups of digits with one or two of `) .-` between. */
  grouped: 1 << 27,
  /** A word that begins like one before a reference. */
  reference: 1 << 28,
  /** A word that begins like "text", "send", "call". */
  invitation: 1 << 29,
  /** Eight digits in a row. */
  longNumber: 1 << 30,
} as const;

const EVERYTHING = 0x7fff_ffff;
/** Some rules read only so much of an endless word: such a text is shown to all rules. */
const LONGEST_WORD = 60;

/** First up to three letters of a word as a number in base 27, shorter words filled up with zeros. */
const WORD_IDS = 27 ** 3;
const WORD_MARKS = new Uint16Array(WORD_IDS);

const MARK = {
  ending: 1,
  month: 2,
  reference: 4,
  invitation: 8,
  currencyBefore: 16,
  currencyBehind: 32,
  percent: 64,
  clock: 128,
  unit: 256,
  scaled: 512,
} as const;

function idOf(word: string): number {
  let id = 0;
  for (let i = 0; i < 3; i++) id = id * 27 + (i < word.length ? word.charCodeAt(i) - 96 : 0);
  return id;
}

/** Marks every word that begins with one of the first three letters given; `.` behind a word means any third letter. */
function mark(bit: number, words: string): void {
  for (const word of words.split(' ')) {
    if (!word.endsWith('.')) WORD_MARKS[idOf(word.slice(0, 3))]! |= bit;
    else for (let third = 0; third < 27; third++) WORD_MARKS[idOf(word.slice(0, 2)) + third]! |= bit;
  }
}

/** The currency codes of `money.ts`, by their first three letters. */
export const CURRENCY_WORDS =
  'usd gbp eur inr aed npr pkr lkr bdt ngn kes ksh ghs gh zar ugx tzs tsh ush etb rwf zmw bwp mwk xof xaf mad sgd ' +
  'hkd aud nzd cad myr php idr thb vnd chf sek nok dkk pln czk huf try brl mxn ars clp cop pen sar qar kwd bhd omr ' +
  'jod egp ils jpy cny rmb krw twd rub uah mzn aoa bht mur scr sll gmd mmk khr lak mnt kzt uzs gel amd azn ron bgn ' +
  'rsd isk mop uyu pyg bob crc gtq dop jmd ttd iqd irr lbp tnd dzd lyd sdg sos djf cdf';

mark(MARK.ending, 'end las');
mark(MARK.month, 'jan feb mar apr may jun jul aug sep oct nov dec');
mark(
  MARK.reference,
  'ref txn trx tra tid utr upi rrn pnr awb doc con way inv ord boo res tic cas com req sr. app pol cla bil cus mem ' +
    'acc a shi par pac id. fol rec iti',
);
mark(MARK.invitation, 'sms txt tex sen rep msg mes wha sto cal dia');
mark(MARK.currencyBefore, `${CURRENCY_WORDS} rs. re. rm. rp. kr. php ksh tk. nrs nu. sr. dh. gh.`);
mark(
  MARK.currencyBehind,
  `${CURRENCY_WORDS} dol rup rs eur pou qui pen cen buc bah bir nai ced ran shi dir riy rin rup pes yen yua won tak ` +
    'pai z kr tl p lak lac cro mil tho hun k m mn bn cr',
);
mark(MARK.percent, 'per pct');
mark(MARK.clock, 'am pm a p');
mark(
  MARK.unit,
  'sec min hou hr hrs day wee wk wks mon mth mos yea yr yrs k kb kbs m mb mbs g gb gbs t tb tbs gig kg kgs kil gm ' +
    'gms gra mg mcg ml l ltr lit km kms cm cms mm mtr met mil ft fee sq sqf inc acr lb lbs oz kwh kw kbp mbp gbp ' +
    'mah mp bhk x tim',
);
// "2k" may run on into a currency ("2krs"), so of these the first letter alone decides.
for (const first of 'klmc') {
  const base = idOf(first);
  for (let rest = 0; rest < 729; rest++)
    WORD_MARKS[base + rest]! |= first === 'k' ? MARK.scaled | MARK.currencyBehind : MARK.scaled;
}

const OTHER = 0;
const LETTER = 1;
const NUMERAL = 2;
const kinds = new Uint8Array(128);
for (let unit = 48; unit < 58; unit++) kinds[unit] = NUMERAL;
for (let unit = 65; unit < 91; unit++) kinds[unit] = kinds[unit + 32] = LETTER;

const isDigit = (unit: number): boolean => unit >= 48 && unit <= 57;

/** Clues of a character that is neither letter nor digit; `before` stands in front of it. */
function cluesOfSign(unit: number, before: number): number {
  if (unit >= 128) {
    if (unit >= 0xe000 && unit <= 0xf8ff) return CLUE.symbol;
    return CLUE.sign | (unit === 0x2022 && isDigit(before) ? CLUE.maskedBehind : 0);
  }
  switch (unit) {
    case 0x23: // #
      return CLUE.hash | (isDigit(before) ? CLUE.maskedBehind : 0);
    case 0x24: // $
      return CLUE.sign;
    case 0x25: // %
      return CLUE.percent;
    case 0x2a: // *
      return CLUE.star | (isDigit(before) ? CLUE.maskedBehind : 0);
    case 0x2b: // +
      return isDigit(before) ? CLUE.digitPlus : 0;
    case 0x2d: // -
      return before === 0x2f ? CLUE.currencyBehind : 0;
    case 0x2e: // .
      return before === 0x77 || before === 0x57 ? CLUE.address : 0;
    case 0x2f: // /
      return before === 0x2f ? CLUE.address : 0;
    case 0x3a: // :
      return isDigit(before) ? CLUE.clock : 0;
    case 0x40: // @
      return CLUE.at;
    default:
      return 0;
  }
}

const isMask = (unit: number): boolean =>
  unit === 0x78 || unit === 0x58 || unit === 0x2a || unit === 0x2022 || unit === 0x23 || unit === 0x2e;
const isGroupSign = (unit: number): boolean =>
  unit === 0x29 || unit === 0x20 || unit === 0x2e || unit === 0x2d;

/** Clues of a digit that stands behind `a b c`, none of the three being read as a digit beyond the text. */
function cluesOfDigit(unit: number, a: number, b: number, c: number, run: number): number {
  let clues: number = CLUE.digit;
  if (run === 1) {
    if (isMask(c) || (c === 0x2d && isMask(b))) clues |= CLUE.maskedFront;
    if (c === 0x52 || c === 0x4e) clues |= CLUE.rand;
    if (c === 0x2b) clues |= CLUE.dialled;
    if (c < 128 && kinds[c] === LETTER) clues |= CLUE.letterDigit;
    if (isDigit(b) && (c === 0x2d || c === 0x2f || c === 0x2e || c === 0x2c)) clues |= CLUE.separated;
    if (isGroupSign(c) && (isDigit(b) || (isGroupSign(b) && isDigit(a)))) clues |= CLUE.grouped;
    return clues;
  }
  if (run >= 8) clues |= CLUE.longNumber;
  if (unit === 0x34 && c === 0x32) clues |= CLUE.twentyFour;
  if (run > 2 && c === 0x30 && b === 0x30) clues |= CLUE.dialled;
  if (run > 2 && unit === 0x30 && c === 0x30 && (b === 0x38 || b === 0x33)) clues |= CLUE.tollFree;
  return clues;
}

/** Whether only a blank, a dash, full stops and commas lie between a digit and `at`. */
function followsNumber(text: string, at: number): boolean {
  let i = at - 1;
  let unit = text.charCodeAt(i);
  if (unit === 0x20 || unit === 0x2d) unit = text.charCodeAt(--i);
  while (unit === 0x2c || unit === 0x2e) unit = text.charCodeAt(--i);
  return isDigit(unit);
}

/** Whether at most `most` of ` .:` lie between `at` and a digit. */
function leadsToNumber(text: string, at: number, most: number): boolean {
  for (let i = at; i <= at + most; i++) {
    const unit = text.charCodeAt(i);
    if (isDigit(unit)) return true;
    if (unit !== 0x20 && unit !== 0x2e && unit !== 0x3a) return false;
  }
  return false;
}

/** Clues of the word of `length` letters that ends before `end`. */
function cluesOfWord(text: string, end: number, length: number, id: number): number {
  const marks = WORD_MARKS[id]!;
  const start = end - length;
  const before = start > 0 ? text.charCodeAt(start - 1) : 0;
  let clues = 0;
  if (isDigit(before)) {
    clues |= CLUE.digitLetter;
    // "12thMay".
    if (length > 4) clues |= CLUE.month;
  } else if (before === 0x2e) clues |= CLUE.dotLetter;
  if (marks !== 0) {
    if ((marks & MARK.ending) !== 0) clues |= CLUE.ending;
    if ((marks & MARK.month) !== 0) clues |= CLUE.month;
    if ((marks & MARK.reference) !== 0) clues |= CLUE.reference;
    if ((marks & MARK.invitation) !== 0) clues |= CLUE.invitation;
    if ((marks & MARK.currencyBefore) !== 0 && length <= 8 && leadsToNumber(text, end, 4))
      clues |= CLUE.currencyBefore;
    const behind = MARK.currencyBehind | MARK.percent | MARK.clock | MARK.unit | MARK.scaled;
    if ((marks & behind) !== 0 && followsNumber(text, start)) {
      if ((marks & MARK.currencyBehind) !== 0) clues |= CLUE.currencyBehind;
      if ((marks & MARK.percent) !== 0) clues |= CLUE.percent;
      if ((marks & MARK.clock) !== 0) clues |= CLUE.clock;
      if ((marks & MARK.unit) !== 0) clues |= CLUE.unit;
      if ((marks & MARK.scaled) !== 0) clues |= CLUE.scaled;
    }
  }
  return clues;
}

const SIGNATURE_LENGTH = 11;

function endsLikeSignature(text: string): boolean {
  if (text.length < SIGNATURE_LENGTH) return false;
  for (let i = text.length - SIGNATURE_LENGTH; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 128 || (kinds[unit] === OTHER && unit !== 0x2b && unit !== 0x2f)) return false;
  }
  return true;
}

/** All clues of a text with symbols in, as a set of bits of {@link CLUE}. One walk, nothing allocated. */
export function cluesOf(text: string): number {
  let clues = endsLikeSignature(text) ? CLUE.signature : 0;
  let word = 0;
  let id = 0;
  let run = 0;
  let unbroken = 0;
  let a = 0;
  let b = 0;
  let c = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    const kind = unit < 128 ? kinds[unit]! : OTHER;
    if (kind === LETTER) {
      run = 0;
      word++;
      if (word <= 3) id = id * 27 + (unit & 31);
      if ((unit | 32) === 0x78 && isDigit(c)) clues |= CLUE.maskedBehind;
    } else {
      if (word > 0) {
        if (word < 3) id *= word === 2 ? 27 : 729;
        clues |= cluesOfWord(text, i, word, id);
        word = 0;
        id = 0;
      }
      if (kind === NUMERAL) clues |= cluesOfDigit(unit, a, b, c, ++run);
      else {
        run = 0;
        clues |= cluesOfSign(unit, c);
      }
    }
    unbroken = unit === 0x20 || unit === 0x0a ? 0 : unbroken + 1;
    if (unbroken > LONGEST_WORD) return EVERYTHING;
    a = b;
    b = c;
    c = unit;
  }
  if (word > 0) {
    if (word < 3) id *= word === 2 ? 27 : 729;
    clues |= cluesOfWord(text, text.length, word, id);
  }
  return clues;
}
