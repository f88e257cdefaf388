import type { MessageFacts } from '../facts.ts';
import type { Channel, RequiredAddition } from '../types.ts';

/** What the sender lets Laneway say in its name. What is absent is not made up. */
export interface AdditionWords {
  readonly brand?: string | undefined;
  /** How to reach the sender, as it is to be written: a number, an address. */
  readonly contact?: string | undefined;
  readonly postalAddress?: string | undefined;
  /** The name on the commercial register. */
  readonly legalEntity?: string | undefined;
  readonly identificationUrl?: string | undefined;
  /** Turkish MERSIS number. */
  readonly mersis?: string | undefined;
  /** The sender's own opt-out wording; goes before Laneway's. */
  readonly optOutText?: string | undefined;
  readonly unsubscribeUrl?: string | undefined;
  /** French short code for answers with STOP. */
  readonly stopNumber?: string | undefined;
  /** Korean toll-free number to refuse. */
  readonly freeOptOutNumber?: string | undefined;
  /** Can the recipient answer? Without that "reply STOP" would be a lie. */
  readonly canReply: boolean;
  /** ISO countries where the recipient may be: the first tells the language. */
  readonly countries: readonly string[];
}

export interface Text {
  readonly subject: string | undefined;
  readonly body: string;
}

/** Wording of the opt-out where a keyword in reply is enough, by language. Each must be found by `contentOf`. */
const OPT_OUT: Readonly<Record<string, string>> = {
  en: 'Reply STOP to opt out',
  es: 'Para darte de baja responde BAJA',
  pt: 'Para parar de receber responda SAIR',
  fr: 'Pour ne plus recevoir, répondez STOP',
  de: 'Abmelden: antworte STOPP',
  it: 'Per non ricevere più rispondi STOP',
  nl: 'Afmelden? Antwoord STOP',
  pl: 'Rezygnacja: odpisz STOP',
  id: 'Berhenti langganan: balas STOP',
  ja: '停止はこちら: 「STOP」と返信',
  he: 'להסרה השב הסר',
};
const LANGUAGE: Readonly<Record<string, string>> = {
  ES: 'es',
  MX: 'es',
  CO: 'es',
  CL: 'es',
  PE: 'es',
  AR: 'es',
  BR: 'pt',
  PT: 'pt',
  FR: 'fr',
  BE: 'fr',
  DE: 'de',
  AT: 'de',
  IT: 'it',
  NL: 'nl',
  PL: 'pl',
  ID: 'id',
  JP: 'ja',
  IL: 'he',
};

interface Piece {
  readonly place: 'label' | 'start' | 'end' | 'last';
  readonly text: string;
}

function optOut({ optOutText, unsubscribeUrl, canReply, countries }: AdditionWords): string | undefined {
  if (optOutText !== undefined) return optOutText;
  if (canReply) return OPT_OUT[LANGUAGE[countries[0] ?? ''] ?? 'en'];
  return unsubscribeUrl === undefined ? undefined : `To opt out visit ${unsubscribeUrl}`;
}

