import type { JsonValue } from '../../models/base/json.ts';
import type { StatedFacts } from '../comply/facts.ts';
import type { Keyring } from '../keys/keyring.ts';
import { type FactSubject, latestFacts, type StoredFact } from '../store/facts.ts';
import type { Db } from '../store/schema.ts';
import { type KnownFacts, type KnownSections, NO_FACTS, type StandingFacts } from './standing.ts';
import { SECTION_VALUES } from './values.ts';

interface About {
  readonly tenant: string;
  readonly sender: string;
  readonly recipient: string;
}

/** Where stated facts are looked up, for many messages in one statement. */
export interface FactSource {
  load(db: Db, messages: readonly About[]): Promise<KnownFacts>;
}

const ofTenant = ({ tenant }: About): FactSubject => ({ tenant, scope: 'tenant', subject: '' });
const ofSender = ({ tenant, sender }: About): FactSubject => ({ tenant, scope: 'sender', subject: sender });

/** @param keyring recipients are found by its keyed hash: the table of facts holds no address */
export function createFactSource(keyring: Pick<Keyring, 'tagOf'>): FactSource {
  const ofRecipient = (about: About): FactSubject => ({
    tenant: about.tenant,
    scope: 'recipient',
    subject: keyring.tagOf(about),
  });
  return {
    async load(db, messages) {
      const factsOf = await latestFacts(
        db,
        messages.flatMap((message) => [ofTenant(message), ofSender(message), ofRecipient(message)]),
      );
      return {
        of(message, nowMs) {
          const layers = [ofTenant(message), ofSender(message), ofRecipient(message)].map(factsOf);
          return standing(layers.flat(), nowMs);
        },
      };
    },
  };
}

/** Later layers go before earlier ones. */
function standing(facts: readonly StoredFact[], nowMs: number): StandingFacts {
  if (facts.length === 0) return NO_FACTS;
  const said: Record<string, Record<string, StatedFacts[string]>> = {};
  const known: Record<string, Record<string, JsonValue>> = {};
  for (const fact of facts) {
    if (fact.untilMs !== undefined && fact.untilMs <= nowMs) continue;
    const dot = fact.path.indexOf('.');
    const section = fact.path.slice(0, dot);
    const member = fact.path.slice(dot + 1);
    if (section in SECTION_VALUES) known[section] = { ...known[section], [member]: dated(section, fact) };
    else said[section] = { ...said[section], [member]: fact.value as StatedFacts[string] };
  }
  return { said, known: known as KnownSections };
}

/** Where rules ask how old a fact is, and it does not say so itself, it is as old as its statement. */
function dated(section: string, { value, asOfMs }: StoredFact): JsonValue {
  if (section === 'metrics') return { value, asOfMs };
  if (section !== 'registrations' && section !== 'feeds') return value;
  return value === null ? null : { checkedAtMs: asOfMs, ...(value as Record<string, JsonValue>) };
}
