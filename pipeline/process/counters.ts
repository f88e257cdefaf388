import type { MessageClass } from '../../models/verdict.ts';
import type { CounterFact, Facts } from '../comply/facts.ts';
import { factReader } from '../comply/facts.ts';
import type { CounterSpec, RuleSet } from '../comply/types.ts';
import type { CapCount, CapQuestion, Counted, Reservation } from '../store/caps.ts';
import type { MessageRow } from '../store/messages.ts';

/** A counter of a frequency rule, for one message. */
export interface Counter {
  readonly spec: CounterSpec;
  readonly key: string;
}

/** The message as counters know it; the rest of what they may ask is among the facts. */
type Countable = Pick<MessageRow, 'tenant' | 'id' | 'sender' | 'recipient' | 'channel'>;

const FACT_OF: Readonly<Record<string, (facts: Facts) => unknown>> = {
  brand: factReader('sender.brand'),
  campaign: factReader('campaign.id'),
  subject: factReader('message.subject'),
  account: factReader('message.account'),
  event: factReader('message.event'),
  debt: factReader('message.debt'),
  package: factReader('message.package'),
  carrier: factReader('message.carrier'),
};

function dimension(name: string, message: Countable, facts: Facts): string | undefined {
  switch (name) {
    case 'recipient':
      return message.recipient;
    case 'tenant':
      return message.tenant;
    case 'sender':
      return message.sender;
    case 'channel':
      return message.channel;
    default: {
      const value = FACT_OF[name]?.(facts);
      return typeof value === 'string' && value !== '' ? value : undefined;
    }
  }
}

/** Is this message one of the kind that is counted? What is not known to be of another kind is. */
function isOfKind(count: string, facts: Facts): boolean {
  const { treatment, purpose, exemption, channel, category } = facts.message;
  switch (count) {
    case 'solicitations':
      return treatment === 'promotional';
    case 'promotional-or-collection':
      return treatment === 'promotional' || category === 'debt-collection';
    case 'exempt':
      return exemption !== undefined;
    case 'call-attempts':
      return channel === 'voice';
    case 'consent-requests':
      return purpose === 'consent-request' || purpose === 'opt-in-invite';
    case 'opt-out-confirmations':
      return purpose === 'opt-out-confirmation';
    default:
      return true;
  }
}

function counterOf(spec: CounterSpec, message: Countable, facts: Facts): Counter | undefined {
  const parts: string[] = [spec.count];
  for (const name of spec.key) {
    const value = dimension(name, message, facts);
    // A count over something unknown is itself unknown.
    if (value === undefined) return undefined;
    parts.push(`${name}=${value}`);
  }
  return { spec, key: parts.join('|') };
}

/** Counters that the rules ask for about this message. */
export function countersOf(ruleset: RuleSet, message: Countable, facts: Facts): Counter[] {
  return ruleset
    .needs(facts.recipient.jurisdictions, message.channel)
    .counters.flatMap((spec) => counterOf(spec, message, facts) ?? []);
}

export function questionsOf(
  message: Pick<MessageRow, 'tenant'>,
  counters: readonly Counter[],
  nowMs: number,
): CapQuestion[] {
  return counters.map(({ key, spec }) => ({ tenant: message.tenant, key, sinceMs: nowMs - spec.lookbackMs }));
}

/** Places taken by messages that were judged together with this one and go out before it. */
export type Pending = Map<string, Counted[]>;

const pendingKey = (tenant: string, key: string): string => JSON.stringify([tenant, key]);

/** Facts with what is counted; the message's own place, from an attempt before, is none in its way. */
export function withCounters(
  facts: Facts,
  message: Pick<MessageRow, 'tenant' | 'id'>,
  counters: readonly Counter[],
  nowMs: number,
  countOf: (tenant: string, key: string) => CapCount,
  pending: Pending = new Map(),
): Facts {
  if (counters.length === 0) return facts;
  const counted: Record<string, CounterFact> = {};
  for (const { spec, key } of counters) {
    const standing = countOf(message.tenant, key).counted;
    const coming = pending.get(pendingKey(message.tenant, key)) ?? [];
    const all = [...standing, ...coming].filter(
      ({ messageId, atMs }) => messageId !== message.id && atMs >= nowMs - spec.lookbackMs,
    );
    counted[spec.id] = {
      timesMs: all.map(({ atMs }) => atMs),
      ...(spec.unit === 'segments' ? { weights: all.map(({ weight }) => weight) } : {}),
      ...(spec.distinct === undefined ? {} : { values: all.map(({ value }) => value ?? '') }),
    };
  }
  return { ...facts, counters: counted };
}

/**
 * The places that a message takes when it goes out, one for each key.
 * @param treatment as the rules left it: a reclassified message counts as what it became
 */
export function reservationsOf(
  message: Countable,
  asked: Facts,
  treatment: MessageClass,
  counters: readonly Counter[],
  countOf: (tenant: string, key: string) => CapCount,
): Reservation[] {
  const facts: Facts = { ...asked, message: { ...asked.message, treatment } };
  const byKey = new Map<string, Reservation>();
  for (const { spec, key } of counters) {
    if (!isOfKind(spec.count, facts)) continue;
    const value = spec.distinct === 'sender' ? message.sender : message.channel;
    byKey.set(key, {
      ...byKey.get(key),
      key,
      version: countOf(message.tenant, key).version,
      weight: facts.message.segments ?? 1,
      ...(spec.distinct === undefined ? {} : { value }),
    });
  }
  return [...byKey.values()];
}

/** Lets messages judged after this one see the places that it is about to take. */
export function expect(
  pending: Pending,
  message: Pick<MessageRow, 'tenant' | 'id'>,
  reservations: readonly Reservation[],
  atMs: number,
): void {
  for (const { key, weight = 1, value = null } of reservations) {
    const at = pendingKey(message.tenant, key);
    const there = pending.get(at) ?? [];
    there.push({ messageId: message.id, atMs, weight, value });
    pending.set(at, there);
  }
}
