import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createRandom } from '../../../models/base/random.ts';
import { describeProvider } from '../contract.fixture.ts';
import type { DeliveryRequest, Provider, Receipt } from '../provider.ts';
import { secretOf } from '../secret.ts';
import { noPeer, type SmppPeer, startSmppPeer, textsOf } from './peer.fixture.ts';
import { createSmppProvider, SmppSpec } from './smpp.ts';

const missing = noPeer();
const faults: string[] = [];
const open = (port: number, more: object = {}): Provider =>
  createSmppProvider(
    'carrier',
    SmppSpec.parse({
      kind: 'smpp',
      host: '127.0.0.1',
      port,
      systemId: 'laneway',
      password: { env: 'X' },
      ...more,
    }),
    {
      clock: () => Date.now(),
      random: createRandom(1),
      password: secretOf('hush'),
      report: (error) => faults.push(String(error)),
    },
  );
const request: DeliveryRequest = {
  messageId: 'M1',
  tenant: 'acme',
  idempotencyKey: 'M1-1',
  channel: 'sms',
  lane: 'transactional',
  from: 'BANK',
  to: '+12125550123',
  subject: null,
  body: 'hello',
};
const patiently = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 30_000, interval: 20 });
/** What reached the peer. Its log comes by another way than its answers: the reply to an order follows all before it. */
async function submittedTo(peer: SmppPeer) {
  await peer.order('spare 0');
  return peer.submissions();
}

