import { symbol } from '../placeholders.ts';
import { CLUE } from './clues.ts';
import { DIGIT, END, type ShapeRule, to } from './rule.ts';

const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])';
const DAY = '\\d{1,2}(?:st|nd|rd|th)?';
const YEAR4 = '(?:19|20)\\d{2}';
const BEGIN = '(?<![A-Za-z0-9.,/-])';

const DATE = symbol('date');
const DAYMONTH = symbol('daymonth');
const TIME = symbol('time');

const DURATIONS: readonly (readonly [name: string, units: string])[] = [
  ['seconds', 'seconds?|secs?'],
  ['minutes', 'minutes?|mins?'],
  ['hours', 'hours?|hrs?'],
  ['days', 'days?'],
  ['weeks', 'weeks?|wks?'],
  ['months', 'months?|mths?|mos'],
  ['years', 'years?|yrs?'],
  ['data', '[kmgt]bs?|gigs?'],
  [
    'measure',
    'kgs?|kilos?|g|gms?|grams?|mg|mcg|ml|l|ltrs?|litres?|liters?|kms?|km/h|cms?|mm|mtrs?|metres?|meters?|miles?|ft|feet|sq ?ft|sqft|inch(?:es)?|acres?|lbs?|oz|kwh|kw|[kmg]bps|mah|mp|bhk',
  ],
  ['multiplier', 'x|times'],
];
const unitKind = (unit: string): string =>
  DURATIONS.find(([, units]) => new RegExp(`^(?:${units})$`, 'i').test(unit))![0];
const unitKinds = new Map<string, string>();

export const TIME_RULES: readonly ShapeRule[] = [
  {
    name: 'round the clock',
    all: CLUE.twentyFour,
    needs: /24/,
    pattern: new RegExp(`${BEGIN}24 ?[x*/] ?7${END}`, 'gi'),
    shape: to('roundclock'),
  },
  {
    name: 'age limit',
    all: CLUE.digitPlus,
    needs: /\d\+/,
    pattern: new RegExp(`${BEGIN}(?:18|21)\\+`, 'g'),
    shape: to('over18'),
  },
  {
    name: 'numeric date',
    all: CLUE.separated,
    needs: /\d[-/.]\d/,
    pattern:
      /(?<![A-Za-z0-9.,/-])(?:\d{4}([-/.])\d{1,2}\1\d{1,2}|\d{1,2}([-/.])\d{1,2}\2(?:\d{4}|\d{2}))(?:T(?=\d{2}:)|(?![\dA-Za-z/]|[-.,]\d))/g,
    shape: to('date'),
  },
  {
    name: 'day, month name, year',
    all: CLUE.digit | CLUE.month,
    needs: DIGIT,
    pattern: new RegExp(
      `${BEGIN}${DAY}[ .,/-]{0,2}(?:of )?${MONTH}(?:[ ,.]{0,2}[ ,./-]${YEAR4}${END}|[-/'" ]'?\\d{2}(?![\\dA-Za-z%]|[:.,]\\d))?`,
      'gi',
    ),
    shape: (match) => (/[a-z][^a-z]*\d{2}$/i.test(match!) ? DATE : DAYMONTH),
  },
  {
    name: 'month name, day, year',
    all: CLUE.digit | CLUE.month,
    needs: DIGIT,
    pattern: new RegExp(
      `(?<![A-Za-z0-9])${MONTH}[ .-]{0,2}${DAY}(?![\\dA-Za-z%:]|[.,]\\d)(?:,? ?${YEAR4}${END})?`,
      'gi',
    ),
    shape: (match) => {
      if (/\d[^\d]+\d{4}$/.test(match!)) return DATE;
      // "You may 5 times": a small "may" is hardly ever the month.
      return match!.startsWith('may') ? match! : DAYMONTH;
    },
  },
  {
    name: 'month and year',
    all: CLUE.digit | CLUE.month,
    needs: DIGIT,
    pattern: new RegExp(`(?<![A-Za-z0-9])${MONTH}(?:[ ,'-]{1,2}${YEAR4}|-\\d{2}|' ?\\d{2})${END}`, 'gi'),
    shape: to('monthyear'),
  },
  {
    name: 'clock time',
    all: CLUE.clock,
    needs: /\d ?[:ap.]/i,
    pattern:
      /(?<![A-Za-z0-9.,:])(?:\d{1,2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?: ?(?:[ap]\.?m\.?|hrs?|h)(?![A-Za-z0-9]))?(?:Z(?![A-Za-z]))?|\d{1,2}(?:\.\d{2})? ?[ap]\.?m(?:\.(?= |$))?(?![A-Za-z0-9]))(?!\d)/gi,
    shape: to('time'),
  },
  {
    name: 'number and unit',
    all: CLUE.unit,
    needs: DIGIT,
    pattern: new RegExp(
      `(?<![A-Za-z0-9.,])(?:\\d{1,4} ?(?:-|to) ?)?\\d[\\d,]{0,8}(?:\\.\\d{1,3})?[ -]?(${DURATIONS.map(([, units]) => units).join('|')})${END}`,
      'gi',
    ),
    shape: (match, unit) => {
      // 3G, 4G, 5G are networks, not grams.
      if (/^[2-6]G$/.test(match!)) return match!;
      const key = unit!.toLowerCase();
      let kind = unitKinds.get(key);
      if (kind === undefined) {
        kind = symbol(unitKind(key));
        unitKinds.set(key, kind);
      }
      return kind;
    },
  },
  {
    name: 'from an hour to a time',
    any: CLUE.clock | CLUE.symbol,
    needs: new RegExp(TIME),
    pattern: new RegExp(`(?<![A-Za-z0-9.,:])(?:\\d{1,2}|${TIME}) ?(?:-|to|till|until) ?${TIME}`, 'gi'),
    shape: to('timerange'),
  },
  {
    name: 'from a day to a date',
    any: CLUE.month | CLUE.separated | CLUE.symbol,
    needs: new RegExp(`[${DATE}${DAYMONTH}]`),
    pattern: new RegExp(
      `(?<![A-Za-z0-9.,])(?:${DAY}|[${DATE}${DAYMONTH}]) ?(?:-|to|till|until) ?[${DATE}${DAYMONTH}]`,
      'gi',
    ),
    shape: to('daterange'),
  },
];
