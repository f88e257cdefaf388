import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { DeliveryRequest, Provider, Receipt } from './provider.ts';

export type Fault = 'busy' | 'refuse' | 'lose';

/** The other end of a provider, under a test's control. */
export interface ContractPeer {
  readonly provider: Provider;
  /** A message that this provider can carry. */
  readonly request: DeliveryRequest;
  /** Texts that arrived, in order, whole. */
  received(): string[] | Promise<string[]>;
  /** Makes the next message meet a fault; returns what must be different in it. */
  provoke(fault: Fault): Partial<DeliveryRequest> | Promise<Partial<DeliveryRequest>>;
  /**
   * Lets a receipt come; returns those that the provider read, where they come by webhook. Absent: the other end sends
   * one for each message and draws its word itself.
   */
  receipt?(ref: string, status: Receipt['status']): Promise<readonly Receipt[]>;
  /** The other end goes away for good. */
  leave(): Promise<void>;
  close(): Promise<void>;
}

const patiently = <T>(check: () => T | Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 30_000, interval: 20 });

const TEXTS = [
  'Your code is 482913',
  'Ünïcode {braces} [and] €uro ~tilde^ \\ | "quotes" & <tags> %7B+%20',
  'Emoji 😀 and 漢字, не латиница',
  `Long: ${'all of this arrives in one piece; '.repeat(12)}end`,
  `Long and wide: ${'кириллица 😀 '.repeat(14)}конец`,
];

/** What every adapter of the port must do; each test file opens its own adapter with its own peer. */
export function describeProvider(name: string, open: () => Promise<ContractPeer>): void {
  describe(`${name} keeps the contract of the port`, () => {
    let peer: ContractPeer;
    const told: Receipt[] = [];
    let sent = 0;
    const next = (more: Partial<DeliveryRequest> = {}): DeliveryRequest => {
      sent++;
      return { ...peer.request, messageId: `M${sent}`, idempotencyKey: `M${sent}-1`, ...more };
    };

    beforeAll(async () => {
      peer = await open();
      peer.provider.onReceipts(async (receipts) => void told.push(...receipts));
      await patiently(() => peer.provider.ping());
    });
    afterAll(() => peer.close());

    test('texts of every alphabet and length arrive whole, answered in order, each with its own reference', async () => {
      const requests = TEXTS.map((body) => next({ body }));
      const outcomes = await peer.provider.deliver(requests);
      expect(outcomes.map(({ kind }) => kind)).toEqual(TEXTS.map(() => 'taken'));
      expect(new Set(outcomes.map((one) => (one.kind === 'taken' ? one.providerRef : ''))).size).toBe(
        TEXTS.length,
      );
      await patiently(async () => {
        const received = await peer.received();
        for (const text of TEXTS) expect(received.filter((one) => one === text)).toHaveLength(1);
      });
    });

    test.each([
      ['busy', 'retry'],
      ['refuse', 'refused'],
      ['lose', 'ambiguous'],
    ] as const)(
      '%s means %s, says nothing of whom it was for, and the next message goes',
      async (fault, kind) => {
        const request = next({ ...(await peer.provoke(fault)), body: 'A secret text of 551177' });
        const [outcome] = await peer.provider.deliver([request]);
        expect(outcome).toMatchObject({ kind });
        const words = JSON.stringify(outcome);
        for (const part of [request.to, request.to.replace('+', ''), request.body])
          expect(words).not.toContain(part);
        await patiently(async () => {
          const [after] = await peer.provider.deliver([next({ body: `After ${fault}` })]);
          expect(after).toMatchObject({ kind: 'taken' });
        });
      },
    );

    test('receipts come back under the reference that was given', async () => {
      const outcomes = await peer.provider.deliver([next(), next()]);
      const refs = outcomes.map((one) => (one.kind === 'taken' ? one.providerRef : ''));
      const read = peer.receipt
        ? [...(await peer.receipt(refs[0]!, 'delivered')), ...(await peer.receipt(refs[1]!, 'undelivered'))]
        : [];
      await patiently(() => {
        const statusOf = (ref: string | undefined) =>
          [...read, ...told].find((one) => one.providerRef === ref)?.status;
        expect(statusOf(refs[0])).toMatch(peer.receipt ? /^delivered$/ : /delivered$/);
        expect(statusOf(refs[1])).toMatch(peer.receipt ? /^undelivered$/ : /delivered$/);
      });
    });

    test('a repeat under the same key is delivered once where keys are honoured', async () => {
      const request = next({ body: `Only once ${peer.provider.name}` });
      const [first] = await peer.provider.deliver([request]);
      const [again] = await peer.provider.deliver([request]);
      if (!peer.provider.honoursKeys) return;
      expect(again).toEqual(first);
      expect((await peer.received()).filter((one) => one === request.body)).toHaveLength(1);
    });

    test('an empty list is answered with one', async () => {
      expect(await peer.provider.deliver([])).toEqual([]);
    });

    test('with the other end gone a message was surely not taken, and a ping says so', async () => {
      await peer.leave();
      await patiently(async () => {
        await expect(peer.provider.ping()).rejects.toThrow();
      });
      const [outcome] = await peer.provider.deliver([next()]);
      expect(outcome).toMatchObject({ kind: 'retry' });
    });

    test('closed, twice, it takes nothing and does not throw', async () => {
      await peer.provider.close();
      await peer.provider.close();
      expect(await peer.provider.deliver([next()])).toMatchObject([{ kind: 'retry' }]);
    });
  });
}
