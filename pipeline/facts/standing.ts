import type { Facts, StatedFacts } from '../comply/facts.ts';

/** Sections of facts that are stated whole, each member a structure of its own. */
export type KnownSections = Pick<
  Facts,
  | 'registrations'
  | 'lists'
  | 'events'
  | 'duties'
  | 'feeds'
  | 'preferences'
  | 'replies'
  | 'retention'
  | 'metrics'
>;

/** What was stated once and holds for many messages, as it stands for one of them. */
export interface StandingFacts {
  /** Single values by section, as `metadata` has them too; what comes with the message goes before. */
  readonly said: Readonly<Record<string, StatedFacts>>;
  readonly known: KnownSections;
}

export const NO_FACTS: StandingFacts = Object.freeze({ said: {}, known: {} });

/** Stated facts of many messages' tenants, senders and recipients. */
export interface KnownFacts {
  /** The recipient's go before the sender's, and those before the tenant's; what has ended is not known. */
  of(
    message: { readonly tenant: string; readonly sender: string; readonly recipient: string },
    nowMs: number,
  ): StandingFacts;
}
