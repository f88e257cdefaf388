import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { describeProvider } from '../contract.fixture.ts';
import type { DeliveryRequest, Provider } from '../provider.ts';
import { secretOf } from '../secret.ts';
import { type MailServer, noMailServer, startCutter, startMailServer } from './server.fixture.ts';
import { createSmtpProvider, SmtpSpec, unsubscribeToken } from './smtp.ts';

const missing = noMailServer();
const secrets: Record<string, string> = { PASS: 'hush', WRONG: 'wrong', SIGN: 'sign-here', UNSUB: 'click' };
const open = (given: object, ca?: string): Provider =>
  createSmtpProvider(
    'mail',
    SmtpSpec.parse({ kind: 'smtp', host: '127.0.0.1', security: 'none', ...given }),
    {
      clock: () => Date.now(),
      secret: (ref) => secretOf(secrets['env' in ref ? ref.env : ''] ?? ''),
      ...(ca === undefined ? {} : { ca }),
    },
  );
const request: DeliveryRequest = {
  messageId: '01M85PSQ0BVNJAHR5VX7PXGMSR',
  tenant: 'acme',
  idempotencyKey: '01M85PSQ0BVNJAHR5VX7PXGMSR-1',
  channel: 'email',
  lane: 'transactional',
  from: 'bank@example.org',
  to: 'ann@example.org',
  subject: 'Your code',
  body: 'hello',
};
const patiently = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 30_000, interval: 50 });
const signed = (body: Uint8Array, secret = 'sign-here') => ({
  url: 'https://laneway.example/v1/receipts/mail',
  headers: {
    'content-type': 'message/rfc822',
    'x-laneway-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  },
  body,
});

if (missing !== undefined) {
  test.skipIf(!process.env['LANEWAY_NO_SKIP'])(`SMTP against Exim: skipped: ${missing}`, () => {
    throw new Error(missing);
  });
} else {
  describeProvider('smtp', async () => {
    const server = await startMailServer();
    const cutter = await startCutter(server.port);
    const provider = open({ port: cutter.port, timeoutMs: 5_000, receiptSecret: { env: 'SIGN' } });
    /** The notification about one envelope, as it reached the sender's mailbox. */
    const notificationOf = async (ref: string): Promise<Uint8Array> =>
      patiently(async () => {
        const found = (await server.arrived()).find(
          ({ mailbox, raw }) =>
            mailbox === 'bank' && new RegExp(`^Original-Envelope-Id: ${ref}\\s*$`, 'im').test(raw.toString()),
        );
        if (!found) throw new Error(`no notification of ${ref} yet`);
        return found.raw;
      });
    return {
      provider,
      request,
      received: async () =>
        (await server.arrived()).filter(({ mailbox }) => mailbox === 'ann').map(({ text }) => text),
      provoke(fault) {
        if (fault === 'lose') cutter.cutAt(/^250 OK id=/m);
        return fault === 'lose' ? {} : { to: `${fault === 'busy' ? 'busy' : 'nobody'}@example.org` };
      },
      async receipt(ref, status) {
        const mail = Buffer.from(await notificationOf(ref)).toString('latin1');
        // The server delivers everything; what it says of a failure differs in these words only.
        const told = status === 'delivered' ? mail : mail.replace(/^Action: delivered/m, 'Action: failed');
        const reading = await provider.readWebhook!(signed(Buffer.from(told, 'latin1')));
        return reading.kind === 'receipts' ? reading.receipts : [];
      },
      async leave() {
        cutter.stop();
        await server.stop();
      },
      async close() {
        cutter.stop();
        await server.stop();
      },
    };
  });

  describe('mail through a real server', () => {
    let server: MailServer;
    beforeAll(async () => {
      server = await startMailServer();
    });
    afterAll(() => server.stop());
    const mailOf = (subject: string) =>
      patiently(async () => {
        const found = (await server.arrived()).find((one) => one.subject === subject);
        if (!found) throw new Error(`${subject} has not arrived`);
        return found;
      });

    test('promotional mail can be left with one click, transactional mail says nothing of it', async () => {
      const provider = open({
        port: server.port,
        unsubscribe: {
          url: 'https://shop.example/u/{{messageId}}?t={{token}}',
          mailto: 'leave@shop.example',
          secret: { env: 'UNSUB' },
        },
      });
      await provider.deliver([
        { ...request, lane: 'promotional', subject: 'Sale' },
        { ...request, subject: 'Receipt' },
      ]);
      const token = unsubscribeToken(secretOf('click'), request);
      const sale = await mailOf('Sale');
      expect(sale.headers('list-unsubscribe')).toEqual([
        `<https://shop.example/u/${request.messageId}?t=${token}>, <mailto:leave@shop.example?subject=unsubscribe%20${request.messageId}>`,
      ]);
      expect(sale.headers('list-unsubscribe-post')).toEqual(['List-Unsubscribe=One-Click']);
      expect(sale.headers('message-id')).toEqual([`<${request.idempotencyKey}@example.org>`]);
      expect((await mailOf('Receipt')).headers('list-unsubscribe')).toEqual([]);
      await provider.close();
    });

    test('goes over TLS with a checked certificate and a password, and not at all without', async () => {
      const auth = { user: 'laneway', password: { env: 'PASS' } };
      const starttls = { port: server.port, security: 'starttls', auth };
      const provider = open(starttls, readFileSync(server.caFile, 'utf8'));
      expect(await provider.deliver([{ ...request, subject: 'Encrypted' }])).toMatchObject([
        { kind: 'taken' },
      ]);
      expect((await mailOf('Encrypted')).headers('received').join()).toMatch(/esmtpsa.*TLS/s);
      await provider.close();
      const stranger = open(starttls);
      expect(await stranger.deliver([request])).toMatchObject([{ kind: 'retry', code: 'UNREACHABLE' }]);
      await expect(stranger.ping()).rejects.toThrow();
      await stranger.close();
      const wrong = open(
        { ...starttls, auth: { ...auth, password: { env: 'WRONG' } } },
        readFileSync(server.caFile, 'utf8'),
      );
      expect(await wrong.deliver([request])).toMatchObject([{ kind: 'retry', code: 'NOT_AUTHORIZED' }]);
      await wrong.close();
    });

    test('connections are shared: forty messages over two of them', async () => {
      const provider = open({ port: server.port, connections: 2 });
      const outcomes = await provider.deliver(
        Array.from({ length: 40 }, (_, i) => ({
          ...request,
          to: `many${i}@example.org`,
          idempotencyKey: `many-${i}`,
        })),
      );
      expect(outcomes.every(({ kind }) => kind === 'taken')).toBe(true);
      await provider.close();
    });

    test('a notification under another signature is forged, mail that is none is malformed', async () => {
      const provider = open({ port: server.port, receiptSecret: { env: 'SIGN' } });
      const mail = Buffer.from('Subject: hello\r\n\r\nnothing to report');
      expect(await provider.readWebhook!(signed(mail, 'other'))).toMatchObject({ kind: 'forged' });
      expect(await provider.readWebhook!(signed(mail))).toMatchObject({ kind: 'malformed' });
      await provider.close();
    });
  });
}
