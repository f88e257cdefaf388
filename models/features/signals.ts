import { mapPlaceholders, PLACEHOLDERS, placeholderOf } from '../text/placeholders.ts';
import { tokenise } from '../text/tokenize.ts';
import { countPhrases, GROUP_NAMES, type PhraseGroup } from './phrases.ts';

/** What in a text a signal counts; signals of the text as a whole (its length, its capitals) count nothing in it. */
export type Counted =
  | { readonly kind: 'phrases'; readonly group: PhraseGroup }
  | { readonly kind: 'family'; readonly family: string }
  | { readonly kind: 'shapes'; readonly shapes: readonly string[] }
  | { readonly kind: 'sign'; readonly sign: string }
  | { readonly kind: 'emoji' | 'shouted' };

/** A canonical text, counted once for all signals. */
export interface TextView {
  readonly canonical: string;
  /** The text without its placeholders. */
  readonly prose: string;
  /** Lower-case words and placeholders. */
  readonly tokens: readonly string[];
  /** Placeholders by name. */
  readonly placeholders: ReadonlyMap<string, number>;
  /** Placeholders by family. */
  readonly families: ReadonlyMap<string, number>;
  /** Phrases by index in `GROUP_NAMES`. */
  readonly phrases: Uint16Array;
  readonly letters: number;
  readonly capitals: number;
  readonly nonAscii: number;
  readonly shouted: number;
}

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

function occurrences(text: string, char: string): number {
  let count = 0;
  for (let at = text.indexOf(char); at >= 0; at = text.indexOf(char, at + 1)) count++;
  return count;
}

function matches(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

const NOT_ASCII = /[^\x00-\x7f]/;
const countEmoji = (prose: string): number =>
  NOT_ASCII.test(prose) ? cap(matches(prose, /\p{Extended_Pictographic}/gu)) : 0;

/** Counts everything the signals are made of. */
export function viewText(canonical: string): TextView {
  const prose = mapPlaceholders(canonical, () => ' ');
  const tokens = tokenise(canonical);
  const placeholders = new Map<string, number>();
  const families = new Map<string, number>();
  for (const token of tokens) {
    const placeholder = placeholderOf(token);
    if (placeholder === undefined) continue;
    placeholders.set(placeholder.name, (placeholders.get(placeholder.name) ?? 0) + 1);
    families.set(placeholder.family, (families.get(placeholder.family) ?? 0) + 1);
  }
  const phrases = new Uint16Array(GROUP_NAMES.length);
  countPhrases(tokens, phrases);
  return { canonical, prose, tokens, placeholders, families, phrases, ...countLetters(prose) };
}

const isCapital = (unit: number): boolean => unit >= 65 && unit <= 90;
const isSmall = (unit: number): boolean => unit >= 97 && unit <= 122;

/** Letters, capitals, letters outside English, and words of three or more capitals, in one walk. */
function countLetters(prose: string): Pick<TextView, 'letters' | 'capitals' | 'nonAscii' | 'shouted'> {
  let letters = 0;
  let capitals = 0;
  let nonAscii = 0;
  let shouted = 0;
  let run = 0;
  let word = 0;
  for (let i = 0; i <= prose.length; i++) {
    const unit = i < prose.length ? prose.charCodeAt(i) : 0;
    const capital = isCapital(unit);
    if (capital || isSmall(unit) || (unit >= 0xaa && /\p{L}/u.test(prose[i]!))) {
      letters++;
      word++;
      if (capital) {
        capitals++;
        run++;
      } else if (unit >= 0xaa) nonAscii++;
      continue;
    }
    if (run >= 3 && run === word) shouted++;
    run = 0;
    word = 0;
  }
  return { letters, capitals, nonAscii, shouted };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const named = (prefix: string): readonly string[] =>
  PLACEHOLDERS.filter((p) => p.name.startsWith(prefix)).map((p) => p.name);

const signal = (name: string, phrase: string, extract: Signal['extract'], counted?: Counted): Signal =>
  Object.freeze({ name, phrase, extract, ...(counted ? { counted } : {}) });
const phraseSignal = (group: PhraseGroup, phrase: string): Signal => {
  const slot = GROUP_NAMES.indexOf(group);
  return signal(group, phrase, (view) => cap(view.phrases[slot]!), { kind: 'phrases', group });
};
const familySignal = (name: string, family: string, phrase: string): Signal =>
  signal(name, phrase, (view) => cap(view.families.get(family) ?? 0), { kind: 'family', family });
const shapeSignal = (name: string, phrase: string, ...shapes: readonly string[]): Signal =>
  signal(
    name,
    phrase,
    (view) => {
      let count = 0;
      for (const shape of shapes) count += view.placeholders.get(shape) ?? 0;
      return cap(count);
    },
    { kind: 'shapes', shapes },
  );

/** The counted signals, in column order. */
export const SIGNALS: readonly Signal[] = Object.freeze([
  signal('characters', 'the length of the message', (v) => Math.log1p(v.canonical.length)),
  signal('words', 'the number of words', (v) => Math.log1p(v.tokens.length)),
  signal('sentences', 'the number of sentences', (v) => cap(1 + matches(v.prose, /[.!?]+(?=\s|$)/g), 20)),
  signal('lineBreaks', 'line breaks', (v) => cap(occurrences(v.canonical, '\n'), 20)),
  signal('capitals', 'the share of capital letters', (v) => share(v.capitals, v.letters)),
  signal('shoutedWords', 'words in capitals', (v) => cap(v.shouted, 20), { kind: 'shouted' }),
  signal('exclamations', 'exclamation marks', (v) => cap(occurrences(v.prose, '!')), {
    kind: 'sign',
    sign: '!',
  }),
  signal('questions', 'question marks', (v) => cap(occurrences(v.prose, '?')), { kind: 'sign', sign: '?' }),
  signal('asterisks', 'asterisks', (v) => cap(occurrences(v.prose, '*')), { kind: 'sign', sign: '*' }),
  signal('emoji', 'emoji', (v) => countEmoji(v.prose), { kind: 'emoji' }),
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
  signal('subject', 'a subject line', (v) => (v.families.has('subject') ? 1 : 0)),
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
