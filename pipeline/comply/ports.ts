import type { ConsentEvent } from './consent/consent.ts';
import type { RegistryAnswer, SuppressionEntry } from './facts.ts';

/** Append-only store of consent events; the state is always derived (`consentStateAt`), never stored. */
export interface ConsentLedger {
  /** Appends events of one recipient; the same `event.id` twice is one event. Resolves when it is durable. */
  append(tenant: string, recipient: string, events: readonly ConsentEvent[]): Promise<void>;
  /** All events of one recipient, oldest first. */
  events(tenant: string, recipient: string): Promise<readonly ConsentEvent[]>;
}

/** Addresses that must not be contacted. */
export interface SuppressionList {
  add(tenant: string, recipient: string, entry: SuppressionEntry): Promise<void>;
  /** Every entry of one recipient, whether in force or not. */
  entries(tenant: string, recipient: string): Promise<readonly SuppressionEntry[]>;
}

/** A do-not-contact register, one adapter per source. */
export interface Registry {
  /** As rules name it, e.g. `us-ndnc`. */
  readonly name: string;
  /** `undefined`: no answer to be had; the rule then goes by its `onMissingData`. */
  lookup(tenant: string, recipient: string): Promise<RegistryAnswer | undefined>;
}
