import { randomUUID } from 'node:crypto';
import { checkRecipient } from '../accept/address.ts';
import type { Provider } from '../deliver/provider.ts';
import type { InboundDesk } from './inbound.ts';

/**
 * Takes what people write over providers' own sessions. A session names no message twice, so each gets an id here: what
 * a carrier brings again is done again, which changes nothing.
 *
 * @param tenant whose the sessions are
 */
export function listenForInbound(
  providers: readonly Provider[],
  desk: InboundDesk,
  tenant: string,
  report: (error: unknown, doing: string) => void,
): void {
  for (const provider of providers) {
    provider.onInbound?.(async ({ from, to, channel, text, atMs }) => {
      const sender = checkRecipient(channel, from);
      if (!sender.ok) {
        // Nobody who can be written to: a name, or a service of the carrier's own.
        report(
          new Error(`${provider.name}: a text came from no address that takes any`),
          'taking inbound texts',
        );
        return;
      }
      const id = `${provider.name}:${randomUUID()}`;
      await desk.take(tenant, { id, recipient: sender.address, sender: to, channel, text, atMs });
    });
  }
}
