import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NewMessage, storeAccepted } from './accept.ts';
import { capCounts } from './caps.ts';
import { createConsentLedger } from './consent.ts';
import { createSuppressionList, loadContacts } from './contacts.ts';
import { listDeadLetters, redrive } from './dead-letters.ts';
import { loadForRelease, messageHistory, nextInLine } from './messages.ts';
import { MIGRATIONS, migrate } from './migrate.ts';
import { openStore, type Store } from './open.ts';
import { storeReceipts } from './receipts.ts';
import { addEntries, openOwnRegistry } from './registries.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';
import { type Transition, takeSteps } from './transition.ts';

const tenant = 'acme';
let made = 0;
const message = (over: Partial<NewMessage> = {}): NewMessage => {
  const id = `m${String(++made).padStart(8, '0')}`;
  return {
    tenant,
    id,
    state: 'accepted',
    lane: 'transactional',
    order_key: id,
    channel: 'sms',
    sender: 'BANK',
    recipient: '+12125550123',
    subject: null,
    body: `It's "quoted" \\ 'twice' — 你好 👋 $1 %s\n`,
    claim: null,
    metadata: '{"a":"it\'s"}',
    accepted_at_ms: 1_000,
    send_at_ms: null,
    expires_at_ms: null,
    idempotency_key: null,
    body_hash: 'h1',
    ...over,
  };
};
const step = (of: NewMessage, over: Partial<Transition>): Transition => ({
  tenant,
  id: of.id,
  version: 1,
  to: 'queued',
  lane: of.lane,
  atMs: 2_000,
  event: 'moved',
  ...over,
});

const home = mkdtempSync(join(tmpdir(), 'laneway-store-'));
const server = await startTestServer();
if (typeof server === 'string') console.warn(`contract suite on a PostgreSQL server skipped: ${server}`);
afterAll(async () => {
  if (typeof server !== 'string') await server.stop();
  rmSync(home, { recursive: true, force: true });
});

