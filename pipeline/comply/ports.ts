import type { ConsentEvent } from './consent/consent.ts';
import type { SuppressionEntry } from './facts.ts';

/** An event and whose it is. */
export interface ConsentEntry {
  readonly recipient: string;
  readonly event: ConsentEvent;
}

/** An entry as the ledger holds it. */
export interface ConsentRecord extends ConsentEntry {
  /** Order of arrival. */
  readonly seq: number;
}

/** Append-only store of consent events; the state is always derived (`consentStateAt`), never stored. */
export interface ConsentLedger {
  /** Appends events of one recipient; the same `event.id` twice is one event. Resolves when it is durable. */
  append(tenant: string, recipient: string, events: readonly ConsentEvent[]): Promise<void>;
  /**
   * Appends events of many recipients together.
   * @returns places in `entries` of those that are new
   */
  appendMany(tenant: string, entries: readonly ConsentEntry[]): Promise<ReadonlySet<number>>;
  /** All events of one recipient, oldest first. */
  events(tenant: string, recipient: string): Promise<readonly ConsentEvent[]>;
  /** Events of every recipient in order of arrival, after `afterSeq`. */
  list(
    tenant: string,
    page: { readonly afterSeq?: number; readonly limit: number },
  ): Promise<readonly ConsentRecord[]>;
}

/** Addresses that must not be contacted. */
export interface SuppressionList {
  add(tenant: string, recipient: string, entry: SuppressionEntry): Promise<void>;
  /** Every entry of one recipient, whether in force or not. */
  entries(tenant: string, recipient: string): Promise<readonly SuppressionEntry[]>;
}
