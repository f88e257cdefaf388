import type { JsonValue } from '../../models/base/json.ts';
import type { MessageClass } from '../../models/verdict.ts';
import type { Channel } from './channel.ts';
import type { ConsentState } from './consent/consent.ts';

/**
 * Everything a rule may ask about. A field that is absent is *unknown*, never "no": an empty `consent` list says
 * that the ledger was asked and has nothing; an absent one says that nobody asked. Values are plain JSON; the
 * body and the address are not among them, so a decision record holds neither.
 */
export interface Facts {
  readonly message: MessageFacts;
  readonly recipient: RecipientFacts;
  readonly sender: SenderFacts;
  /** State of every consent of this recipient towards this tenant (`consentStateAt`). */
  readonly consent?: readonly ConsentState[];
  readonly suppression?: readonly SuppressionEntry[];
  /** By registry name. */
  readonly registries?: Readonly<Record<string, RegistryAnswer>>;
  /** By `CounterSpec.id`. */
  readonly counters?: Readonly<Record<string, CounterFact>>;
  /** Instants of last events between sender and recipient, epoch ms: `last-transaction`, `opt-out`, ... `null`: never. */
  readonly events?: Readonly<Record<string, number | null>>;
  /** What else is known of the two, by name: `personal`, `exists`, ... (`fields.ts` lists them). */
  readonly relationship?: StatedFacts;
  readonly campaign?: StatedFacts;
  readonly device?: StatedFacts;
  readonly email?: StatedFacts;
  readonly template?: StatedFacts;
  readonly unsubscribe?: StatedFacts;
  readonly record?: StatedFacts;
  /** By `AUTHORITY/WHAT`, e.g. `tcr/campaign`; `null`: asked, and there is no registration. */
  readonly registrations?: Readonly<Record<string, Registration | null>>;
  /** Lists that change without a release, as they stand for this sender, by name: link hosts, phone numbers. */
  readonly lists?: Readonly<Record<string, readonly string[]>>;
  /** By `RateSpec.id`. */
  readonly metrics?: Readonly<Record<string, MetricFact>>;
  /** Obligations towards this recipient, by name; `null`: nothing is owed. */
  readonly duties?: Readonly<Record<string, DutyFact | null>>;
  /** States of emergency and the like, by feed. */
  readonly feeds?: Readonly<Record<string, FeedFact>>;
  /** When this recipient does not want to be contacted, by name of the preference. */
  readonly preferences?: Readonly<Record<string, readonly ShutBand[]>>;
  /** What an inbound keyword is answered with, by keyword in capitals. */
  readonly replies?: Readonly<Record<string, { readonly elements: readonly string[] }>>;
  /** How long records of a kind are kept here; `keeps` is an ISO 8601 duration or `forever`. */
  readonly retention?: Readonly<Record<string, { readonly keeps: string }>>;
}

/** Members by name; `fields.ts` lists names and types. */
export type StatedFacts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** A registration of sender, number, template, campaign... with an authority. */
export interface Registration {
  /** As the authority calls it: `active`, `approved`, `verified`, `pending`, ... */
  readonly state: string;
  /** What it covers, as far as rules ask: `use-case-matches`, `age-gated`, `text-matches`, ... */
  readonly attributes?: readonly string[];
  /** Exclusive; absent: no end. */
  readonly untilMs?: number;
  readonly checkedAtMs?: number;
}

/** A measured ratio or rate. */
export interface MetricFact {
  readonly value: number;
  readonly asOfMs: number;
}

export interface DutyFact {
  readonly sinceMs: number;
  /** Absent: not done yet. */
  readonly doneAtMs?: number;
}

export interface FeedFact {
  readonly checkedAtMs: number;
  readonly active: readonly {
    /** A jurisdiction, e.g. `US-LA`, or a narrower place that the feed names, `US-LA/Orleans`. */
    readonly area: string;
    readonly sinceMs: number;
    /** Exclusive; absent: no end is known. */
    readonly untilMs?: number;
  }[];
}

