/**
 * Texts of one template differ in their numbers, and most of a number says nothing to the shaping rules: a six-digit
 * code is a six-digit code. The mould of a text has other digits in such places, the same for all: texts of one mould
 * have one canonical form, so canonicalising can be remembered by mould.
 *
 * What the rules do look at stays: short numbers, numbers that touch letters or signs, how many digits there are, round
 * numbers, years, the beginnings of phone numbers, and endings of prices. Where in doubt a number stays as it is: that
 * costs a look-up that finds nothing, never a wrong answer. `mould.test.ts` holds the two against each other.
 */

/** Runs of fewer digits are days, hours, cents, percentages: all of their digits matter. */
const LEAST_DIGITS = 3;
const ZERO = 48;
const NINE = 57;
/** Stands for any digit that says nothing. */
const ANY = '3';

const isDigit = (unit: number): boolean => unit >= ZERO && unit <= NINE;

const flags = (chars: string): Uint8Array => {
  const table = new Uint8Array(128);
  for (const char of chars) table[char.charCodeAt(0)] = 1;
  return table;
};
const BEFORE = flags(' \n(:#-,./');
const BEHIND = flags(' \n),.:-/;?');
/** What may stand between the groups of one phone number. */
const BETWEEN_GROUPS = flags(' ().-');

const SPECIAL_ZERO = /^0(?:80[08]|8[47]|9[018])/;
const SPECIAL_ONE = /^1[389]/;
const SPECIAL_EIGHT = /^8(?:00|88|77|66|55|44|33)/;
/** Prices end so, and half hundreds are round. */
const TELLING_ENDS = /(?:[94]9|50)$/;
const ROUND = /^..0+$/;
const YEAR = /^(?:19|20)..$/;
/** Runs of so many digits may be phone numbers by themselves. */
const PHONE_DIGITS = 8;

const moulded = new Map<string, string>();
const MOST_RUNS = 50_000;

/** The mould of a number that stands alone; the number itself where all of it matters. */
function mouldOfNumber(run: string): string {
  const known = moulded.get(run);
  if (known !== undefined) return known;
  const made = makeNumber(run);
  if (moulded.size >= MOST_RUNS) moulded.clear();
  moulded.set(run, made);
  return made;
}

function makeNumber(run: string): string {
  const zero = run.charCodeAt(0) === ZERO;
  const value = zero ? run.slice(1) : run;
  if (value.charCodeAt(0) === ZERO || value.length < LEAST_DIGITS) return run;
  if (ROUND.test(value) || YEAR.test(run)) return run;
  let head = zero ? '0' : '';
  if (run.length >= PHONE_DIGITS) {
    if (SPECIAL_ZERO.test(run) || SPECIAL_ONE.test(run)) head = run.slice(0, 4);
    else if (SPECIAL_EIGHT.test(run)) head = run.slice(0, 3);
  }
  const tail = TELLING_ENDS.test(run) ? run.slice(-2) : '';
  return head + ANY.repeat(run.length - head.length - tail.length) + tail;
}

/** Whether a digit that begins a phone number of a kind of its own is the first of this run. */
const beginsSpecial = (unit: number): boolean => unit === ZERO || unit === 49 || unit === 56;

/**
 * A text of the same length with the same canonical form, the same for all texts that differ only in digits that no
 * rule looks at. Idempotent; one walk, linear.
 */
export function mouldOf(text: string): string {
  const { length } = text;
  let made = '';
  let from = 0;
  /** The run before: its first digit, and where it ended. */
  let firstBefore = 0;
  let endBefore = -9;
  for (let i = 0; i < length; i++) {
    if (!isDigit(text.charCodeAt(i))) continue;
    const start = i;
    const first = text.charCodeAt(start);
    while (i < length && isDigit(text.charCodeAt(i))) i++;
    const group = beginsSpecial(firstBefore) && isGap(text, endBefore, start);
    firstBefore = first;
    endBefore = i;
    if (i - start < LEAST_DIGITS || group || !standsAlone(text, start, i)) continue;
    if (beginsSpecial(first) && groupFollows(text, i)) continue;
    const run = text.slice(start, i);
    const mould = mouldOfNumber(run);
    if (mould === run) continue;
    made += text.slice(from, start) + mould;
    from = i;
  }
  return from === 0 ? text : made + text.slice(from);
}

/** Whether all that stands between two runs may stand between groups of one number. */
function isGap(text: string, from: number, to: number): boolean {
  if (to - from > 3 || from < 0) return false;
  for (let i = from; i < to; i++) if (BETWEEN_GROUPS[text.charCodeAt(i)] !== 1) return false;
  return true;
}

function groupFollows(text: string, end: number): boolean {
  for (let i = end; i < end + 4 && i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (isDigit(unit)) return true;
    if (BETWEEN_GROUPS[unit] !== 1) return false;
  }
  return false;
}

/** No letter or telling sign touches the run. */
function standsAlone(text: string, start: number, end: number): boolean {
  if (end < text.length && BEHIND[text.charCodeAt(end)] !== 1) return false;
  if (start === 0) return true;
  const before = text.charCodeAt(start - 1);
  if (BEFORE[before] === 1) return true;
  // A currency sign, unless it may stand for a letter of a disguised word.
  if (before !== 0x24 && before !== 0xa3 && before !== 0x20ac && before !== 0x20b9) return false;
  return start === 1 || text.charCodeAt(start - 2) === 32 || text.charCodeAt(start - 2) === 10;
}
