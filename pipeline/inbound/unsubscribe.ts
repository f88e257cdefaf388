import type { Clock } from '../../models/base/clock.ts';
import { OPT_OUT_REASONS } from '../comply/consent/opt-out.ts';
import type { SuppressionList } from '../comply/ports.ts';
import type { Unsubscription } from '../deliver/provider.ts';
import type { ProviderRegistry } from '../deliver/registry.ts';
import type { InboundDesk } from './inbound.ts';

/** One-click unsubscription from marketing mail (RFC 8058). */
export interface UnsubscribeDesk {
  /** Reads a link's token; undefined: it is none of ours. Changes nothing: scanners follow links too. */
  read(provider: string, token: string): Unsubscription | undefined;
  /** Records the opt-out; once more only when the person had opted in again. Durable when it resolves. */
  take(link: Unsubscription): Promise<void>;
}

export function createUnsubscribeDesk(parts: {
  readonly providers: Pick<ProviderRegistry, 'byName'>;
  readonly inbound: InboundDesk;
  readonly suppressions: Pick<SuppressionList, 'entries'>;
  readonly clock: Clock;
}): UnsubscribeDesk {
  const { providers, inbound, suppressions, clock } = parts;
  return {
    read: (provider, token) => providers.byName(provider)?.readUnsubscription?.(token),
    async take({ tenant, messageId, recipient, sender }) {
      const atMs = clock();
      const said = { recipient, sender, channel: 'email', text: '', oneClick: true, atMs } as const;
      const { repeated } = await inbound.take(tenant, { ...said, id: `one-click:${messageId}` });
      if (!repeated) return;
      const entries = await suppressions.entries(tenant, recipient);
      const stopped = entries.some(
        ({ reason, untilMs, channel }) =>
          OPT_OUT_REASONS.has(reason) &&
          (untilMs === undefined || untilMs > atMs) &&
          (channel === 'email' || channel === 'any'),
      );
      if (!stopped) await inbound.take(tenant, { ...said, id: `one-click:${messageId}:${atMs}` });
    },
  };
}