/** Part of the local day on some weekdays in which there is to be no contact. */
export interface ShutBand {
  /** 0 Sunday to 6 Saturday. */
  readonly days: readonly number[];
  /** Minutes of the local day, 0 to 1440, `fromMinute < toMinute`. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

export interface MessageFacts {
  readonly channel: Channel;
  /** What the classifier said. */
  readonly class: MessageClass;
  /** The regime that is applied (`treatmentOf`); reclassification changes it. */
  readonly treatment: MessageClass;
  /** The caller's category, e.g. `otp`, `receipt`, `debt-collection`. */
  readonly category?: string;
  /** `marketing`, `informational`, `consent-request`, `opt-out-confirmation`. */
  readonly purpose?: string;
  readonly emergency?: boolean;
  /** Ground on which a law exempts the message, as the sender states it, e.g. `package`. */
  readonly exemption?: string;
  /** Semantic elements found in it (`elementsOf`), e.g. `opt-out-instruction`. */
  readonly elements?: readonly string[];
  /** Elements that could neither be found nor excluded, e.g. `trade-name` where nobody said which it is. */
  readonly elementsUnknown?: readonly string[];
  /** By detector name: was something found? e.g. `promotional-content`, `pan-luhn`. */
  readonly detectors?: Readonly<Record<string, boolean>>;
  /** Lower-case host names of the links in it. */
  readonly urlHosts?: readonly string[];
  /** Links in it, doubles counted. */
  readonly urlCount?: number;
  /** Phone numbers in it, E.164 where the country is told, otherwise digits; senders' numbers, not the recipient's. */
  readonly phones?: readonly string[];
  readonly phoneCount?: number;
  /** Length in UTF-16 code units, as carriers count Unicode messages. */
  readonly length?: number;
  /** Results of the patterns that rules ask for, by `PatternSpec.id`. */
  readonly patterns?: Readonly<Record<string, boolean>>;
  /** Parts in which a carrier takes it (`segmentsOf`). */
  readonly segments?: number;
  /** P(scam or phishing) of the classifier. */
  readonly risk?: number;
  /** Advertising beside something else: found by sentence, or stated. */
  readonly mixed?: boolean;
  /** In a mixed message: does it begin with the other part? */
  readonly transactionalPartFirst?: boolean;
  /** Goods and services are similar to those the recipient bought or asked about (soft opt-in). */
  readonly similarOwnProducts?: boolean;
  /** Codes of ISO 639-1 of the languages it is written in. */
  readonly languages?: readonly string[];
  readonly commercialCategory?: string;
  /** What a frequency rule calls the subject: the goods or the matter. */
  readonly subject?: string;
}

export interface RecipientFacts {
  /** ISO 3166 codes that may bind: countries and subdivisions, e.g. `['US', 'US-FL']`; empty: unknown. */
  readonly jurisdictions: readonly string[];
  /** IANA zones in any of which the recipient may be; empty: unknown. */
  readonly zones: readonly string[];
  /** Where the zones came from, e.g. `area-code`, `country`, `stated`, `unknown`. */
  readonly zoneBasis?: string;
  /** `individual` or `corporate`. */
  readonly subscriberType?: string;
  /** Completed years. */
  readonly age?: number;
  /** The recipient gave this address to the sender itself, for messages of this kind. */
  readonly gaveAddress?: boolean;
  /** Three digits of a number of the North American plan. */
  readonly areaCode?: string;
}

export interface SenderFacts {
  /** What the recipient sees: number, short code, header or e-mail address. */
  readonly id: string;
  /** `long-code`, `short-code`, `toll-free`, `alphanumeric`, `email`. */
  readonly type?: string;
  readonly brand?: string;
  /** Can the recipient answer on the same address? */
  readonly twoWay?: boolean;
  readonly isCharity?: boolean;
  readonly sector?: string;
  /** How the contact was obtained: `own-sale`, `own-negotiation`, `interest`, `support`, `third-party`. */
  readonly contactSource?: string;
  /** A free and simple way to refuse was offered when the contact was collected. */
  readonly optOutOfferedAtCollection?: boolean;
  readonly vettingScore?: number;
}

/** A reason not to contact an address. */
export interface SuppressionEntry {
  /** `all` stops everything; `marketing` never stops a receipt. */
  readonly purpose: 'all' | 'marketing' | 'informational';
  readonly channel: Channel | 'any';
  /** Absent: every brand of the tenant. */
  readonly brand?: string;
  readonly sinceMs: number;
  /** Exclusive; absent: for ever. */
  readonly untilMs?: number;
  /** The one message that it does not stop: the confirmation of the opt-out that made it. */
  readonly exceptMessage?: string;
  /** `stop-keyword`, `unsubscribe`, `complaint`, `carrier-stop`, `hard-bounce`, `objection`, `import`, `operator`. */
  readonly reason: string;
}

