import type { Channel } from '../comply/types.ts';
import type { Lane } from '../store/schema.ts';

/** One message on its way to a carrier. */
export interface DeliveryRequest {
  readonly messageId: string;
  readonly tenant: string;
  /** The same for every repeat of one attempt: a provider that honours it delivers once. */
  readonly idempotencyKey: string;
  readonly channel: Channel;
  /** The regime that it goes out under; promotional e-mail carries one-click unsubscription. */
  readonly lane: Lane;
  readonly from: string;
  readonly to: string;
  readonly subject: string | null;
  readonly body: string;
}

/**
 * Whose fault a transient failure is. `provider` (default): it is down or broken, so others are asked instead;
 * `rate`: it is well and wants us slower, so it is left alone for `retryAfterMs`; `message`: only this message
 * must wait (a busy mailbox).
 */
export type RetryCause = 'provider' | 'rate' | 'message';

/**
 * What a provider said about one message. `retry`: it surely was not taken, another provider may have it.
 * `refused`: it never will be. `ambiguous`: it may or may not have been taken (time-out, broken connection); only a
 * repeat under the same key is safe. `code` is stable, `detail` never holds a body, a recipient or a secret.
 */
export type DeliveryOutcome =
  | { readonly kind: 'taken'; readonly providerRef: string }
  | {
      readonly kind: 'retry';
      readonly code: string;
      readonly detail: string;
      readonly retryAfterMs?: number;
      readonly cause?: RetryCause;
    }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'ambiguous'; readonly code: string; readonly detail: string };

/** What became of a message after it was taken, as told by the provider. */
export interface Receipt {
  readonly providerRef: string;
  readonly status: 'delivered' | 'undelivered';
  readonly atMs: number;
  readonly detail?: string;
}

/** A call of a provider's to us, as it came in; header names in lower case. */
export interface WebhookRequest {
  /** As the provider knows it: scheme, host, path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a webhook's call holds, once its signature is checked. */
export type WebhookReading =
  | {
      readonly kind: 'receipts';
      readonly receipts: readonly Receipt[];
      /** Entries that say nothing final, e.g. "queued". */
      readonly ignored: number;
    }
  | { readonly kind: 'forged'; readonly detail: string }
  | { readonly kind: 'malformed'; readonly detail: string };

/** What a person wrote to one of our addresses, as it came over a provider's session. */
export interface Inbound {
  /** The person. */
  readonly from: string;
  /** Ours. */
  readonly to: string;
  readonly channel: Channel;
  readonly text: string;
  readonly atMs: number;
}

/** Resolves when it is on record and done: what a provider waits for before it forgets it. */
export type InboundListener = (inbound: Inbound) => Promise<void>;

/** Who wants no more marketing mail, proved by a link that we made. */
export interface Unsubscription {
  readonly tenant: string;
  /** The mail that the link stood in. */
  readonly messageId: string;
  readonly recipient: string;
  /** Who sent it. */
  readonly sender: string;
}

/** Resolves when the receipts are on record: what a provider waits for before it forgets them. */
export type ReceiptListener = (receipts: readonly Receipt[]) => Promise<void>;

/** A way out of the house. Adapters never throw for what a provider says; a throw counts as `ambiguous`. */
export interface Provider {
  readonly name: string;
  readonly channels: readonly Channel[];
  /** Does it recognise a repeated `idempotencyKey` and deliver once? */
  readonly honoursKeys: boolean;
  /**
   * Most messages in one `deliver`, 1 to 1000. A provider with a bulk operation makes one call of them; one without
   * works them off over its connections. Either way each message has its own outcome.
   */
  readonly maxBatch: number;
  /** Answers in the order of the requests. */
  deliver(requests: readonly DeliveryRequest[]): Promise<readonly DeliveryOutcome[]>;
  /** Receipts come in batches, at any time, perhaps twice, perhaps never. */
  onReceipts(listener: ReceiptListener): void;
  /** Reads a call to the receipts door; absent: the provider makes none. Reads only, tells no listener. */
  readWebhook?(request: WebhookRequest): Promise<WebhookReading>;
  /** What people write back; absent: the provider brings none by itself. */
  onInbound?(listener: InboundListener): void;
  /** Reads the token of an unsubscription link of its own making; undefined: it is none. */
  readUnsubscription?(token: string): Unsubscription | undefined;
  /** Answers, or throws what is wrong. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
