import { FAMILIES, PLACEHOLDERS } from '../text/placeholders.ts';
import { GROUP_NAMES, type PhraseGroup } from './phrases.ts';
import { type TextView, viewText } from './text-view.ts';

/** What in a text a signal counts; signals of the text as a whole (its length, its capitals) count nothing in it. */
export type Counted =
  | { readonly kind: 'phrases'; readonly group: PhraseGroup }
  | { readonly kind: 'family'; readonly family: string }
  | { readonly kind: 'shapes'; readonly shapes: readonly string[] }
  | { readonly kind: 'sign'; readonly sign: string }
  | { readonly kind: 'emoji' | 'shouted' };

export interface Signal {
  /** Stable, e.g. `exclamations`. */
  readonly name: string;
  /** What a person reads in a reason, e.g. "exclamation marks". */
  readonly phrase: string;
  /** Finite and at least 0. */
  readonly extract: (view: TextView) => number;
  /** Undefined: nothing that could be pointed at. */
  readonly counted?: Counted;
}

const CAP = 8;
const cap = (value: number, most = CAP): number => Math.min(value, most);

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const named = (prefix: string): readonly string[] =>
  PLACEHOLDERS.filter((p) => p.name.startsWith(prefix)).map((p) => p.name);

const signal = (name: string, phrase: string, extract: Signal['extract'], counted?: Counted): Signal =>
  Object.freeze({ name, phrase, extract, ...(counted ? { counted } : {}) });
const phraseSignal = (group: PhraseGroup, phrase: string): Signal => {
  const slot = GROUP_NAMES.indexOf(group);
  return signal(group, phrase, (view) => cap(view.phrases[slot]!), { kind: 'phrases', group });
};
const familySignal = (name: string, family: string, phrase: string): Signal => {
  const slot = FAMILIES.indexOf(family);
  return signal(name, phrase, (view) => cap(view.families[slot]!), { kind: 'family', family });
};
const shapeSignal = (name: string, phrase: string, ...shapes: readonly string[]): Signal => {
  const slots = shapes.map((shape) => PLACEHOLDERS.findIndex((placeholder) => placeholder.name === shape));
  return signal(
    name,
    phrase,
    (view) => {
      let count = 0;
      for (const slot of slots) count += view.placeholders[slot]!;
      return cap(count);
    },
    { kind: 'shapes', shapes },
  );
};

const SUBJECT = FAMILIES.indexOf('subject');

