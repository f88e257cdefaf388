import { LanewayError } from '../models/base/errors.ts';
import type { Random } from '../models/base/random.ts';
import type { Market } from './markets.ts';
import { BRANDS, CITIES, FAMILY_NAMES, GIVEN_NAMES, ITEMS, PLANS, STREETS } from './slot-values.ts';

/** Everything that the values of one message depend on. */
export interface SlotContext {
  readonly market: Market;
  readonly industry: string;
  /** Milliseconds since the epoch: dates in the text lie around it. */
  readonly nowMs: number;
  readonly random: Random;
}

/** Makes one value; `fill` gives the other slots of the same message. */
type Maker = (context: SlotContext, fill: (name: string) => string) => string;

const DIGITS = '0123456789';
const UPPER = 'ABCDEFGHJKLMNPQRSTUVWXYZ';
const DAY_MS = 86_400_000;
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']; // biome-ignore format: one line

/** How a market writes money: ways to put the currency, whether cents are usual, and the scale of a small purchase. */
const MONEY: Readonly<
  Record<Market, { readonly forms: readonly string[]; readonly scale: number; readonly cents: number }>
> = {
  US: { forms: ['$#', '$#', '$#', 'USD #'], scale: 40, cents: 0.7 },
  GB: { forms: ['£#', '£#', '£#', 'GBP #'], scale: 30, cents: 0.7 },
  IE: { forms: ['€#', '€#', 'EUR #', 'EUR#'], scale: 35, cents: 0.7 },
  CA: { forms: ['$#', '$#', 'C$#', 'CAD #'], scale: 45, cents: 0.7 },
  IN: { forms: ['Rs.#', 'Rs #', 'Rs. #', 'INR #', '₹#', 'Rs#'], scale: 900, cents: 0.4 },
  PK: { forms: ['Rs.#', 'Rs #', 'PKR #', 'Rs. #'], scale: 1800, cents: 0.3 },
  PH: { forms: ['P#', 'PHP #', '₱#', 'PHP#', 'Php#'], scale: 700, cents: 0.5 },
  SG: { forms: ['S$#', '$#', 'SGD #', 'SGD#'], scale: 40, cents: 0.7 },
  MY: { forms: ['RM#', 'RM #', 'RM#', 'MYR #'], scale: 60, cents: 0.6 },
  NG: { forms: ['N#', 'NGN#', 'NGN #', '₦#'], scale: 9000, cents: 0.4 },
  KE: { forms: ['KES #', 'Ksh#', 'KSh #', 'Ksh #', 'KES#'], scale: 1800, cents: 0.4 },
  ZA: { forms: ['R#', 'R #', 'R#', 'ZAR #'], scale: 350, cents: 0.5 },
  AE: { forms: ['AED #', 'AED#', 'Dhs #', 'AED #', 'Dhs.#'], scale: 150, cents: 0.5 },
  AU: { forms: ['$#', '$#', 'A$#', 'AUD #'], scale: 45, cents: 0.7 },
  NZ: { forms: ['$#', '$#', 'NZ$#', 'NZD #'], scale: 45, cents: 0.7 },
};

const PHONES: Readonly<Record<Market, readonly string[]>> = {
  US: ['###-555-01##', '(###) 555-01##', '1-800-555-01##', '1-888-555-01##'],
  GB: ['07700 900###', '0800 496 0###', '020 7946 0###', '03## ### ####'],
  IE: ['01 5## ####', '1800 ### ###', '08# ### ####'],
  CA: ['###-555-01##', '1-866-555-01##'],
  IN: ['9#########', '8#########', '1800 ### ####', '0##-########', '+91 9#### #####'],
  PK: ['03##-#######', '0800-#####', '021-111-###-###'],
  PH: ['09#########', '(02) 8###-####', '#8##'],
  SG: ['6### ####', '1800 ### ####', '8### ####'],
  MY: ['03-#### ####', '1-300-##-####', '01#-### ####'],
  NG: ['080########', '0700#######', '01-#######'],
  KE: ['07########', '0800 ### ###', '020 ### ####'],
  ZA: ['08## ### ###', '0861 ### ###', '011 ### ####'],
  AE: ['04 ### ####', '800 ####', '600 5#####', '05# ### ####'],
  AU: ['13 ## ##', '1300 ### ###', '1800 ### ###', '04## ### ###'],
  NZ: ['0800 ### ###', '09 ### ####', '021 ### ###'],
};

