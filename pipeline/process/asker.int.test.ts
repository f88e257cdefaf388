import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Transport } from '../queue/transport.ts';
import { storeAccepted } from '../store/accept.ts';
import { tellHeld } from '../store/held.ts';
import { openStore, type Store } from '../store/open.ts';
import { createAsker } from './asker.ts';
import type { Workshop } from './ports.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-asker-'));
let store: Store;
beforeAll(async () => {
  store = await openStore({ kind: 'pglite', dir: home });
});
afterAll(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 30_000, interval: 25 });

test('news that was noticed is not lost by a fault before its messages were found', async () => {
  const minuteAgoMs = Date.now() - 60_000;
  const message = (id: string, recipient: string) =>
    ({
      tenant: 'acme',
      id,
      state: 'accepted',
      lane: 'promotional',
      order_key: '00',
      channel: 'sms',
      sender: 'ACME',
      recipient,
      subject: null,
      body: 'Sale',
      claim: null,
      metadata: null,
      accepted_at_ms: minuteAgoMs,
      send_at_ms: null,
      expires_at_ms: null,
      idempotency_key: null,
      body_hash: '',
    }) as const;
  await storeAccepted(store.bulk, [message('one', '+12125550123'), message('other', '+12125550124')]);
  await sql`update messages set state = 'held'`.execute(store.bulk);

  const reported: string[] = [];
  let rounds = 0;
  const shop = {
    store,
    transport: { laneQueue: () => 'promotional-0', add: async () => undefined } as unknown as Transport,
    compliance: { ruleset: () => ({ version: 'v1' }) },
    pressure: {
      async pass() {
        rounds++;
        const noticed = store.bulk.selectFrom('held_news').select('seq').where('seen_at_ms', 'is not', null);
        if (reported.length === 0 && (await noticed.executeTakeFirst())) throw new Error('away');
      },
    },
    clock: Date.now,
    settings: { shards: 1, envelope: { transactional: 16, promotional: 250 } },
    report: (error: unknown) => reported.push(String(error)),
  } as unknown as Workshop;
  const states = async () =>
    (await store.bulk.selectFrom('messages').select(['id', 'state']).orderBy('id').execute()).map(
      ({ id, state }) => `${id} ${state}`,
    );

  const asker = createAsker(shop);
  asker.start();
  try {
    await until(() => expect(rounds).toBeGreaterThan(2));
    expect(await states()).toEqual(['one held', 'other held']);
    await tellHeld(store.bulk, [{ tenant: 'acme', recipient: '+12125550123' }]);
    await until(async () => expect(await states()).toEqual(['one queued', 'other held']));
    expect(reported).toEqual(['Error: away']);
  } finally {
    await asker.stop();
  }
});
