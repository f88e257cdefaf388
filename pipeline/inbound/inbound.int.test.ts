import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRuleBook } from '../comply/compliance.ts';
import { consentStateAt } from '../comply/consent/consent.ts';
import { keywordClassifier } from '../compose.fixture.ts';
import { createPipeline, type Pipeline } from '../compose.ts';
import type { DeliveryRequest, Provider } from '../deliver/provider.ts';
import { loadStandings, standingKey } from '../reputation/store.ts';
import { buildRegistryFile } from '../suppress/registry-build.ts';
import { addressKeys, openAddressKeys } from '../suppress/registry-format.ts';
import type { InboundMessage } from './inbound.ts';

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 30_000, interval: 25 });

const OURS = '+12125550100';
const tenant = 'acme';

describe('what people write to us', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'laneway-inbound-'));
  const offsetMs = Date.parse('2026-07-15T16:00:00Z') - Date.now();
  const now = (): number => Date.now() + offsetMs;
  const delivered: DeliveryRequest[] = [];
  /** Held at the carrier's door while it is set. */
  let hold: Promise<void> | undefined;
  const carrier: Provider = {
    name: 'carrier',
    channels: ['sms', 'email'],
    honoursKeys: true,
    maxBatch: 1,
    async deliver(requests) {
      await hold;
      delivered.push(...requests);
      return requests.map(({ messageId, body }) =>
        body.includes('fails') && hold
          ? { kind: 'retry', code: 'BUSY', detail: 'busy', retryAfterMs: 1 }
          : { kind: 'taken', providerRef: messageId },
      );
    },
    onReceipts: () => undefined,
    ping: async () => undefined,
    close: async () => undefined,
  };
  let pipeline: Pipeline;
  let made = 0;
  let people = 200;

  beforeAll(async () => {
    pipeline = await createPipeline({
      dataDir,
      classifier: keywordClassifier(),
      compliance: createRuleBook(),
      clock: now,
      providers: [carrier],
      retry: { baseMs: 1, capMs: 2 },
    });
    await pipeline.start();
  });
  afterAll(async () => {
    await pipeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const person = (): string => `+12125550${String(++people).padStart(3, '0')}`;
  const write = (recipient: string, text: string, more: Partial<InboundMessage> = {}) =>
    pipeline.inbound.take(tenant, {
      id: `in-${++made}`,
      recipient,
      sender: OURS,
      channel: 'sms',
      text,
      atMs: now(),
      ...more,
    });
  const optIn = (recipient: string) =>
    pipeline.consent.append(tenant, recipient, [
      {
        id: `web-${recipient}`,
        kind: 'granted',
        atMs: now() - 60_000,
        channel: 'sms',
        purpose: 'marketing',
        level: 'express-written',
        method: 'web-form',
        wordingVersion: '1',
        evidence: ['signature', 'seller-name', 'not-condition-of-purchase'],
      },
    ]);
  const send = async (to: string, body: string, from = OURS): Promise<string> => {
    const [result] = await pipeline.accept(tenant, [{ request: { to, from, channel: 'sms', body } }]);
    if (result?.kind !== 'accepted') throw new Error(JSON.stringify(result));
    return result.id;
  };
  const settled = (id: string) =>
    until(async () => {
      const view = await pipeline.get(tenant, id);
      expect(view?.state).toMatch(/^(sent|blocked|deferred|held)$/);
      return view!;
    });
  const sentTo = (recipient: string): string[] =>
    delivered.filter(({ to }) => to === recipient).map(({ body }) => body);

  const SALE = 'Acme sale: all shoes 20% off. Reply STOP to end';
  const CODE = 'Your code is 482913';

  test('a stop ends marketing at once, never a receipt, and is confirmed', async () => {
    const to = person();
    await optIn(to);
    expect((await settled(await send(to, SALE))).state).toBe('sent');
    const answer = await write(to, 'Stop');
    expect(answer).toMatchObject({ changed: true, repeated: false, noConfirmation: null, inHand: [] });
    expect((await settled(await send(to, SALE))).state).toBe('blocked');
    expect((await settled(await send(to, CODE))).state).toBe('sent');
    expect((await settled(answer.confirmation!)).state).toBe('sent');
    expect(sentTo(to)[1]).toMatch(/^You are unsubscribed/);
    const states = consentStateAt(await pipeline.consent.events(tenant, to), now());
    expect(states).toMatchObject([{ purpose: 'marketing', status: 'revoked' }]);
    const standings = await loadStandings(pipeline.store.bulk, [{ tenant, sender: OURS }]);
    expect(standings.get(standingKey(tenant, OURS))?.incidents).toBeGreaterThan(0.9);
  });

  test('64 deliveries of one stop and 8 stops at once come to one confirmation', async () => {
    const to = person();
    await optIn(to);
    const id = `burst-${to}`;
    const atMs = now();
    const answers = await Promise.all([
      ...Array.from({ length: 64 }, () => write(to, 'STOP', { id, atMs })),
      ...Array.from({ length: 8 }, () => write(to, 'arrêt')),
    ]);
    const confirmations = new Set(answers.flatMap(({ confirmation }) => confirmation ?? []));
    expect(confirmations.size).toBe(1);
    await settled([...confirmations][0]!);
    expect(sentTo(to)).toHaveLength(1);
    expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(9);
    expect((await pipeline.consent.events(tenant, to)).length).toBe(10);
    await expect(write(to, 'something else', { id, atMs })).rejects.toMatchObject({
      code: 'INBOUND_ID_REUSED',
    });
  });

  test('stop everything ends receipts too, but for its one confirmation', async () => {
    const to = person();
    const { confirmation, wish } = await write(to, 'STOP ALL');
    expect(wish).toMatchObject({ scope: 'all' });
    expect((await settled(confirmation!)).state).toBe('sent');
    expect((await settled(await send(to, CODE))).state).toBe('blocked');
  });

  test('help and chatter change nothing; a start undoes a stop', async () => {
    const to = person();
    await optIn(to);
    await write(to, 'Stop');
    const before = await pipeline.consent.events(tenant, to);
    expect(await write(to, 'HELP')).toMatchObject({ wish: { kind: 'help' }, changed: false });
    expect(await write(to, 'thanks, see you')).toMatchObject({ wish: { kind: 'none' }, changed: false });
    expect(await pipeline.consent.events(tenant, to)).toEqual(before);
    expect((await pipeline.suppressions.entries(tenant, to))[0]).not.toHaveProperty('untilMs');
    expect(await write(to, 'START')).toMatchObject({ changed: true, confirmation: null });
    expect((await pipeline.suppressions.entries(tenant, to))[0]).toHaveProperty('untilMs');
    const again = await write(to, 'Stop');
    expect(again.confirmation).not.toBeNull();
    expect((await pipeline.suppressions.entries(tenant, to))[0]).not.toHaveProperty('untilMs');
  });

  test('late news is done, but no longer confirmed', async () => {
    const answer = await write(person(), 'STOP', { atMs: now() - 6 * 60_000 });
    expect(answer).toMatchObject({ changed: true, confirmation: null, noConfirmation: 'too-late' });
    expect(await write(person(), 'STOP', { sender: 'not a sender at all' })).toMatchObject({
      noConfirmation: 'no-way-back',
    });
  });

  test('a stop that comes while the carrier has the message is told, and nothing is tried again', async () => {
    const to = person();
    await optIn(to);
    let open!: () => void;
    hold = new Promise((resolve) => {
      open = resolve;
    });
    const id = await send(to, `${SALE} fails`);
    await until(async () => expect((await pipeline.get(tenant, id))?.state).toBe('sending'));
    const answer = await write(to, 'STOP');
    expect(answer.inHand).toEqual([id]);
    open();
    const view = await until(async () => {
      const seen = (await pipeline.get(tenant, id))!;
      expect(seen.state).toBe('blocked');
      return seen;
    });
    hold = undefined;
    expect(view.timeline.map(({ type }) => type)).toContain('opt-out-in-hand');
    expect(view.attempts).toHaveLength(1);
    await settled(answer.confirmation!);
  });

  test('a denied sender or content is blocked from the next message on, and let go again', async () => {
    const to = person();
    const entry = { reason: 'phishing wave', source: 'desk', createdAtMs: now() };
    await pipeline.denylist.add(tenant, { ...entry, id: 'd1', kind: 'sender', pattern: 'EVILBANK' });
    await pipeline.denylist.add(tenant, {
      ...entry,
      id: 'd2',
      kind: 'content-pattern',
      pattern: 'verify your wallet at [a-z]+\\.example',
    });
    expect((await settled(await send(to, CODE, 'evilbank'))).reason).toBe('all-denylist');
    expect((await settled(await send(to, 'Vérify your WALLET at evil.example'))).reason).toBe('all-denylist');
    expect((await settled(await send(to, CODE, 'GOODBANK'))).state).toBe('sent');
    expect(await pipeline.denylist.remove(tenant, 'd1', now())).toBe(true);
    expect((await settled(await send(to, CODE, 'EVILBANK'))).state).toBe('sent');
  });

  test('a registry file counts from the next message on, with its date', async () => {
    const to = person();
    const keys = openAddressKeys(join(dataDir, 'registries'));
    const build = async (asOfMs: number) =>
      buildRegistryFile(
        join(dataDir, 'registries', tenant),
        keys,
        { name: 'us-ndnc', asOfMs, source: 'test' },
        (async function* () {
          yield [{ recipient: to, listedSinceMs: Date.parse('2025-01-01') }];
        })(),
        now(),
      );
    const { file } = await build(Date.parse('2026-07-15'));
    await pipeline.registries.activate(tenant, 'us-ndnc', file);
    expect(await pipeline.registries.lookup(tenant, to)).toEqual({
      'us-ndnc': {
        listed: true,
        listedSinceMs: Date.parse('2025-01-01'),
        checkedAtMs: Date.parse('2026-07-15'),
      },
    });
    const other = person();
    expect(await pipeline.registries.lookup(tenant, other)).toMatchObject({ 'us-ndnc': { listed: false } });
    await pipeline.registries.add(tenant, 'us-ndnc', [{ recipient: other }]);
    expect(await pipeline.registries.lookup(tenant, other)).toMatchObject({ 'us-ndnc': { listed: true } });
    const older = await build(Date.parse('2026-07-01'));
    await expect(pipeline.registries.activate(tenant, 'us-ndnc', older.file)).rejects.toMatchObject({
      code: 'REGISTRY_OLDER',
    });
    expect(addressKeys('other').id).not.toBe(keys.id);
  });
});