const MAKERS: Readonly<Record<string, Maker>> = {
  brand: ({ industry, random }) => random.pick(BRANDS[industry] ?? BRANDS['retail']!),
  shop: ({ random }) => random.pick(BRANDS[random.pick(['retail', 'grocery-food', 'travel', 'software'])]!),
  name: ({ market, random }) => random.pick(GIVEN_NAMES[market]),
  fullname: ({ market, random }, fill) => `${fill('name')} ${random.pick(FAMILY_NAMES[market])}`,
  city: ({ market, random }) => random.pick(CITIES[market]),
  street: ({ random }) => random.pick(STREETS),
  item: ({ industry, random }) => random.pick(ITEMS[industry] ?? ITEMS['retail']!),
  plan: ({ random }) => random.pick(PLANS),
  amount: (c) => money(c, c.random.next() ** 2 * 6 + 0.3),
  bigamount: (c) => money(c, 200 + c.random.next() ** 2 * 3000, 0.2),
  smallamount: (c) => money(c, 0.05 + c.random.next() * 0.4),
  pct: ({ random }) => `${random.pick([5, 8, 10, 12, 15, 20, 25, 30, 35, 40, 50, 60, 70, 75, 80, 90])}%`,
  code: ({ random }) => digits(random, random.pick([4, 5, 6, 6, 6, 6, 8])),
  longcode: ({ random }) => digits(random, 7 + random.below(5)),
  promo: ({ random }) => promoCode(random),
  ref: ({ random }) => reference(random),
  tail: ({ random }) => digits(random, random.pick([3, 4, 4, 4])),
  date: (c) => longDate(c),
  shortdate: (c) => shortDate(c),
  time: ({ random }) => clockTime(random),
  weekday: ({ random }) => random.pick(random.below(3) ? WEEKDAYS : WEEKDAYS.map((day) => day.slice(0, 3))),
  month: ({ random }) => random.pick(random.below(3) ? MONTHS : MONTHS.map((month) => month.slice(0, 3))),
  year: ({ nowMs, random }) => String(new Date(nowMs).getUTCFullYear() - random.below(2)),
  url: (c, fill) => url(c, fill('brand')),
  shorturl: ({ random }) => shortUrl(random),
  phone: ({ market, random }) => random.pick(PHONES[market]).replace(/#/g, () => random.pick([...DIGITS])),
  shortcode: ({ random }) => digits(random, random.pick([4, 5, 5, 5, 6])),
  email: (c, fill) =>
    `${c.random.pick(['care', 'help', 'support', 'info', 'hello', 'service'])}@${domain(c, fill('brand'))}`,
  n: ({ random }) => String(random.pick([2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 24, 30, 45, 50])),
  days: ({ random }) => String(random.pick([2, 3, 4, 5, 7, 10, 14, 15, 21, 28, 30, 60, 90])),
  gb: ({ random }) =>
    random.pick(['500MB', '1GB', '1.5GB', '2GB', '2 GB', '3GB', '5GB', '10 GB', '20GB', '50GB', '100GB']),
};

/** Every slot name that templates may use. */
export const SLOT_NAMES: ReadonlySet<string> = new Set(Object.keys(MAKERS));

/**
 * Values for the slots of one message. Brand, names, links, phone, code and references are the same wherever they
 * occur in it, and links are the brand's; amounts, dates and numbers are drawn anew each time.
 *
 * @param held values that are settled beforehand, by slot; those of {@link STABLE_SLOTS} are added as they are made
 * @throws LanewayError `TEMPLATE_UNKNOWN_SLOT` for a name that {@link SLOT_NAMES} lacks
 */
export function createSlotFiller(
  context: SlotContext,
  held: Map<string, string> = new Map(),
): (name: string) => string {
  const fill = (name: string): string => {
    const known = held.get(name);
    if (known !== undefined) return known;
    if (!SLOT_NAMES.has(name)) throw new LanewayError('TEMPLATE_UNKNOWN_SLOT', `no slot is called "${name}"`);
    const value = MAKERS[name]!(context, fill);
    if (STABLE_SLOTS.has(name)) held.set(name, value);
    return value;
  };
  return fill;
}

/** Slots with one value a message. */
export const STABLE_SLOTS: ReadonlySet<string> = new Set(
  'brand name fullname city item plan tail promo ref email code url shorturl phone shortcode'.split(' '),
);

function digits(random: Random, length: number): string {
  let out = String(1 + random.below(9));
  while (out.length < length) out += random.below(10);
  return out;
}

function letters(random: Random, length: number, from = UPPER): string {
  let out = '';
  while (out.length < length) out += from[random.below(from.length)];
  return out;
}

function money({ market, random }: SlotContext, factor: number, centsShare?: number): string {
  const { forms, scale, cents } = MONEY[market];
  const value = scale * factor;
  const exact = random.next() < (centsShare ?? cents);
  const rounding = value > 1000 ? 100 : value > 100 ? 10 : 1;
  const number = exact
    ? value.toFixed(2)
    : String(Math.max(rounding, Math.round(value / rounding) * rounding));
  const [whole, fraction] = number.split('.');
  const grouped = random.below(4) ? whole!.replace(/\B(?=(\d{3})+$)/g, ',') : whole!;
  return random.pick(forms).replace('#', fraction === undefined ? grouped : `${grouped}.${fraction}`);
}

function promoCode(random: Random): string {
  const word = random.pick([
    'SAVE',
    'WELCOME',
    'FRESH',
    'FEST',
    'EXTRA',
    'HELLO',
    'PARTY',
    'SPRING',
    'VIP',
    'TREAT',
    'NEW',
    'YAY',
    'GLOW',
    'FLASH',
    'BIG',
    'HAPPY',
  ]);
  return random.below(6) === 0
    ? letters(random, 6)
    : `${word}${random.pick(['', '10', '15', '20', '25', '30', '50', '100', '200'])}`;
}

function reference(random: Random): string {
  const forms = [
    () => letters(random, 2) + digits(random, 8),
    () => digits(random, 10),
    () => `#${digits(random, 6)}`,
    () => `${letters(random, 3)}-${digits(random, 5)}`,
    () => letters(random, 1) + digits(random, 3) + letters(random, 2) + digits(random, 3),
    () => digits(random, 12),
  ];
  return random.pick(forms)();
}

function nearbyDate({ nowMs, random }: SlotContext): Date {
  return new Date(nowMs + (random.below(40) - 10) * DAY_MS);
}

function longDate(context: SlotContext): string {
  const date = nearbyDate(context);
  const day = date.getUTCDate();
  const month = MONTHS[date.getUTCMonth()]!;
  const year = date.getUTCFullYear();
  const american = context.market === 'US' || context.market === 'PH';
  const forms = american
    ? [
        `${month} ${day}`,
        `${month.slice(0, 3)} ${day}`,
        `${month} ${day}, ${year}`,
        `${month.slice(0, 3)} ${day}, ${year}`,
      ]
    : [
        `${day} ${month}`,
        `${day} ${month.slice(0, 3)}`,
        `${day} ${month} ${year}`,
        `${day}-${month.slice(0, 3)}-${year}`,
        `${day}${ordinal(day)} ${month}`,
      ];
  return context.random.pick(forms);
}

function ordinal(day: number): string {
  return day % 10 === 1 && day !== 11
    ? 'st'
    : day % 10 === 2 && day !== 12
      ? 'nd'
      : day % 10 === 3 && day !== 13
        ? 'rd'
        : 'th';
}

function shortDate(context: SlotContext): string {
  const date = nearbyDate(context);
  const two = (value: number) => String(value).padStart(2, '0');
  const day = two(date.getUTCDate());
  const month = two(date.getUTCMonth() + 1);
  const year = String(date.getUTCFullYear());
  const american = context.market === 'US' || context.market === 'PH';
  const forms = american
    ? [`${month}/${day}`, `${month}/${day}/${year}`, `${month}/${day}/${year.slice(2)}`]
    : [
        `${day}/${month}`,
        `${day}/${month}/${year}`,
        `${day}-${month}-${year.slice(2)}`,
        `${day}.${month}.${year}`,
        `${day}-${month}-${year}`,
      ];
  return context.random.pick(forms);
}

function clockTime(random: Random): string {
  const hour = 6 + random.below(16);
  const minute = random.pick(['00', '00', '15', '30', '45', '05', '17', '52']);
  const twelve = ((hour + 11) % 12) + 1;
  const half = hour < 12 ? 'am' : 'pm';
  return random.pick([
    `${hour}:${minute}`,
    `${twelve}:${minute} ${half.toUpperCase()}`,
    `${twelve}:${minute}${half}`,
    minute === '00' ? `${twelve}${half}` : `${twelve}.${minute}${half}`,
  ]);
}

function domain({ market, random }: SlotContext, brand: string): string {
  const name = brand.toLowerCase().replace(/[^a-z]/g, '');
  const national: Partial<Record<Market, string>> = {
    GB: 'co.uk',
    IN: 'in',
    IE: 'ie',
    CA: 'ca',
    PK: 'com.pk',
    SG: 'com.sg',
    MY: 'com.my',
    NG: 'com.ng',
    KE: 'co.ke',
    ZA: 'co.za',
    AE: 'ae',
    AU: 'com.au',
    NZ: 'co.nz',
    PH: 'ph',
  };
  return `${name}.${random.below(2) ? 'com' : (national[market] ?? 'com')}`;
}

function url(context: SlotContext, brand: string): string {
  const { random } = context;
  const host = domain(context, brand);
  const path = random.pick([
    '',
    '',
    '/track',
    '/app',
    '/pay',
    '/offers',
    '/account',
    `/${letters(random, 5, 'abcdefghkmnpqrstuvwxyz')}`,
    '/my',
    '/help',
    '/go',
  ]);
  return random.pick(['https://', 'https://', 'http://', 'www.', '', '']) + host + path;
}

function shortUrl(random: Random): string {
  const host = random.pick([
    'bit.ly',
    'tinyurl.com',
    'cutt.ly',
    't.ly',
    'is.gd',
    'rb.gy',
    'lnk.to',
    'trk.example',
    'go.lnwy.example',
    'u1.mnge.example',
  ]);
  const key = letters(
    random,
    5 + random.below(4),
    'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789',
  );
  return `${random.pick(['https://', 'http://', '', ''])}${host}/${key}`;
}