/** The counted signals, in column order. */
export const SIGNALS: readonly Signal[] = Object.freeze([
  signal('characters', 'the length of the message', (v) => Math.log1p(v.characters)),
  signal('words', 'the number of words', (v) => Math.log1p(v.words)),
  signal('sentences', 'the number of sentences', (v) => cap(1 + v.stops, 20)),
  signal('lineBreaks', 'line breaks', (v) => cap(v.lineBreaks, 20)),
  signal('capitals', 'the share of capital letters', (v) => share(v.capitals, v.letters)),
  signal('shoutedWords', 'words in capitals', (v) => cap(v.shouted, 20), { kind: 'shouted' }),
  signal('exclamations', 'exclamation marks', (v) => cap(v.exclamations), {
    kind: 'sign',
    sign: '!',
  }),
  signal('questions', 'question marks', (v) => cap(v.questions), { kind: 'sign', sign: '?' }),
  signal('asterisks', 'asterisks', (v) => cap(v.asterisks), { kind: 'sign', sign: '*' }),
  signal('emoji', 'emoji', (v) => cap(v.emoji), { kind: 'emoji' }),
  signal('nonAsciiLetters', 'letters outside English', (v) => share(v.nonAscii, v.letters)),
  shapeSignal(
    'exactCents',
    'exact amounts with cents',
    ...named('amountcents'),
    ...named('amountzero'),
    'decimal2',
  ),
  shapeSignal('roundAmounts', 'round amounts', ...named('amountround')),
  shapeSignal('pricePoints', 'prices just under a round number', ...named('amountprice')),
  shapeSignal('otherAmounts', 'other amounts', ...named('amountinteger')),
  shapeSignal('smallPercents', 'small percentages', 'pct5', 'pctdecimal'),
  shapeSignal(
    'largePercents',
    'large percentages',
    'pct10',
    'pct20',
    'pct40',
    'pct70',
    'pctwhole',
    'pctover',
  ),
  familySignal('links', 'link', 'links'),
  shapeSignal('shortLinks', 'shortened links', 'shortlink'),
  shapeSignal('campaignLinks', 'links into a campaign', 'urlcampaign'),
  shapeSignal('serviceLinks', 'tracking and payment links', 'urltrack', 'urlpay'),
  shapeSignal('appLinks', 'links to an app or a chat', 'applink', 'chatlink'),
  shapeSignal('siteNames', 'names of web sites', 'domain', 'urlhome'),
  shapeSignal('codes', "numbers of a code's length", 'code4', 'code5', 'code6', 'code7', 'code8'),
  familySignal('mixedCodes', 'alnum', 'codes of letters and digits'),
  familySignal('references', 'ref', 'reference numbers'),
  familySignal('longNumbers', 'digits', 'long numbers'),
  familySignal('maskedAccounts', 'tail', 'masked account or card numbers'),
  familySignal('appSignatures', 'apphash', "an app's signature line"),
  familySignal('dates', 'date', 'dates'),
  shapeSignal('times', 'times of day', 'time', 'timerange'),
  shapeSignal('shortDurations', 'minutes or seconds', 'seconds', 'minutes'),
  shapeSignal('longDurations', 'hours, days or longer', 'hours', 'days', 'weeks', 'months', 'years'),
  familySignal('quantities', 'quantity', 'measured quantities'),
  shapeSignal('shortCodes', 'short codes to text', 'shortcode'),
  shapeSignal('phones', 'phone numbers', 'phone', 'intlphone', 'tollfree', 'premium'),
  shapeSignal('emails', 'e-mail addresses', 'email'),
  familySignal('numbers', 'number', 'plain numbers'),
  signal('subject', 'a subject line', (v) => cap(v.families[SUBJECT]!, 1)),
  phraseSignal('callToAction', 'calls to action'),
  phraseSignal('replyKeyword', 'asking for a keyword in reply'),
  phraseSignal('free', '"free" and the like'),
  phraseSignal('discount', 'discount wording'),
  phraseSignal('offer', 'offer wording'),
  phraseSignal('win', 'prizes and winning'),
  phraseSignal('urgency', 'urgency wording'),
  phraseSignal('optOut', 'opt-out wording'),
  phraseSignal('terms', 'terms and conditions'),
  phraseSignal('security', 'security wording'),
  phraseSignal('code', 'passwords and codes'),
  phraseSignal('debitCredit', 'money that moved'),
  phraseSignal('fulfilment', 'shipping and delivery'),
  phraseSignal('stateChange', 'something that has been done'),
  phraseSignal('account', 'accounts and balances'),
  phraseSignal('order', 'orders, tickets and references'),
  phraseSignal('appointment', 'appointments and departures'),
  phraseSignal('due', 'something due'),
  phraseSignal('expiry', 'validity and usage'),
  phraseSignal('dear', '"dear customer" and the like'),
  phraseSignal('greeting', 'a greeting'),
  phraseSignal('yours', '"you" and "your"'),
  phraseSignal('ours', '"we" and "our"'),
  phraseSignal('thanks', 'thanks'),
  phraseSignal('feedback', 'asking for feedback'),
  phraseSignal('newsletter', 'newsletter wording'),
  phraseSignal('wishes', 'wishes and celebrations'),
  phraseSignal('superlative', 'superlatives'),
]);

/** How many values {@link countSignals} writes. */
export const SIGNAL_COUNT = SIGNALS.length;

/**
 * Writes every signal of a canonical text to `out[offset .. offset + SIGNAL_COUNT)`, in the order of
 * {@link SIGNALS}. Counts are capped, lengths are natural logarithms, shares lie in [0, 1].
 *
 * @throws RangeError when `out` is too short
 */
export function countSignals(canonical: string, out: Float32Array, offset = 0): void {
  if (offset < 0 || offset + SIGNAL_COUNT > out.length) {
    throw new RangeError(`signals need ${SIGNAL_COUNT} places from ${offset}, the array has ${out.length}`);
  }
  const view = viewText(canonical);
  for (let i = 0; i < SIGNAL_COUNT; i++) out[offset + i] = SIGNALS[i]!.extract(view);
}
