import { PUBLIC_SHORTENERS } from './hosts.ts';
import { folded } from './wording.ts';

/** What the sender says of itself, against which a text is held. */
export interface SenderNames {
  /** The name under which the sender is known. */
  readonly brand?: string | undefined;
  /** The name on the commercial register. */
  readonly legalEntity?: string | undefined;
  /** As it is written in messages. */
  readonly postalAddress?: string | undefined;
  /** Address of the page that says who the sender is. */
  readonly identificationUrl?: string | undefined;
}

const EMAIL = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,4}/u;
/** A number that is introduced, has a plus, or is grouped as national numbers are: 02-123-4567, 0850 123 45 67, (415) 555-2671. */
const PHONE =
  /(?<![\p{L}\p{N}])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\d)|\b(?:tel|telefon|telefono|telephone|phone|call|tlf|fon|ara|appelez|llama|llame|ligue|chiama|bel|zadzwon|hotline|gsm)\b\W{0,4}(?:us |on |at )?\W{0,2}\d(?:[ ().-]{0,2}\d){6,14}(?!\d)|(?:電話|电话|전화|문의|טלפון|هاتف|โทร)\W{0,4}\d(?:[ ().-]{0,2}\d){6,14}(?!\d)|(?<![\p{L}\p{N}/.-])\(?0\d{1,4}\)?[ -]\d{2,4}(?:[ -]\d{2,4}){1,3}(?![\d-])|(?<![\p{L}\p{N}/.-])\(?[2-9]\d{2}\)?[ .-]{1,2}\d{3}[.-]\d{4}(?!\d)/gu;
const IMPRINT =
  /(?:https?:\/\/|www\.)[^\s"'<>]{1,160}\/(?:impressum|imprint|contact|kontakt|contacto|contato|contatti|contactez|about|legal-notice|mentions-legales|aviso-legal|note-legali|colofon|hakkimizda|iletisim|kvkk|tokutei|tokushoho|law|company|regulamin|hubungi|lien-he)|(?:impressum|imprint|mentions legales|aviso legal|note legali|colofon|contact us|about us|特定商取引|会社概要|iletisim|kunyemiz|about the sender|who we are)[^\n]{0,20}(?:https?:\/\/|www\.)/;

/** Letters and digits alone, each run of others one blank, so that line breaks and commas make no difference. */
const words = (text: string): string =>
  ` ${folded(text)
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()} `;

/** The Turkish tax number's check digit (Gelir İdaresi). */
function isTaxNumber(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < 9; i++) {
    const shifted = (Number(digits[i]) + 9 - i) % 10;
    const part = (shifted * 2 ** (9 - i)) % 9;
    sum += shifted !== 0 && part === 0 ? 9 : part;
  }
  return (10 - (sum % 10)) % 10 === Number(digits[9]);
}
/** The Turkish identity number's two check digits, by which sole traders are known. */
function isIdentityNumber(digits: string): boolean {
  const d = [...digits].map(Number);
  const odd = d[0]! + d[2]! + d[4]! + d[6]! + d[8]!;
  const even = d[1]! + d[3]! + d[5]! + d[7]!;
  const ten = d.slice(0, 10).reduce((sum, digit) => sum + digit, 0);
  return d[0] !== 0 && (((odd * 7 - even) % 10) + 10) % 10 === d[9] && ten % 10 === d[10];
}
/** A MERSIS number holds the tax number after a nought, or the identity number, and five more digits. */
function hasTurkishNumber(text: string): boolean {
  for (const [, mersis, tax] of text.matchAll(
    /mersis[^\d\n]{0,12}(\d{16})(?!\d)|(?:vkn|vergi (?:kimlik )?(?:no|numarasi))[^\d\n]{0,6}(\d{10})(?!\d)/g,
  )) {
    if (tax !== undefined && isTaxNumber(tax)) return true;
    if (mersis === undefined) continue;
    if (mersis.startsWith('0') ? isTaxNumber(mersis.slice(1, 11)) : isIdentityNumber(mersis.slice(0, 11))) {
      return true;
    }
  }
  return false;
}

/** A number to call, other than one that only takes refusals. */
function hasPhone(text: string): boolean {
  for (const { 0: written, index } of text.matchAll(PHONE)) {
    const refuses = /080/.test(written) && /거부\W{0,6}$/.test(text.slice(Math.max(0, index - 10), index));
    if (!refuses) return true;
  }
  return false;
}

/**
 * Elements that say who sends and how to reach them: `sender-name`, `brand-name`, `trade-name`, `contact`,
 * `phone-email-or-web`, `identification-link`, `mersis-or-tax-id`, and `postal-address` where the sender's is given.
 *
 * @param text as it is written
 * @param plain the same, folded
 * @param hosts of the links in it
 * @returns `unknown`: what cannot be told, for want of a name to look for or because only its reader sees where a
 * link leads
 */
export function identityOf(
  text: string,
  plain: string,
  hosts: readonly string[],
  names: SenderNames,
): { readonly found: string[]; readonly unknown: string[] } {
  const found: string[] = [];
  const unknown: string[] = [];
  const read = words(plain);
  const brand = folded(names.brand?.trim() ?? '');
  const entity = words(names.legalEntity ?? '').trim();
  const isBrand = brand !== '' && plain.includes(brand);
  const isEntity = entity !== '' && read.includes(` ${entity} `);
  if (isBrand) found.push('brand-name');
  else if (brand === '') unknown.push('brand-name');
  if (isEntity) found.push('trade-name');
  else if (entity === '') unknown.push('trade-name');
  if (isBrand || isEntity) found.push('sender-name');
  else if (brand === '' && entity === '') unknown.push('sender-name');
  const address = words(names.postalAddress ?? '').trim();
  if (address !== '' && read.includes(` ${address} `)) found.push('postal-address');
  const reachable = EMAIL.test(text) || hasPhone(plain);
  if (reachable) found.push('contact');
  if (reachable || hosts.some((host) => !PUBLIC_SHORTENERS.includes(host))) found.push('phone-email-or-web');
  const page = names.identificationUrl?.trim() ?? '';
  if ((page !== '' && text.includes(page)) || IMPRINT.test(plain)) found.push('identification-link');
  else if (hosts.length > 0 && page === '') unknown.push('identification-link');
  if (hasTurkishNumber(plain)) found.push('mersis-or-tax-id');
  return { found, unknown };
}
