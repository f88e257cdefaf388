/**
 * The closed set of shaped placeholders that canonical text is made of. A placeholder is written
 * `<name>`, `name` being lower-case ASCII letters with at most one digit suffix: one token for every word
 * splitter, and readable in a report.
 *
 * While text is being shaped each placeholder is a single private-use character, so that later rules can
 * never tear an earlier result apart.
 */
export interface Placeholder {
  readonly name: string;
  /** Coarse kind, for features that want fewer symbols (word pairs). */
  readonly family: string;
  /** Plain words an encoder trained on ordinary text understands. */
  readonly plain: string;
  /** What a person reads in a reason. */
  readonly phrase: string;
}

const rows: readonly (readonly [name: string, family: string, plain: string, phrase: string])[] = [
  ['subject', 'subject', 'Subject:', 'a subject line'],
  ['retriever', 'apphash', '', "the mark of an app's own code message"],
  ['apphash', 'apphash', '', "an app's signature line"],
  ['webotp', 'apphash', '', 'a code bound to a web site'],
  ['email', 'email', 'help@example.com', 'an e-mail address'],
  ['maskedemail', 'tail', 'j***@example.com', 'a masked e-mail address'],
  ['shortlink', 'link', 'bit.ly/link', 'a shortened link'],
  ['domain', 'link', 'example.com', 'a bare domain name'],
  ['urlhome', 'link', 'www.example.com', "a link to a site's front page"],
  ['urlpath', 'link', 'www.example.com/page', 'a link'],
  ['urldeep', 'link', 'www.example.com/my/page', 'a deep link'],
  ['urltrack', 'link', 'www.example.com/track', 'a tracking link'],
  ['urlpay', 'link', 'www.example.com/pay', 'a payment link'],
  ['urlcampaign', 'link', 'www.example.com/offer', 'a campaign link'],
  ['urlunsub', 'link', 'www.example.com/unsubscribe', 'an unsubscribe link'],
  ['chatlink', 'link', 'wa.me/chat', 'a chat link'],
  ['applink', 'link', 'app link', 'an app-store or in-app link'],
  ['payhandle', 'tail', 'name@bank', 'a payment handle'],
  ['tail', 'tail', 'XX1234', 'a masked account or card number'],
  ['amountcents1', 'amount', '$12.34', 'an exact small amount'],
  ['amountcents2', 'amount', '$512.34', 'an exact amount'],
  ['amountcents3', 'amount', '$25,512.34', 'an exact large amount'],
  ['amountzero1', 'amount', '$20.00', 'a small amount with cents'],
  ['amountzero2', 'amount', '$500.00', 'an amount with cents'],
  ['amountzero3', 'amount', '$20,000.00', 'a large amount with cents'],
  ['amountprice1', 'amount', '$9.99', 'a price just under a round number'],
  ['amountprice2', 'amount', '$499', 'a price just under a round number'],
  ['amountprice3', 'amount', '$19,999', 'a price just under a round number'],
  ['amountround1', 'amount', '$20', 'a small round amount'],
  ['amountround2', 'amount', '$500', 'a round amount'],
  ['amountround3', 'amount', '$50,000', 'a large round amount'],
  ['amountinteger1', 'amount', '$17', 'a small amount'],
  ['amountinteger2', 'amount', '$537', 'an amount'],
  ['amountinteger3', 'amount', '$25,537', 'a large amount'],
  ['pctdecimal', 'percent', '8.75%', 'a percentage with decimals'],
  ['pct5', 'percent', '5%', 'a percentage under 10'],
  ['pct10', 'percent', '10%', 'a percentage from 10 to 19'],
  ['pct20', 'percent', '25%', 'a percentage from 20 to 39'],
  ['pct40', 'percent', '50%', 'a percentage from 40 to 69'],
  ['pct70', 'percent', '80%', 'a percentage from 70 to 99'],
  ['pctwhole', 'percent', '100%', '100%'],
  ['pctover', 'percent', '200%', 'a percentage over 100'],
  ['date', 'date', '12 May 2025', 'a date'],
  ['daymonth', 'date', '12 May', 'a day and month'],
  ['monthyear', 'date', 'May 2025', 'a month and year'],
  ['daterange', 'date', '12 May to 15 May', 'a range of dates'],
  ['time', 'time', '10:30', 'a time of day'],
  ['timerange', 'time', '9am to 5pm', 'a range of times'],
  ['year', 'year', '2025', 'a year'],
  ['seconds', 'duration', '30 seconds', 'a number of seconds'],
  ['minutes', 'duration', '10 minutes', 'a number of minutes'],
  ['hours', 'duration', '24 hours', 'a number of hours'],
  ['days', 'duration', '7 days', 'a number of days'],
  ['weeks', 'duration', '2 weeks', 'a number of weeks'],
  ['months', 'duration', '3 months', 'a number of months'],
  ['years', 'duration', '2 years', 'a number of years'],
  ['data', 'quantity', '2 GB', 'an amount of data'],
  ['measure', 'quantity', '5 kg', 'a measured quantity'],
  ['multiplier', 'quantity', '10x', 'a multiplier'],
  ['over18', 'terms', '18+', 'an age limit'],
  ['roundclock', 'terms', '24/7', '"24/7"'],
  ['ref', 'ref', 'ABC12345', 'a reference number'],
  ['phone', 'phone', '555-123-4567', 'a phone number'],
  ['intlphone', 'phone', '+1 555 123 4567', 'an international phone number'],
  ['tollfree', 'phone', '1-800-123-4567', 'a toll-free number'],
  ['premium', 'phone', '0871 123 4567', 'a premium-rate number'],
  ['shortcode', 'phone', '12345', 'a short code to text or call'],
  ['num1', 'number', '5', 'a one-digit number'],
  ['num2', 'number', '25', 'a two-digit number'],
  ['num3', 'number', '250', 'a three-digit number'],
  ['thousands', 'number', '2,500', 'a number with thousands'],
  ['scaled', 'number', '50K', 'a number in thousands or more, such as 10K'],
  ['decimal', 'number', '4.5', 'a decimal number'],
  ['decimal2', 'number', '250.00', 'a number with two decimals'],
  ['ordinal', 'number', '1st', 'an ordinal number'],
  ['code4', 'code', '4821', 'a 4-digit number'],
  ['code5', 'code', '48215', 'a 5-digit number'],
  ['code6', 'code', '482156', 'a 6-digit number'],
  ['code7', 'code', '4821563', 'a 7-digit number'],
  ['code8', 'code', '48215637', 'an 8-digit number'],
  ['digits9', 'digits', '482156379', 'a number of 9 to 12 digits'],
  ['digits13', 'digits', '4821563790124', 'a number of 13 to 19 digits'],
  ['digits20', 'digits', '48215637901248215637', 'a very long number'],
  ['worddigits', 'alnum', 'SAVE20', 'a word with a number, such as SAVE20'],
  ['alnum5', 'alnum', 'A1B2C', 'a short mixed code'],
  ['alnum8', 'alnum', 'A1B2C3', 'a mixed code'],
  ['alnum12', 'alnum', 'A1B2C3D4E5', 'a long mixed code'],
  ['alnum20', 'alnum', 'A1B2C3D4E5F6G7H8', 'a very long mixed code'],
];

