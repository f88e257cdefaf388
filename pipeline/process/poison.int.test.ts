import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Transport } from '../queue/transport.ts';
import { storeAccepted } from '../store/accept.ts';
import { listDeadLetters } from '../store/dead-letters.ts';
import type { MessageRef } from '../store/messages.ts';
import { openStore, type Store } from '../store/open.ts';
import { isolate } from './poison.ts';
import type { Workshop } from './ports.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-poison-'));
let store: Store;
beforeAll(async () => {
  store = await openStore({ kind: 'pglite', dir: home });
});
afterAll(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

const message = (id: string) =>
  ({
    tenant: 'acme',
    id,
    state: 'accepted',
    lane: 'transactional',
    order_key: '00',
    channel: 'sms',
    sender: 'BANK',
    recipient: '+12125550123',
    subject: null,
    body: 'Hello',
    claim: null,
    metadata: null,
    accepted_at_ms: 1,
    send_at_ms: null,
    expires_at_ms: null,
    idempotency_key: null,
    body_hash: '',
  }) as const;

test('after a stall each goes alone; one that stalls again and again becomes a dead letter, the others go on', async () => {
  await storeAccepted(store.bulk, [message('bad'), message('good')]);
  const envelopes: string[][] = [];
  const transport = {
    laneQueue: () => 'transactional-0',
    async add(_queue: string, added: readonly (readonly MessageRef[])[]) {
      envelopes.push(...added.map((refs) => refs.map(({ id }) => id)));
    },
  } as unknown as Transport;
  const shop = { store, transport, clock: () => 5, settings: { maxStalls: 3 } } as unknown as Workshop;
  const refs = (...ids: string[]): MessageRef[] => ids.map((id) => ({ tenant: 'acme', id }));

  await isolate(shop, refs('bad', 'good'));
  expect(envelopes).toEqual([['bad'], ['good']]);
  await isolate(shop, refs('bad'));
  expect(await listDeadLetters(store.bulk, 'acme')).toEqual([]);
  await isolate(shop, refs('bad'));
  expect(await listDeadLetters(store.bulk, 'acme')).toMatchObject([{ message_id: 'bad', code: 'POISON' }]);
  expect(envelopes).toEqual([['bad'], ['good'], ['bad']]);
});
