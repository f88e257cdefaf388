import type { MessageFacts } from '../facts.ts';
import type { Channel, PatternSpec } from '../types.ts';
import { STATABLE } from './content-names.ts';
import { advertises, detectorsOf } from './detectors.ts';
import { identityOf, type SenderNames } from './identity.ts';
import {
  AD_LABEL,
  BASE_RATE,
  FREE_OPT_OUT_KR,
  folded,
  OFFER,
  optOutWording,
  UNSUBSCRIBE_LINK,
} from './wording.ts';

/** What a message contains, as rules ask for it; laid into `facts.message`. */
export type ContentFacts = Required<
  Pick<
    MessageFacts,
    | 'elements'
    | 'elementsUnknown'
    | 'detectors'
    | 'urlHosts'
    | 'urlCount'
    | 'phones'
    | 'phoneCount'
    | 'length'
    | 'patterns'
  >
>;

/** Parts of a message beside its body. */
export interface ContentExtras extends SenderNames {
  readonly subject?: string | undefined;
  /** E-mail headers; names in any case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** What the message is about, as the caller states it. */
  readonly topic?: string | undefined;
  /** Elements that no text shows, as the caller states them (`STATABLE`); others are ignored. */
  readonly stated?: readonly string[] | undefined;
  /** Whether it reveals data of a special category; goes before what words tell. */
  readonly specialCategory?: boolean | undefined;
  /** What the rules in force ask of the text (`RuleSet.patterns`); without it no such question is answered. */
  readonly patterns?: readonly PatternSpec[] | undefined;
}

