import type { Verdict } from '../../models/verdict.ts';
import type { Treatment } from '../classify/treatment.ts';
import { consentStateAt } from '../comply/consent.ts';
import type { ContentExtras, ContentFacts } from '../comply/content.ts';
import type { Facts } from '../comply/facts.ts';
import type { Channel } from '../comply/types.ts';
import { candidateZones } from '../comply/zones.ts';
import type { Contact } from '../store/contacts.ts';
import type { MessageRow } from '../store/messages.ts';

export interface FactSources {
  readonly message: MessageRow;
  readonly verdict: Verdict | undefined;
  readonly treatment: Treatment;
  readonly contact: Contact;
  readonly content: ContentFacts;
  readonly nowMs: number;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const flag = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);
const whole = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;

/** An object without its `undefined` members: an absent fact is absent, not undefined. */
type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };
function defined<T extends object>(members: T): Partial<Defined<T>> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<
    Defined<T>
  >;
}

/** The caller's own facts about a message; an empty object when it gave none. */
export function saidOf(message: Pick<MessageRow, 'metadata'>): Readonly<Record<string, unknown>> {
  return message.metadata === null ? {} : (JSON.parse(message.metadata) as Record<string, unknown>);
}

/** What stands beside the body: subject, e-mail headers (`metadata.headers`) and brand (`metadata.brand`). */
export function extrasOf(message: MessageRow): ContentExtras {
  if (message.subject === null && message.metadata === null) return {};
  const said = saidOf(message);
  const headers = said['headers'];
  const lines =
    headers === null || typeof headers !== 'object'
      ? []
      : Object.entries(headers).filter((line): line is [string, string] => typeof line[1] === 'string');
  return {
    subject: message.subject ?? undefined,
    brand: text(said['brand']),
    headers: Object.fromEntries(lines),
  };
}

function senderType(channel: Channel, sender: string): string {
  if (channel === 'email') return 'email';
  if (sender.startsWith('+')) return 'long-code';
  return /^\d+$/.test(sender) ? 'short-code' : 'alphanumeric';
}

/**
 * Everything rules may ask about one message at one instant. The caller's `metadata` gives what only the
 * caller knows: `timezone`, `country`, `subdivision`, `purpose`, `emergency`, `exemption`,
 * `similarOwnProducts`, `subscriberType`, `age`, `gaveAddress`, `brand`, `senderType`, `twoWay`, `isCharity`,
 * `sector`, `contactSource`, `optOutOfferedAtCollection`, and for e-mail `headers`. Other members, and ones of a
 * wrong type, are unknown.
 */
export function factsOf(sources: FactSources): Facts {
  const { message, verdict, treatment, contact, content, nowMs } = sources;
  const said = saidOf(message);
  const where = candidateZones({
    to: message.recipient,
    statedZone: text(said['timezone']),
    addressCountry: text(said['country']),
    addressSubdivision: text(said['subdivision']),
  });
  return {
    message: {
      channel: message.channel,
      class: verdict?.class ?? 'promotional',
      treatment: treatment.treatment,
      ...content,
      ...defined({
        category: message.claim ?? undefined,
        purpose: text(said['purpose']),
        emergency: flag(said['emergency']),
        exemption: text(said['exemption']),
        similarOwnProducts: flag(said['similarOwnProducts']),
      }),
    },
    recipient: {
      jurisdictions: where.jurisdictions,
      zones: where.zones,
      zoneBasis: where.basis,
      ...defined({
        subscriberType: text(said['subscriberType']),
        age: whole(said['age']),
        gaveAddress: flag(said['gaveAddress']),
      }),
    },
    sender: {
      id: message.sender,
      type: text(said['senderType']) ?? senderType(message.channel, message.sender),
      ...defined({
        brand: text(said['brand']),
        twoWay: flag(said['twoWay']),
        isCharity: flag(said['isCharity']),
        sector: text(said['sector']),
        contactSource: text(said['contactSource']),
        optOutOfferedAtCollection: flag(said['optOutOfferedAtCollection']),
      }),
    },
    consent: consentStateAt(contact.consentEvents, nowMs),
    suppression: contact.suppression,
    registries: contact.registries,
  };
}
