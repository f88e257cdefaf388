import type { WebhookReading, WebhookRequest } from '../deliver/provider.ts';
import type { ProviderRegistry } from '../deliver/registry.ts';
import type { ReceiptDesk } from './receipts.ts';

/** What providers called in, since start. */
export interface WebhookCounts {
  readonly provider: string;
  readonly receipts: number;
  /** Entries that said nothing final. */
  readonly ignored: number;
  readonly forged: number;
  readonly malformed: number;
}

export type WebhookAnswer = WebhookReading | { readonly kind: 'no-provider' };

/** Takes providers' calls: checks who calls, and answers when what was told is on record. */
export interface WebhookDesk {
  receive(provider: string, request: WebhookRequest): Promise<WebhookAnswer>;
  counts(): WebhookCounts[];
}

export function createWebhookDesk(
  providers: Pick<ProviderRegistry, 'byName'>,
  receipts: Pick<ReceiptDesk, 'take'>,
): WebhookDesk {
  const counted = new Map<string, { receipts: number; ignored: number; forged: number; malformed: number }>();
  return {
    async receive(name, request) {
      const provider = providers.byName(name);
      if (!provider?.readWebhook) return { kind: 'no-provider' };
      const counts = counted.get(name) ?? { receipts: 0, ignored: 0, forged: 0, malformed: 0 };
      counted.set(name, counts);
      const reading = await provider.readWebhook(request);
      if (reading.kind === 'receipts') {
        await receipts.take(name, reading.receipts);
        counts.receipts += reading.receipts.length;
        counts.ignored += reading.ignored;
      } else counts[reading.kind]++;
      return reading;
    },
    counts: () => [...counted].map(([provider, counts]) => ({ provider, ...counts })),
  };
}