describe.each(['pglite', 'postgres'] as const)('the store on %s', (kind) => {
  const skipped = kind === 'postgres' && typeof server === 'string';
  const open = (): Promise<Store> =>
    openStore(
      kind === 'pglite' ? { kind, dir: join(home, 'store') } : { kind, url: (server as TestServer).url },
    );
  let store: Store;
  beforeAll(async () => {
    if (!skipped) store = await open();
  });
  afterAll(async () => {
    await store?.close();
  });
  const it = test.skipIf(skipped);

  it('gives back every character and number that went in', async () => {
    const one = message();
    expect(await storeAccepted(store.urgent, [one])).toEqual([{ kind: 'stored' }]);
    const history = await messageHistory(store.bulk, tenant, one.id);
    expect(history?.message).toMatchObject({
      body: one.body,
      metadata: one.metadata,
      accepted_at_ms: 1_000,
      version: 1,
    });
    expect(history?.events.map((event) => event.type)).toEqual(['accepted']);
    expect(await messageHistory(store.bulk, 'other', one.id)).toBeUndefined();
  });

  it('keeps one message a key, within a group, between groups and between tenants', async () => {
    const key = { idempotency_key: `k-${kind}` };
    const [a, b, c] = [message(key), message(key), message({ ...key, tenant: 'other' })];
    const first = await storeAccepted(store.urgent, [a, b, c]);
    expect(first).toEqual([
      { kind: 'stored' },
      { kind: 'repeated', messageId: a.id, bodyHash: 'h1', acceptedAs: 'accepted' },
      { kind: 'stored' },
    ]);
    const again = await Promise.all(
      Array.from({ length: 8 }, (_, i) => storeAccepted(i % 2 ? store.urgent : store.bulk, [message(key)])),
    );
    for (const [outcome] of again) expect(outcome).toMatchObject({ kind: 'repeated', messageId: a.id });
  });

  it('lets one of two rivals take a step, with all that belongs to it', async () => {
    const one = message();
    await storeAccepted(store.urgent, [one]);
    const opens = { attempt: 1, provider: 'p', providerKey: 'k1' };
    const decision = { outcome: 'send', hash: 'aa', record: '{"x":1}' };
    const rivals = await Promise.all(
      [store.urgent, store.bulk].map((db) =>
        takeSteps(db, [
          step(one, { to: 'sending', opens, decision, reserves: [{ key: 'c|r', version: 0 }] }),
        ]),
      ),
    );
    expect(rivals.map((won) => won.size).sort()).toEqual([0, 1]);
    const history = await messageHistory(store.bulk, tenant, one.id);
    expect(history?.message).toMatchObject({ state: 'sending', version: 2, attempts: 1 });
    expect(history?.attempts).toHaveLength(1);
    expect(history?.events).toHaveLength(2);
    const counts = await capCounts(store.bulk, [{ tenant, key: 'c|r', sinceMs: 0 }]);
    expect(counts(tenant, 'c|r').counted.map(({ atMs }) => atMs)).toContain(2_000);
    const [loaded] = await loadForRelease(store.bulk, [one]);
    expect(loaded).toMatchObject({ open_key: 'k1', open_unended: true });
  });

  it('keeps a line: the second waits for the first, in its lane only', async () => {
    const [a, b, c] = [0, 1, 2].map(() => message({ order_key: `line-${kind}` }));
    await storeAccepted(store.urgent, [a!, b!, { ...c!, lane: 'promotional' }]);
    await takeSteps(store.urgent, [step(a!, {}), step(b!, {}), step(c!, { lane: 'promotional' })]);
    const loaded = await loadForRelease(store.urgent, [b!, a!, c!]);
    expect(loaded.map((row) => [row.id, row.behind])).toEqual([
      [a!.id, false],
      [b!.id, true],
      [c!.id, false],
    ]);
    await takeSteps(store.urgent, [
      step(b!, { version: 2, to: 'waiting' }),
      step(a!, { version: 2, to: 'sent' }),
    ]);
    expect(await nextInLine(store.urgent, [{ tenant, order_key: `line-${kind}` }])).toMatchObject([
      { id: b!.id },
    ]);
  });

  it('matches receipts once, whatever their order and number', async () => {
    const one = message();
    await storeAccepted(store.urgent, [one]);
    await takeSteps(store.urgent, [
      step(one, { to: 'sending', opens: { attempt: 1, provider: 'p', providerKey: 'k' } }),
    ]);
    const ref = `ref-${kind}`;
    const closes = { attempt: 1, outcome: 'sent' as const, providerRef: ref };
    const receipt = { providerRef: ref, status: 'delivered' as const, atMs: 3_000 };
    expect(await storeReceipts(store.bulk, 'p', [receipt], 3_000)).toEqual([receipt]);
    await takeSteps(store.urgent, [step(one, { version: 2, to: 'sent', closes })]);
    const stray = { providerRef: 'nobody', status: 'delivered' as const, atMs: 1 };
    expect(await storeReceipts(store.bulk, 'p', [receipt, receipt, stray], 3_000)).toEqual([stray]);
    await storeReceipts(store.bulk, 'p', [{ ...receipt, status: 'undelivered' }], 4_000);
    const history = await messageHistory(store.bulk, tenant, one.id);
    expect(history?.message.state).toBe('delivered');
    expect(history?.events.filter((event) => event.type === 'delivered')).toHaveLength(1);
  });

  it('lists the dead and wakes them', async () => {
    const one = message();
    await storeAccepted(store.urgent, [one]);
    const rate = { nowMs: 5_000, perSecond: 2, limit: 10 };
    const dies = { code: 'GONE', detail: 'no such number', attempts: 1 };
    await takeSteps(store.urgent, [step(one, { to: 'failed', dies })]);
    expect(
      (await listDeadLetters(store.bulk, tenant, { code: 'GONE' })).map((dead) => dead.message_id),
    ).toContain(one.id);
    expect(await redrive(store.bulk, tenant, { ids: [one.id, 'unknown'] }, rate)).toEqual([one.id]);
    expect(await redrive(store.bulk, tenant, { ids: [one.id] }, rate)).toEqual([]);
    expect(
      (await listDeadLetters(store.bulk, tenant, { code: 'GONE' })).map((dead) => dead.message_id),
    ).not.toContain(one.id);
  });

  it('knows what a recipient said, and how old a register is', async () => {
    const recipient = `+1999${kind}`;
    const ledger = createConsentLedger(store.urgent);
    const event = { id: 'e1', kind: 'granted', atMs: 5, channel: 'sms', purpose: 'marketing' } as const;
    await ledger.append(tenant, recipient, [event, event]);
    await ledger.append(tenant, recipient, [{ ...event, id: 'e2', kind: 'revoked', atMs: 4 }]);
    expect((await ledger.events(tenant, recipient)).map((one) => one.id)).toEqual(['e1', 'e2']);
    const list = createSuppressionList(store.urgent);
    await list.add(tenant, recipient, {
      purpose: 'marketing',
      channel: 'any',
      sinceMs: 1,
      reason: 'stop-keyword',
    });
    await list.add(tenant, recipient, {
      purpose: 'marketing',
      channel: 'any',
      sinceMs: 2,
      reason: 'stop-keyword',
    });
    await openOwnRegistry(store.urgent, tenant, 'us-ndnc', 77);
    await addEntries(store.urgent, tenant, 'us-ndnc', [{ recipient }]);
    const contact = (await loadContacts(store.bulk, [{ tenant, recipient }])).contact(tenant, recipient);
    expect(contact.suppression).toEqual([
      { purpose: 'marketing', channel: 'any', sinceMs: 2, reason: 'stop-keyword' },
    ]);
    expect(contact.registries).toEqual({ 'us-ndnc': { listed: true, checkedAtMs: 77 } });
    const stranger = (await loadContacts(store.bulk, [{ tenant: 'new', recipient }])).contact(
      'new',
      recipient,
    );
    expect(stranger).toEqual({
      consentEvents: [],
      suppression: [],
      registries: {},
      added: {},
      mark: { consent: 0, suppression: 0 },
    });
  });

  it('opens again with everything, and refuses a schema from the future', async () => {
    await expect(migrate(store.urgent, {})).rejects.toMatchObject({ code: 'STORE_SCHEMA_NEWER' });
    const later = { ...MIGRATIONS, '9999-later': { up: async () => undefined } };
    await migrate(store.urgent, later);
    await store.close();
    await expect(open()).rejects.toMatchObject({ code: 'STORE_SCHEMA_NEWER' });
  });
});

test('a second opener is told who holds the embedded store', async () => {
  const dir = join(home, 'held');
  const store = await openStore({ kind: 'pglite', dir });
  try {
    await expect(openStore({ kind: 'pglite', dir })).rejects.toMatchObject({
      code: 'FOLDER_IN_USE',
      message: expect.stringContaining(`process ${process.pid}`) as string,
    });
  } finally {
    await store.close();
  }
});

test('an unreachable server is named, with what to check', async () => {
  await expect(openStore({ kind: 'postgres', url: 'postgres://x@127.0.0.1:1/x' })).rejects.toMatchObject({
    code: 'STORE_OPEN_FAILED',
    where: 'DATABASE_URL',
  });
});
