import type { Clock } from '../../models/base/clock.ts';
import type { Random } from '../../models/base/random.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import type { Writers } from '../audit/writers.ts';
import type { RuleBook } from '../comply/compliance.ts';
import type { ContentExtras } from '../comply/content/content.ts';
import type { Facts } from '../comply/facts.ts';
import type { Evaluation } from '../comply/types.ts';
import type { ProviderRegistry } from '../deliver/registry.ts';
import type { RetryPolicy } from '../deliver/retry.ts';
import type { FactSource } from '../facts/source.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { Pressure } from '../queue/pressure.ts';
import type { Transport } from '../queue/transport.ts';
import type { RecordDictionaries } from '../record/common-text.ts';
import type { Contact } from '../store/contacts.ts';
import type { LargeBodies } from '../store/large-bodies.ts';
import type { LoadedMessage, MessageRow } from '../store/messages.ts';
import type { Store } from '../store/open.ts';
import type { Db, Lane } from '../store/schema.ts';
import type { DeniedFacts } from '../suppress/denylist.ts';

/** The rules in force, and how they are asked. */
export type Compliance = Pick<RuleBook, 'ruleset' | 'byVersion' | 'evaluate' | 'contentOf'> & {
  /** Told of every judgement; must return at once and not throw. */
  readonly observe?: (seen: Judgement) => void;
};

/** A message as it was judged, for rules that are asked beside those in force. */
export interface Judgement {
  readonly message: Pick<LoadedMessage, 'id' | 'channel' | 'body'>;
  readonly extras: ContentExtras;
  readonly facts: Facts;
  readonly atMs: number;
  readonly evaluation: Evaluation;
}

/** What to do with an attempt that may have got through, at a provider that cannot tell repeats apart. */
export type AmbiguousPolicy = 'hold' | 'resend';

/** Told of each verdict on a message of a tenant. */
export type OnClassified = (seen: {
  readonly tenant: string;
  readonly sender: string;
  readonly text: string;
  readonly verdict: Verdict;
}) => void;

/** How the workers behave; see `config.ts` for ranges and defaults. */
export interface ProcessSettings {
  /** Messages per job, by lane. */
  readonly envelope: Readonly<Record<Lane, number>>;
  /** Messages per uninterrupted step of bulk work. */
  readonly bulkSlice: number;
  readonly retry: RetryPolicy;
  readonly ambiguous: Readonly<Record<Lane, AmbiguousPolicy>>;
  /** Longest wait for a provider's answer, ms; then the attempt is ambiguous. */
  readonly providerTimeoutMs: number;
  /** After this long in `sending` another process takes the message over, ms; more than the time-out. */
  readonly leaseMs: number;
  /** A message that a worker died over this often becomes a dead letter. */
  readonly maxStalls: number;
}

/** What is known of recipients, from the store, the registries and the denylist, for many in one go. */
export interface ContactSource {
  load(
    db: Db,
    messages: readonly Pick<MessageRow, 'tenant' | 'recipient' | 'channel'>[],
  ): Promise<KnownContacts>;
}

export interface KnownContacts {
  contact(tenant: string, recipient: string): Contact;
  /** What the tenant's denylist says of a sender and a text. */
  denied(message: Pick<MessageRow, 'tenant' | 'sender' | 'subject' | 'body'>, nowMs: number): DeniedFacts;
}

/** Whether any message may be waiting behind another: while none is, nobody looks for the next in line. */
export interface Line {
  mayWait(): boolean;
  /** One has begun to wait. */
  waits(): void;
}

/** What every worker works with. */
export interface Workshop {
  readonly store: Store;
  readonly transport: Transport;
  /** Texts too large for a row. */
  readonly bodies: LargeBodies;
  readonly classifier: Classifier;
  readonly compliance: Compliance;
  readonly contacts: ContactSource;
  readonly facts: FactSource;
  readonly providers: ProviderRegistry;
  readonly pressure: Pressure;
  readonly line: Line;
  /** What decisions are sealed and chained with. */
  readonly audit: {
    readonly keyring: Keyring;
    readonly writers: Writers;
    readonly dictionaries: RecordDictionaries;
  };
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: ProcessSettings;
  /** Faults of infrastructure, for the log; the work itself is taken up again by the reconciler. */
  readonly report: (error: unknown, doing: string) => void;
  /** Told of each hand-over to a provider: id, lane, ms since acceptance. */
  readonly onHandOver?: (id: string, lane: Lane, sinceAcceptedMs: number) => void;
  readonly onClassified?: OnClassified;
}