/** Every placeholder there is, in symbol order. */
export const PLACEHOLDERS: readonly Placeholder[] = Object.freeze(
  rows.map(([name, family, plain, phrase]) => Object.freeze({ name, family, plain, phrase })),
);

/** Every placeholder family, in order of first appearance. */
export const FAMILIES: readonly string[] = Object.freeze([...new Set(rows.map((row) => row[1]))]);

/** The symbol of the first placeholder; the others follow. */
export const FIRST_SYMBOL = 0xe000;
const idOf = new Map(PLACEHOLDERS.map((p, id) => [p.name, id]));
const symbolOfName = new Map(PLACEHOLDERS.map((p, id) => [p.name, String.fromCharCode(FIRST_SYMBOL + id)]));

/** Longest written form, in UTF-16 units, brackets included. */
export const MAX_PLACEHOLDER_LENGTH = Math.max(...rows.map((row) => row[0].length)) + 2;

/** The private-use character standing for a placeholder. Throws a RangeError for a name not in the table. */
export function symbol(name: string): string {
  const found = symbolOfName.get(name);
  if (found === undefined) throw new RangeError(`no placeholder is called "${name}"`);
  return found;
}

/** A regular-expression class body, e.g. for `[${SYMBOL_CLASS}]`, of all placeholder symbols. */
export const SYMBOL_CLASS = `\\uE000-\\u${(FIRST_SYMBOL + rows.length - 1).toString(16).padStart(4, '0')}`;

const WRITTEN = /<([a-z]{3,13}\d{0,2})>/g;
const SYMBOLS = new RegExp(`[${SYMBOL_CLASS}]`, 'g');

/** `<code6>` -> its one-character symbol; anything not in the table stays. */
export function encodeSymbols(text: string): string {
  if (!text.includes('<')) return text;
  return text.replace(WRITTEN, (whole, name: string) => symbolOfName.get(name) ?? whole);
}

const LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

/** Whether the character before or after a placeholder would run into it. */
function touches(char: string | undefined): boolean {
  if (char === undefined) return false;
  const unit = char.charCodeAt(0);
  if (unit < 0x80) {
    return (unit >= 97 && unit <= 122) || (unit >= 48 && unit <= 57) || (unit >= 65 && unit <= 90);
  }
  return isSymbol(char) || LETTER_OR_DIGIT.test(char);
}

/**
 * The reverse of {@link encodeSymbols}; a placeholder that touches a letter, a digit or another placeholder
 * gets a space between.
 */
export function writeSymbols(text: string): string {
  return text.replace(SYMBOLS, (char, at: number) => {
    const before = touches(text[at - 1]) && !isSymbol(text[at - 1]!) ? ' ' : '';
    const after = touches(text[at + 1]) ? ' ' : '';
    return `${before}<${PLACEHOLDERS[char.charCodeAt(0) - FIRST_SYMBOL]!.name}>${after}`;
  });
}

const isSymbol = (char: string): boolean => {
  const id = char.charCodeAt(0) - FIRST_SYMBOL;
  return id >= 0 && id < rows.length;
};

/** The number in {@link PLACEHOLDERS} of the placeholder named by a token such as `<code6>`; -1 for any other token. */
export function placeholderNumber(token: string): number {
  return token.charCodeAt(0) === 60 ? (idOf.get(token.slice(1, -1)) ?? -1) : -1;
}

/** The placeholder named by a token such as `<code6>`; undefined for any other token. */
export function placeholderOf(token: string): Placeholder | undefined {
  return PLACEHOLDERS[placeholderNumber(token)];
}

/** Replaces every written placeholder by what `plain` returns for it. */
export function mapPlaceholders(canonical: string, plain: (placeholder: Placeholder) => string): string {
  if (!canonical.includes('<')) return canonical;
  return canonical.replace(WRITTEN, (whole, name: string) => {
    const id = idOf.get(name);
    return id === undefined ? whole : plain(PLACEHOLDERS[id]!);
  });
}
