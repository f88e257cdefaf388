import type { StoredVerdict } from '../classify/mixed.ts';
import type { Treatment } from '../classify/treatment.ts';
import { bindingAt, consentStateAt } from '../comply/consent/consent.ts';
import { OPT_OUT_REASONS } from '../comply/consent/opt-out.ts';
import type { ContentExtras, ContentFacts } from '../comply/content/content.ts';
import { segmentsOf } from '../comply/content/segments.ts';
import type { Facts, MessageFacts } from '../comply/facts.ts';
import { isOfType, SAID_FIELDS } from '../comply/fields.ts';
import { candidateZones } from '../comply/place/zones.ts';
import type { Channel } from '../comply/types.ts';
import { NO_FACTS, type StandingFacts } from '../facts/standing.ts';
import type { Contact } from '../store/contacts.ts';
import type { MessageRow } from '../store/messages.ts';
import type { DeniedFacts } from '../suppress/denylist.ts';

export interface FactSources {
  readonly message: MessageRow;
  readonly verdict: StoredVerdict | undefined;
  readonly treatment: Treatment;
  readonly contact: Contact;
  readonly content: ContentFacts;
  /** What was stated of tenant, sender and recipient beforehand. */
  readonly standing: StandingFacts;
  readonly denied: DeniedFacts;
  readonly nowMs: number;
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** Sections of facts that the caller fills by name (`fields.ts`). */
type SaidSection = Record<string, string | number | boolean | readonly string[]>;

const SAID = Object.entries(SAID_FIELDS).map(([path, type]) => {
  const dot = path.indexOf('.');
  return { section: path.slice(0, dot), member: path.slice(dot + 1), type };
});
/** Members of these may stand in `metadata` without their section. */
const FLAT: ReadonlySet<string> = new Set(['message', 'recipient', 'sender', 'relationship']);

/** What the caller said, by section; members of a wrong type, and empty texts, are unknown. */
function saidSections(said: Readonly<Record<string, unknown>>): Readonly<Record<string, SaidSection>> {
  const sections: Record<string, SaidSection> = {};
  if (Object.keys(said).length === 0) return sections;
  for (const { section, member, type } of SAID) {
    const own = said[section];
    const nested =
      own !== null && typeof own === 'object' ? (own as Record<string, unknown>)[member] : undefined;
    const value = nested ?? (FLAT.has(section) ? said[member] : undefined);
    if (value === undefined || value === '' || !isOfType(type, value)) continue;
    sections[section] = { ...sections[section], [member]: value as SaidSection[string] };
  }
  return sections;
}

/** The caller's own facts about a message over those that stand; an empty object when there are none. */
function saidOf(
  message: Pick<MessageRow, 'metadata'>,
  standing: StandingFacts,
): Readonly<Record<string, unknown>> {
  const own =
    message.metadata === null ? {} : (JSON.parse(message.metadata) as Readonly<Record<string, unknown>>);
  if (standing === NO_FACTS) return own;
  const said: Record<string, unknown> = { ...own };
  for (const [section, members] of Object.entries(standing.said)) {
    const beside = Object.entries(members).filter(([name]) => !(FLAT.has(section) && name in own));
    const there = own[section];
    said[section] = {
      ...Object.fromEntries(beside),
      ...(there !== null && typeof there === 'object' ? there : {}),
    };
  }
  return said;
}

/** One member as the caller said it, in its section or flat. */
function saidAt(said: Readonly<Record<string, unknown>>, section: string, member: string): unknown {
  const own = said[section];
  const nested =
    own !== null && typeof own === 'object' ? (own as Record<string, unknown>)[member] : undefined;
  return nested ?? said[member];
}

/** What stands beside the body: subject, e-mail headers (`metadata.headers`), and what the sender says of itself. */
export function extrasOf(message: MessageRow, standing: StandingFacts = NO_FACTS): ContentExtras {
  if (message.subject === null && message.metadata === null && standing === NO_FACTS) return {};
  const said = saidOf(message, standing);
  const headers = said['headers'];
  const lines =
    headers === null || typeof headers !== 'object'
      ? []
      : Object.entries(headers).filter((line): line is [string, string] => typeof line[1] === 'string');
  const stated = saidAt(said, 'message', 'statedElements');
  const special = saidAt(said, 'message', 'specialCategory');
  return {
    subject: message.subject ?? undefined,
    brand: text(saidAt(said, 'sender', 'brand')),
    legalEntity: text(saidAt(said, 'sender', 'legalEntity')),
    postalAddress: text(saidAt(said, 'sender', 'postalAddress')),
    identificationUrl: text(saidAt(said, 'sender', 'identificationUrl')),
    topic: text(saidAt(said, 'message', 'subject')),
    stated: isOfType('words', stated) ? (stated as readonly string[]) : undefined,
    specialCategory: typeof special === 'boolean' ? special : undefined,
    headers: Object.fromEntries(lines),
  };
}

function senderType(channel: Channel, sender: string): string {
  if (channel === 'email') return 'email';
  if (sender.startsWith('+')) return 'long-code';
  return /^\d+$/.test(sender) ? 'short-code' : 'alphanumeric';
}

/** When the recipient last asked not to be contacted, by whatever way; null: never. */
function lastOptOut({ consentEvents, suppression }: Contact): number | null {
  const times = [
    ...consentEvents.flatMap(({ kind, atMs }) => (kind === 'revoked' ? [atMs] : [])),
    ...suppression.flatMap(({ reason, sinceMs }) => (OPT_OUT_REASONS.has(reason) ? [sinceMs] : [])),
  ];
  return times.length === 0 ? null : Math.max(...times);
}

/** Advertising in one sentence is advertising in the message, whatever the caller says. */
function mixedFacts(verdict: StoredVerdict | undefined): Partial<MessageFacts> {
  if (verdict?.mixed === undefined) return {};
  return {
    mixed: true,
    transactionalPartFirst: verdict.mixed.sentence > 0,
  };
}

/**
 * Everything rules may ask about one message at one instant. The caller's `metadata` gives what only the
 * caller knows: `timezone`, `deviceZone`, `country`, `subdivision`, for e-mail `headers`, and every field that
 * `SAID_FIELDS` lists, by section (`{"campaign":{"id":"c1"}}`) or, for message, recipient, sender and relationship,
 * flat (`{"brand":"Acme"}`). Other members, and ones of a wrong type, are unknown. Where the caller is silent, what was
 * stated of the recipient, the sender and the tenant stands (`pipeline/facts`).
 */
export function factsOf(sources: FactSources): Facts {
  const { message, verdict, treatment, contact, content, standing, denied, nowMs } = sources;
  const said = saidOf(message, standing);
  const { message: ofMessage, recipient, sender, ...sections } = saidSections(said);
  const where = candidateZones({
    to: message.recipient,
    statedZone: text(said['timezone']),
    deviceZone: text(said['deviceZone']),
    addressCountry: text(said['country']),
    addressSubdivision: text(said['subdivision']),
  });
  return {
    ...sections,
    ...standing.known,
    message: {
      ...ofMessage,
      channel: message.channel,
      class: verdict?.class ?? 'promotional',
      treatment: treatment.treatment,
      ...(verdict === undefined ? {} : { risk: verdict.risk }),
      ...content,
      ...mixedFacts(verdict),
      detectors: {
        ...content.detectors,
        ...(verdict?.mixed === undefined ? {} : { 'promotional-content': true }),
        ...denied,
      },
      segments: segmentsOf(message.channel, message.body),
      ...(message.claim === null ? {} : { category: message.claim }),
    },
    recipient: {
      ...recipient,
      jurisdictions: where.jurisdictions,
      zones: where.zones,
      zoneBasis: where.basis,
      ...(where.areaCode === undefined ? {} : { areaCode: where.areaCode }),
    },
    sender: {
      type: senderType(message.channel, message.sender),
      ...sender,
      id: message.sender,
    },
    consent: consentStateAt(bindingAt(contact.consentEvents, nowMs), nowMs),
    suppression: contact.suppression.filter(({ exceptMessage }) => exceptMessage !== message.id),
    registries: contact.registries,
    events: { ...standing.known.events, 'opt-out': lastOptOut(contact) },
  };
}
