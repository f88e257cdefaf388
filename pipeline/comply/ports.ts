import type { ConsentEvent } from './consent.ts';
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

/** Counts what was sent for frequency rules. A reservation counts from the moment it is made. */
export interface CapCounter {
  /** Instants (epoch ms, ascending) counted under `key` since `sinceMs`, in-flight reservations included. */
  times(tenant: string, key: string, sinceMs: number): Promise<readonly number[]>;
  /** Counts `messageId` at `atMs` under every key; idempotent per message and key. */
  reserve(tenant: string, keys: readonly string[], messageId: string, atMs: number): Promise<void>;
  /** Takes a reservation back: the message did not go out. */
  release(tenant: string, messageId: string): Promise<void>;
}