/** What a do-not-contact register said, and when it was asked. */
export interface RegistryAnswer {
  readonly listed: boolean;
  /** When the entry was made, if the register says so. */
  readonly listedSinceMs?: number;
  /** Date of the copy or of the live answer; age is counted from here. */
  readonly checkedAtMs: number;
  /** What a register that is asked a question said, e.g. `no`, `ONAY`. */
  readonly answer?: string;
  /** The same by channel, where the register knows channels; goes before `answer`. */
  readonly answers?: Readonly<Record<string, string>>;
  /** The date that the question was asked about. */
  readonly asOfMs?: number;
  /** The entry binds only these; absent: all. */
  readonly channels?: readonly string[];
  readonly categories?: readonly string[];
  readonly sectors?: readonly string[];
}

/** Instants (epoch ms, ascending) of what counted within the lookback: sent, in flight and reserved. */
export interface CounterFact {
  readonly timesMs: readonly number[];
  /** How much each counts, in the same order (message segments); absent: 1 each. */
  readonly weights?: readonly number[];
  /** The value whose kinds are counted, in the same order (channels); only for `distinctAtMost`. */
  readonly values?: readonly string[];
}

/** A getter for one path: a section (`consent`) or a member of one (`recipient.zones`), split at the first dot. */
export function factReader(path: string): (facts: Facts) => unknown {
  const dot = path.indexOf('.');
  if (dot < 0) return (facts) => (facts as unknown as Record<string, unknown>)[path];
  const section = path.slice(0, dot);
  const member = path.slice(dot + 1);
  const parentOf = SECTIONS[section] ?? (() => undefined);
  return (facts) => (parentOf(facts) as Readonly<Record<string, unknown>> | undefined)?.[member];
}

/** Sections by name: a property that stands in the code is found faster than one whose name is in a variable. */
const SECTIONS: Readonly<Record<string, (facts: Facts) => object | undefined>> = {
  message: (facts) => facts.message,
  recipient: (facts) => facts.recipient,
  sender: (facts) => facts.sender,
  registries: (facts) => facts.registries,
  counters: (facts) => facts.counters,
  events: (facts) => facts.events,
  relationship: (facts) => facts.relationship,
  campaign: (facts) => facts.campaign,
  device: (facts) => facts.device,
  email: (facts) => facts.email,
  template: (facts) => facts.template,
  unsubscribe: (facts) => facts.unsubscribe,
  record: (facts) => facts.record,
  registrations: (facts) => facts.registrations,
  lists: (facts) => facts.lists,
  metrics: (facts) => facts.metrics,
  duties: (facts) => facts.duties,
  feeds: (facts) => facts.feeds,
  preferences: (facts) => facts.preferences,
  replies: (facts) => facts.replies,
  retention: (facts) => facts.retention,
};

/** The values at `paths` (which must be sorted); facts that are absent stay absent. */
export function snapshotFacts(
  facts: Facts,
  readers: readonly (readonly [string, (facts: Facts) => unknown])[],
): Record<string, JsonValue> {
  const snapshot: Record<string, JsonValue> = {};
  for (const [path, read] of readers) {
    const value = read(facts);
    if (value !== undefined) snapshot[path] = value as JsonValue;
  }
  return snapshot;
}

/** Facts back from a snapshot: what is not in it is unknown. Inverse of `snapshotFacts`. */
export function factsFrom(snapshot: Readonly<Record<string, JsonValue>>): Facts {
  const facts: Record<string, unknown> = { message: {}, recipient: {}, sender: {} };
  for (const [path, value] of Object.entries(snapshot)) {
    const dot = path.indexOf('.');
    if (dot < 0) facts[path] = value;
    else {
      const section = path.slice(0, dot);
      const members = (facts[section] ?? {}) as Record<string, unknown>;
      members[path.slice(dot + 1)] = value;
      facts[section] = members;
    }
  }
  return facts as unknown as Facts;
}