/** Elements that can be written, by the name that rules use. */
const ELEMENT: Readonly<Record<string, (words: AdditionWords) => Piece | undefined>> = {
  'sender-name': ({ brand }) => at('start', brand),
  'brand-name': ({ brand }) => at('start', brand),
  // In Korea the contact stands with the name, right after the label.
  contact: ({ contact, countries }) => at(countries.includes('KR') ? 'start' : 'end', contact),
  'trade-name': ({ legalEntity }) => at('end', legalEntity),
  'identification-link': ({ identificationUrl }) => at('end', identificationUrl),
  'mersis-or-tax-id': ({ mersis }) => at('end', mersis === undefined ? undefined : `Mersis: ${mersis}`),
  'one-way-notice': () => at('end', 'This number cannot receive replies.'),
  'alternative-opt-out': (words) => at('last', optOut({ ...words, canReply: false })),
  'postal-address': ({ postalAddress }) => at('end', postalAddress),
  'unsubscribe-link': ({ unsubscribeUrl }) =>
    at('last', unsubscribeUrl === undefined ? undefined : `Unsubscribe: ${unsubscribeUrl}`),
  'opt-out-instruction': (words) => at('last', optOut(words)),
  'opt-out-instruction-at-end': (words) => at('last', optOut(words)),
  'STOP 36xxx': ({ stopNumber }) =>
    at('last', stopNumber === undefined ? undefined : `STOP au ${stopNumber}`),
  '무료수신거부 080-xxx-xxxx': ({ freeOptOutNumber }) =>
    at('last', freeOptOutNumber === undefined ? undefined : `무료수신거부 ${freeOptOutNumber}`),
  拒收请回复R: ({ canReply }) => at('last', canReply ? '拒收请回复R' : undefined),
  '【brand】': ({ brand }) => at('label', brand === undefined ? undefined : `【${brand}】`),
};

function at(place: Piece['place'], text: string | undefined): Piece | undefined {
  return text === undefined || text.trim() === '' ? undefined : { place, text };
}

/** `undefined`: it cannot be written with these words. A label is written as the rule has it. */
function piecesOf(addition: RequiredAddition, words: AdditionWords, label: boolean): Piece[] | undefined {
  const named = addition.what in ELEMENT ? [addition.what] : addition.what.split('+');
  const pieces: Piece[] = [];
  for (const name of named) {
    const write = ELEMENT[name];
    const piece = write === undefined ? (label ? at('label', name) : undefined) : write(words);
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  return pieces;
}

export interface Completed {
  readonly text: Text;
  /** Those that were written, in the order of the rules. */
  readonly added: readonly RequiredAddition[];
}

/**
 * Writes what rules require into a message, where the sender allows it and the words for it are at hand: labels first,
 * then the name, the text, ways to reach the sender, and last the way out. In e-mail labels go before the subject.
 *
 * @param required of an evaluation; those with `autoInsert: false` are left to the sender
 * @param isLabel does this rule ask for a label?
 * @param content what the message has already: an element that two rules ask for is written once
 */
export function complete(
  text: Text,
  channel: Channel,
  required: readonly RequiredAddition[],
  words: AdditionWords,
  isLabel: (ruleId: string) => boolean,
  content: Pick<MessageFacts, 'elements'>,
): Completed {
  const pieces: Piece[] = [];
  const added: RequiredAddition[] = [];
  const seen = new Set<string>();
  for (const addition of required) {
    if (!addition.autoInsert) continue;
    const own = piecesOf(addition, words, isLabel(addition.ruleId));
    if (own === undefined) continue;
    added.push(addition);
    for (const piece of own) {
      const there = content.elements?.includes('sender-name') === true && piece.place === 'start';
      const key = `${piece.place} ${piece.text}`;
      if (there || seen.has(key)) continue;
      seen.add(key);
      pieces.push(piece);
    }
  }
  return { text: pieces.length === 0 ? text : laidOut(text, channel, pieces), added };
}

function laidOut({ subject, body }: Text, channel: Channel, pieces: readonly Piece[]): Text {
  const of = (place: Piece['place']): string[] =>
    pieces.filter((piece) => piece.place === place).map((piece) => piece.text);
  const gap = channel === 'email' ? '\n' : ' ';
  // A label ends as the rule has it: some with a blank, some without.
  const label = of('label')
    .map((text) => (/[\s)\]】]$/.test(text) ? text : `${text} `))
    .join('');
  const start = of('start').join(' ');
  const whole = [`${start}${start === '' ? '' : ': '}${body.trimEnd()}`, ...of('end'), ...of('last')].join(
    gap,
  );
  if (channel === 'email' && subject !== undefined) return { subject: `${label}${subject}`, body: whole };
  return { subject, body: `${label}${whole}` };
}