if (missing !== undefined) {
  test.skipIf(!process.env['LANEWAY_NO_SKIP'])(`SMPP against Net::SMPP: skipped: ${missing}`, () => {
    throw new Error(missing);
  });
} else {
  describeProvider('smpp', async () => {
    const peer = await startSmppPeer();
    return {
      provider: open(peer.port, { timeoutMs: 1_500 }),
      request,
      received: async () => textsOf(await submittedTo(peer)),
      async provoke(fault) {
        await peer.order(fault === 'lose' ? 'mute 1' : `status ${fault === 'busy' ? 88 : 11} 1`);
        return {};
      },
      async receipt(ref, status) {
        await peer.order(`receipt ${ref} ${status === 'delivered' ? 'DELIVRD' : 'UNDELIV'}`);
        return [];
      },
      leave: () => peer.stop(),
      close: () => peer.stop(),
    };
  });

  describe('an SMPP session', () => {
    let peer: SmppPeer;
    let provider: Provider;
    const told: Receipt[] = [];
    const start = async (more: object = {}): Promise<void> => {
      peer = await startSmppPeer();
      provider = open(peer.port, more);
      provider.onReceipts(async (receipts) => void told.push(...receipts));
      await patiently(() => provider.ping());
    };
    const seen = (kind: string) => peer.log.filter(([first]) => first === kind).length;
    beforeEach(() => void told.splice(0));
    afterEach(async () => {
      await provider.close();
      await peer.stop();
    });

    test('binds with its name, types its addresses, and says good-bye', async () => {
      await start();
      await patiently(() => expect(peer.log).toContainEqual(['bound', 'laneway', 'hush']));
      await provider.deliver([
        request,
        { ...request, from: '+4915112345678' },
        { ...request, from: '24453' },
      ]);
      expect((await submittedTo(peer)).map(({ fields }) => fields.slice(0, 4))).toEqual([
        ['5', 'BANK', '1', '12125550123'],
        ['1', '4915112345678', '1', '12125550123'],
        ['3', '24453', '1', '12125550123'],
      ]);
      await provider.close();
      await patiently(() => expect(seen('unbound')).toBe(1));
    });

    test('a long message goes in parts of 153 septets or 67 units, and is delivered when all of them are', async () => {
      await start();
      const [gsm, ucs2] = await provider.deliver([
        { ...request, body: `${'a'.repeat(152)}€${'b'.repeat(200)}` },
        { ...request, body: `${'я'.repeat(66)}😀${'ю'.repeat(60)}` },
      ]);
      const parts = await submittedTo(peer);
      const sizes = (coding: string) =>
        parts.filter(({ fields }) => fields[5] === coding).map(({ hex }) => hex.length / 2 - 6);
      // Neither the euro sign, two septets, nor the emoji, two units, is cut in half.
      expect(sizes('0')).toEqual([152, 153, 49]);
      expect(sizes('8')).toEqual([132, 124]);
      expect(gsm).toMatchObject({ kind: 'taken' });
      expect(ucs2).toMatchObject({ kind: 'taken' });
      const ids = parts.filter(({ fields }) => fields[5] === '0').map(({ id }) => id);
      await peer.order(`receipt ${ids[0]} DELIVRD`);
      await peer.order(`receipt ${ids[2]} DELIVRD`);
      await patiently(() => expect(seen('acknowledged')).toBe(2));
      expect(told).toEqual([]);
      await peer.order(`receipt ${ids[1]} DELIVRD`);
      await patiently(() => expect(told).toMatchObject([{ providerRef: ids[0], status: 'delivered' }]));
    });

    test('what people write is passed on in either alphabet, put together, and acknowledged when it is done', async () => {
      await start();
      const read: object[] = [];
      let broken = false;
      provider.onInbound?.(async ({ atMs: _, ...inbound }) => {
        if (broken) throw new Error('the store is away');
        read.push(inbound);
      });
      const write = (from: string, to: string, coding: number, hex: string, esm = 0) =>
        peer.order(`write ${from} ${to} ${coding} ${esm} ${hex}`);
      const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex');
      await write('12125550123', '24453', 0, hex('STOP'));
      await write('4915112345678', '12125550100', 8, Buffer.from('СТОП', 'utf16le').swap16().toString('hex'));
      // Two parts, the second one first, then once more because nobody could write it down.
      const part = (n: number, text: string) => `050003a702${n.toString().padStart(2, '0')}${hex(text)}`;
      await write('12125550123', 'BANK', 0, part(2, 'me any more, thank you'), 0x40);
      broken = true;
      await write('12125550123', 'BANK', 0, part(1, 'please stop texting '), 0x40);
      await patiently(() => expect(peer.log).toContainEqual(['acknowledged', '100']));
      broken = false;
      await write('12125550123', 'BANK', 0, part(1, 'please stop texting '), 0x40);
      await patiently(() => expect(seen('acknowledged')).toBe(5));
      expect(read).toEqual([
        { from: '+12125550123', to: '24453', channel: 'sms', text: 'STOP' },
        { from: '+4915112345678', to: '+12125550100', channel: 'sms', text: 'СТОП' },
        {
          from: '+12125550123',
          to: 'BANK',
          channel: 'sms',
          text: 'please stop texting me any more, thank you',
        },
      ]);
      expect(told).toEqual([]);
    });

    test('no more than the window is without an answer', async () => {
      await start({ window: 2, timeoutMs: 2_500 });
      await peer.order('mute 2');
      const outcomes = await provider.deliver(Array.from({ length: 4 }, () => request));
      expect(outcomes.map(({ kind }) => kind)).toEqual(['ambiguous', 'ambiguous', 'taken', 'taken']);
      // The peer writes down what it did after it answered.
      await patiently(() => {
        const order = peer.log.map(([kind]) => kind).filter((kind) => kind === 'muted' || kind === 'submit');
        expect(order).toEqual(['muted', 'muted', 'submit', 'submit']);
      });
    });

    test('signs of life go both ways; a carrier that shows none is left and bound again', async () => {
      await start({ enquireSeconds: 0.2, timeoutMs: 700 });
      await patiently(() => expect(seen('enquired')).toBeGreaterThan(1));
      await peer.order('enquire');
      await patiently(() => expect(seen('alive')).toBe(1));
      await peer.order('silent 1');
      await patiently(() => expect(faults.join()).toContain('no answer to enquire_link'));
      await peer.order('silent 0');
      await patiently(() => expect(seen('bound')).toBeGreaterThan(1));
    });

    test('what was in hand when the link broke is ambiguous; it is bound again and goes on', async () => {
      await start();
      await peer.order('mute 1');
      const inHand = provider.deliver([request]);
      await patiently(() => expect(seen('muted')).toBe(1));
      await peer.order('drop');
      expect(await inHand).toMatchObject([{ kind: 'ambiguous', code: 'ANSWER_LOST' }]);
      await patiently(async () =>
        expect(await provider.deliver([request])).toMatchObject([{ kind: 'taken' }]),
      );
      await patiently(() => expect(seen('bound')).toBe(2));
    });

    test('a refused bind is told without the password and tried again', async () => {
      await start();
      await peer.order('refuse 1');
      await peer.order('drop');
      await patiently(() => expect(faults.join()).toContain('ESME_RINVPASWD'));
      await expect(provider.ping()).rejects.toThrow('ESME_RINVPASWD');
      expect(faults.join()).not.toContain('hush');
      await peer.order('refuse 0');
      await patiently(() => provider.ping());
    });

    test('what carriers want slower, later and never is told apart; a half-sent message is not sent again', async () => {
      await start();
      const after = async (status: number, body = 'hello') => {
        await peer.order(`status ${status} 1`);
        return (await provider.deliver([{ ...request, body }]))[0];
      };
      expect(await after(0x58)).toMatchObject({ kind: 'retry', cause: 'rate', code: 'ESME_RTHROTTLED' });
      expect(await after(0x08)).toMatchObject({ kind: 'retry', code: 'ESME_RSYSERR' });
      expect(await after(0x0a)).toMatchObject({ kind: 'refused', code: 'ESME_RINVSRCADR' });
      expect(await after(0x400)).toMatchObject({ kind: 'retry', code: 'SMPP_0x00000400' });
      await peer.order('spare 1');
      expect(await after(0x08, 'a'.repeat(300))).toMatchObject({ kind: 'ambiguous', code: 'PARTLY_TAKEN' });
      await peer.order('spare 1');
      // A busy carrier gets the rest of it a moment later.
      expect(await after(0x58, 'b'.repeat(300))).toMatchObject({ kind: 'taken' });
    });
  });
}
