import type { Channel } from '../comply/types.ts';

/** One message on its way to a carrier. */
export interface DeliveryRequest {
  readonly messageId: string;
  /** The same for every repeat of one attempt: a provider that honours it delivers once. */
  readonly idempotencyKey: string;
  readonly channel: Channel;
  readonly from: string;
  readonly to: string;
  readonly subject: string | null;
  readonly body: string;
}

/**
 * What a provider said about one message. `ambiguous`: it may or may not have been taken (time-out, broken
 * connection); only a repeat under the same key is safe.
 */
export type DeliveryOutcome =
  | { readonly kind: 'taken'; readonly providerRef: string }
  | { readonly kind: 'retry'; readonly code: string; readonly detail: string; readonly retryAfterMs?: number }
  | { readonly kind: 'refused'; readonly code: string; readonly detail: string }
  | { readonly kind: 'ambiguous'; readonly code: string; readonly detail: string };

/** What became of a message after it was taken, as told by the provider. */
export interface Receipt {
  readonly providerRef: string;
  readonly status: 'delivered' | 'undelivered';
  readonly atMs: number;
  readonly detail?: string;
}

/** A way out of the house. Adapters never throw for what a provider says; a throw counts as `ambiguous`. */
export interface Provider {
  readonly name: string;
  readonly channels: readonly Channel[];
  /** Does it recognise a repeated `idempotencyKey` and deliver once? */
  readonly honoursKeys: boolean;
  /** Most messages in one call, 1 to 1000. */
  readonly maxBatch: number;
  /** Answers in the order of the requests. */
  deliver(requests: readonly DeliveryRequest[]): Promise<readonly DeliveryOutcome[]>;
  /** Receipts come in batches, at any time, perhaps twice, perhaps never. */
  onReceipts(listener: (receipts: readonly Receipt[]) => void): void;
  /** Answers, or throws what is wrong. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Which provider serves a channel. */
export interface ProviderRegistry {
  readonly providers: readonly Provider[];
  /** The first that serves the channel, in configured order; undefined: none does. */
  forChannel(channel: Channel): Provider | undefined;
  byName(name: string): Provider | undefined;
}

export function createProviderRegistry(providers: readonly Provider[]): ProviderRegistry {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const byChannel = new Map<Channel, Provider>();
  for (const provider of providers) {
    for (const channel of provider.channels) if (!byChannel.has(channel)) byChannel.set(channel, provider);
  }
  return {
    providers,
    forChannel: (channel) => byChannel.get(channel),
    byName: (name) => byName.get(name),
  };
}
