import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type NewMessage, storeAccepted } from './accept.ts';
import { capCounts, releaseCaps, reserveCaps } from './caps.ts';
import { openStore, type Store } from './open.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';
import { takeSteps } from './transition.ts';

const tenant = 'acme';
const WORKERS = 64;
const home = mkdtempSync(join(tmpdir(), 'laneway-caps-'));
const server = await startTestServer();
if (typeof server === 'string') console.warn(`caps on a PostgreSQL server skipped: ${server}`);
afterAll(async () => {
  if (typeof server !== 'string') await server.stop();
  rmSync(home, { recursive: true, force: true });
});

const messageOf = (id: string): NewMessage => ({
  tenant,
  id,
  state: 'accepted',
  lane: 'promotional',
  order_key: id,
  channel: 'sms',
  sender: 'SHOP',
  recipient: '+12125550123',
  subject: null,
  body: 'sale',
  claim: null,
  metadata: null,
  accepted_at_ms: 1_000,
  send_at_ms: null,
  expires_at_ms: null,
  idempotency_key: null,
  body_hash: id,
});

describe.each(['pglite', 'postgres'] as const)('frequency caps on %s', (kind) => {
  const skipped = kind === 'postgres' && typeof server === 'string';
  const place = (name: string) =>
    kind === 'pglite'
      ? ({ kind, dir: join(home, name) } as const)
      : ({ kind, url: (server as TestServer).url } as const);
  let store: Store;
  beforeAll(async () => {
    if (!skipped) store = await openStore(place('store'));
  });
  afterAll(async () => {
    await store?.close();
  });
  const it = test.skipIf(skipped);
  const read = async (key: string) =>
    (await capCounts(store.bulk, [{ tenant, key, sinceMs: -Infinity }]))(tenant, key);

  /** Reads, decides and takes, again and again until the decision stands. */
  async function send(id: string, keys: readonly string[], max: number): Promise<'sent' | 'capped'> {
    const db = Number(id.slice(-1)) % 2 === 0 ? store.urgent : store.bulk;
    for (;;) {
      const counts = await capCounts(
        db,
        keys.map((key) => ({ tenant, key, sinceMs: 0 })),
      );
      const full = keys.some(
        (key) => counts(tenant, key).counted.filter(({ messageId }) => messageId !== id).length >= max,
      );
      if (full) return 'capped';
      const places = keys.map((key) => ({ key, version: counts(tenant, key).version }));
      if (await reserveCaps(db, tenant, id, places, 5_000)) return 'sent';
    }
  }

  it(`lets exactly three of ${WORKERS} workers through at once`, async () => {
    const outcomes = await Promise.all(
      Array.from({ length: WORKERS }, (_, i) => send(`w${i}`, ['solicitations|r1'], 3)),
    );
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(3);
    expect((await read('solicitations|r1')).counted).toHaveLength(3);
  });

  it('takes all places of a message or none, in whatever order they are named', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 24 }, (_, i) => {
        const keys = ['a|r2', 'b|r2', 'c|r2'];
        return send(`k${i}`, i % 2 === 0 ? keys : keys.toReversed(), 4);
      }),
    );
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(4);
    const ids = await Promise.all(
      ['a|r2', 'b|r2', 'c|r2'].map(async (key) => (await read(key)).counted.map((one) => one.messageId)),
    );
    expect(new Set(ids.map((list) => list.join())).size).toBe(1);
  });

  it('gives no place on a count that has changed, and a place back when a send fails', async () => {
    const key = 'stale|r3';
    expect(
      await reserveCaps(store.bulk, tenant, 's1', [{ key, version: 0, weight: 2, value: 'sms' }], 1),
    ).toBe(true);
    expect(await reserveCaps(store.bulk, tenant, 's2', [{ key, version: 0 }], 1)).toBe(false);
    expect((await read(key)).counted).toEqual([{ messageId: 's1', atMs: 1, weight: 2, value: 'sms' }]);
    await releaseCaps(store.bulk, tenant, 's1');
    expect((await read(key)).counted).toEqual([]);
    expect((await read('other|r3')).version).toBe(0);
  });

  it('counts what was in flight when a process died, and the message itself may go on', async () => {
    const key = 'flight|r4';
    const one = messageOf(`flight-${kind}`);
    await storeAccepted(store.urgent, [one]);
    const step = {
      tenant,
      id: one.id,
      version: 1,
      to: 'sending',
      lane: one.lane,
      atMs: 2_000,
      leaseUntilMs: 3_000,
      event: 'attempt',
      opens: { attempt: 1, provider: 'p', providerKey: 'k' },
    } as const;
    expect(await reserveCaps(store.urgent, tenant, 'before', [{ key, version: 0 }], 1)).toBe(true);
    expect(await takeSteps(store.urgent, [{ ...step, reserves: [{ key, version: 0 }] }])).toEqual(new Set());
    await releaseCaps(store.urgent, tenant, 'before');
    expect(await takeSteps(store.urgent, [{ ...step, reserves: [{ key, version: 1 }] }])).toEqual(
      new Set([one.id]),
    );
    // Nothing was recorded after the call: for others the place stays taken, over a restart too.
    if (kind === 'pglite') {
      await store.close();
      store = await openStore(place('store'));
    }
    expect(await send('other-0', [key], 1)).toBe('capped');
    expect(await send(one.id, [key], 1)).toBe('sent');
    expect((await read(key)).counted).toHaveLength(1);
    const failed = { ...step, version: 2, to: 'failed', event: 'failed', frees: true } as const;
    const { opens: _, leaseUntilMs: __, ...end } = failed;
    expect(await takeSteps(store.bulk, [end])).toEqual(new Set([one.id]));
    expect(await send('other-0', [key], 1)).toBe('sent');
  });

  it('takes steps of many messages at once, as many as there are places', async () => {
    const key = 'steps|r5';
    const messages = Array.from({ length: 24 }, (_, i) => messageOf(`steps-${kind}-${i}`));
    await storeAccepted(store.urgent, messages);
    const release = async (id: string): Promise<boolean> => {
      for (;;) {
        const { version, counted } = await read(key);
        if (counted.length >= 5) return false;
        const taken = await takeSteps(store.bulk, [
          {
            tenant,
            id,
            version: 1,
            to: 'sending',
            lane: 'promotional',
            atMs: 2_000,
            event: 'attempt',
            opens: { attempt: 1, provider: 'p', providerKey: id },
            reserves: [{ key, version }],
          },
        ]);
        if (taken.has(id)) return true;
      }
    };
    const out = await Promise.all(messages.map(({ id }) => release(id)));
    expect(out.filter(Boolean)).toHaveLength(5);
    expect((await read(key)).counted).toHaveLength(5);
  });
});