/** "Reply STOP to end", "Text STOP to 12345", "STOP au 36111", "SMS STOP to", "to opt out", "To unsubscribe ...". */
const OPT_OUT = [
  /\b(?:reply|text|txt|send|sms|envoyez?)\b[^.\n]{0,20}\b(?:stop|end|quit|cancel|unsub(?:scribe)?|opt-?out|arr[eê]t)\b/i,
  /\bSTOP\b\s*(?:to|2|=|:|au|at|an)\s*\S/,
  /\b(?:to|2)\s+(?:stop|end|opt[ -]?out|unsub(?:scribe)?)\b\s*[:,]?\s*(?:reply|text|txt|send|sms|call|click|visit|tap|follow|go|https?:|www\.)/i,
  /\bopt[ -]?out\b\s*(?:at|via|by|on|here|:|https?:)/i,
  /\b(?:stop|end|unsub(?:scribe)?)2(?:end|stop)\b|\btxt\s?stop\b|\bstop2end\b/i,
  /\bunsubscribe\b\s*(?:at|via|here|link|:|<|\(|https?:)/i,
];
const LINK_NEAR_UNSUBSCRIBE =
  /\b(?:unsubscribe|opt[ -]?out|manage (?:your )?preferences)\b[\s\S]{0,120}?(?:https?:\/\/|mailto:)|(?:https?:\/\/|mailto:)\S{0,200}(?:unsub|opt-?out|preferences)/i;
const REPLY_UNSUBSCRIBE = /\breply\b[^.\n]{0,40}\b(?:unsubscribe|remove)\b/i;
/** "This number cannot receive replies", "Two-way texting is not available", "Replies are not read". */
const ONE_WAY =
  /\b(?:cannot|can ?not|can't|unable to|do(?:es)? not|don't) (?:receive|accept|read|monitor) (?:repl(?:y|ies)|texts|messages)\b|\brepl(?:y|ies) (?:to this \w+ )?(?:is|are) not (?:read|monitored|received|possible)\b|\btwo-way (?:texting|messaging) is not (?:available|supported)\b/i;
/** A way to refuse that is no reply: a page, a number to call, an address. */
const OTHER_WAY_OUT =
  /\b(?:opt[ -]?out|unsubscribe|to stop|stop (?:texts|messages))\b[^.\n]{0,40}\b(?:visit|call|at|via|e-?mail|go to)\b[^\n]{0,20}(?:https?:\/\/|www\.|\d{3}|\S@)/i;
/** A number, a street and a postal code of the usual forms: US, Canada, UK, India; or a post office box. */
const POSTAL = [
  /\b\d{1,6}\s+[\p{L}.' -]{2,40}\b(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|way|square|sq|place|pl|court|ct|parkway|pkwy|suite|floor|highway|hwy)\b[\s\S]{0,80}?\b(?:\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|[1-9]\d{2} ?\d{3})\b/iu,
  /\bp\.?\s?o\.?\s?box\s+\d+\b[\s\S]{0,80}?\b\d{4,6}\b/i,
];
const URL_HOST =
  /\b(?:https?:\/\/|www\.)([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?\.[a-z]{2,})|\b([a-z0-9-]+\.(?:ly|gl|co|me|gd|cc|io))\/\S/gi;
const LONGEST = 100_000;

const some = (patterns: readonly RegExp[], text: string): boolean =>
  patterns.some((pattern) => pattern.test(text));

/** Host of every link, doubles included. */
const linksIn = (text: string): string[] =>
  [...text.matchAll(URL_HOST)].map(([, host, short]) => (host ?? short ?? '').toLowerCase());

/** Eight to fifteen digits, grouped or not, that are no date, amount or longer number; E.164 keeps its plus. */
const PHONE = /(?<![\p{L}\p{N}$€£₹.,/:#=_-])\+?\(?\d(?:[ ().-]{0,2}\d){7,14}(?![\p{L}\p{N}])/gu;

/** Numbers to call: with a plus, or introduced as one, or in the groups that people write them in. */
function phonesIn(text: string): string[] {
  const found = new Set<string>();
  for (const { 0: written, index } of text.matchAll(PHONE)) {
    const digits = written.replaceAll(/\D/g, '');
    const before = text.slice(Math.max(0, index - 16), index);
    const introduced =
      /(?:call|tel|phone|ph|mobile|whatsapp|dial|appelez|llame|ruf)\W{0,3}(?:us |on |at |no )?\W{0,2}$/i;
    if (written.startsWith('+') || introduced.test(before)) {
      found.add(written.startsWith('+') ? `+${digits}` : digits);
    }
  }
  return [...found].sort();
}

/** The text that a question is put to: the subject, where there is one, for `subject-or-body`. */
function placeOf(
  where: PatternSpec['where'],
  body: string,
  subject: string | undefined,
  headers: ReadonlyMap<string, string>,
): string | undefined {
  if (where === 'body') return body;
  if (where === 'subject') return subject;
  if (where === 'subject-or-body') return subject ?? body;
  return headers.get(where.slice('header:'.length));
}

const lowerNames = (headers: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

function emailElements(text: string, plain: string, headers: Readonly<Record<string, string>>): string[] {
  const byName = lowerNames(headers);
  const elements: string[] = [];
  const list = byName.get('list-unsubscribe') ?? '';
  if (/<(?:https:\/\/|mailto:)[^>]+>/.test(list)) elements.push('list-unsubscribe');
  const post = byName.get('list-unsubscribe-post') ?? '';
  if (/<https:\/\/[^>]+>/.test(list) && post.trim() === 'List-Unsubscribe=One-Click') {
    elements.push('list-unsubscribe-one-click');
  }
  if (LINK_NEAR_UNSUBSCRIBE.test(text) || REPLY_UNSUBSCRIBE.test(text) || UNSUBSCRIBE_LINK.test(plain)) {
    elements.push('unsubscribe-link');
  }
  return elements;
}

/** A last part so long may hold an opt-out together with what it is followed by: a number, a link, a signature. */
const END = 160;
const AFTER_OPT_OUT = 60;

/** Is an opt-out the last thing: nothing after it but the rest of its sentence, a link or a name in brackets? */
function endsWithOptOut(text: string, plain: string): boolean {
  const ends = (whole: string, patterns: readonly RegExp[]): boolean => {
    const tail = whole.trimEnd().slice(-END);
    return patterns.some((pattern) => {
      const match = pattern.exec(tail);
      if (match === null) return false;
      const rest = tail.slice(match.index + match[0].length);
      const after = rest
        .replace(/^[^\n]*?(?:[.!?。！？](?=\s|$)|$)/, '')
        .replaceAll(/https?:\/\/\S+|[[【(][^\])】]{0,30}[\])】]/g, '');
      return rest.length <= AFTER_OPT_OUT && after.trim() === '';
    });
  };
  return ends(text, OPT_OUT) || ends(plain, optOutWording(plain));
}

/** Elements that tell what a message is: how to refuse it, that it advertises, what it is about. */
function natureOf(
  text: string,
  plain: string,
  channel: Channel,
  extras: ContentExtras,
): { readonly found: string[]; readonly unknown: string[] } {
  const found: string[] = [];
  const unknown: string[] = [];
  if (some(OPT_OUT, text) || some(optOutWording(plain), plain)) {
    found.push('opt-out-instruction');
    if (endsWithOptOut(text, plain)) found.push('opt-out-instruction-at-end');
  }
  if (ONE_WAY.test(text)) found.push('one-way-notice');
  if (OTHER_WAY_OUT.test(text)) found.push('alternative-opt-out');
  if (FREE_OPT_OUT_KR.test(plain.trimEnd())) found.push('free-opt-out-kr');
  if (BASE_RATE.test(plain)) found.push('objection-notice-base-rate');
  const labelled = AD_LABEL.test(plain);
  if (labelled) found.push('advertisement-identifier');
  if (labelled || advertises(text) || OFFER.test(plain)) found.push('recognisable-as-advertising');
  else unknown.push('recognisable-as-advertising');
  const isMail = channel === 'email';
  if ((extras.topic ?? '').trim() !== '' || (extras.subject ?? '').trim() !== '')
    found.push('subject-or-topic');
  else if (!isMail) unknown.push('subject-or-topic');
  return { found, unknown };
}

/**
 * Looks for what rules ask of a text. Elements of opt-out and advertising in the languages of the packs (`wording.ts`),
 * of the sender's identity (`identity.ts`); what can be neither found nor excluded is in `elementsUnknown`. Others: `opt-out-instruction`, `unsubscribe-link`, `list-unsubscribe`,
 * `list-unsubscribe-one-click` (RFC 8058), `postal-address`. Detectors: `detectors.ts`. Pure; only the first 100,000 characters are read.
 */
export function contentOf(body: string, channel: Channel, extras: ContentExtras = {}): ContentFacts {
  const text = `${extras.subject === undefined ? '' : `${extras.subject}\n`}${body}`.slice(0, LONGEST);
  const plain = folded(text);
  const links = linksIn(text);
  const nature = natureOf(text, plain, channel, extras);
  const identity = identityOf(text, plain, links, extras);
  const elements = new Set([
    ...(channel === 'email' ? emailElements(text, plain, extras.headers ?? {}) : []),
    ...(some(POSTAL, text) ? ['postal-address'] : []),
    ...nature.found,
    ...identity.found,
    ...(extras.stated ?? []).filter((name) => STATABLE.has(name)),
  ]);
  const unknown = [...nature.unknown, ...identity.unknown].filter((name) => !elements.has(name));
  const phones = phonesIn(text);
  const patterns: Record<string, boolean> = {};
  if (extras.patterns !== undefined && extras.patterns.length > 0) {
    const headers = lowerNames(extras.headers ?? {});
    const read = body.slice(0, LONGEST);
    for (const { id, where, test } of extras.patterns) {
      const place = placeOf(where, read, extras.subject, headers);
      patterns[id] = place !== undefined && test(place);
    }
  }
  return {
    elements: [...elements].sort(),
    elementsUnknown: unknown.sort(),
    detectors: detectorsOf({
      text,
      plain,
      subject: extras.subject,
      headers: lowerNames(extras.headers ?? {}),
      specialCategory: extras.specialCategory,
    }),
    urlHosts: [...new Set(links)].sort(),
    urlCount: links.length,
    phones,
    phoneCount: phones.length,
    length: body.length,
    patterns,
  };
}
