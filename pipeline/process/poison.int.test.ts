import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Transport } from '../queue/transport.ts';
import { storeAccepted } from '../store/accept.ts';
import { listDeadLetters } from '../store/dead-letters.ts';
import type { MessageRef } from '../store/messages.ts';
import { openStore, type Store } from '../store/open.ts';
import { createQuarantine, isolate } from './poison.ts';
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

const refs = (...ids: string[]): MessageRef[] => ids.map((id) => ({ tenant: 'acme', id }));
const letters = async (): Promise<string[]> =>
  (await listDeadLetters(store.bulk, 'acme')).map(({ message_id, code }) => `${message_id} ${code}`);

test('after a stall each goes alone, after another one at a time; what begins again and again without an end is a dead letter', async () => {
  await storeAccepted(store.bulk, ['bad', 'good', 'third'].map(message));
  const envelopes: string[][] = [];
  const transport = {
    laneQueue: () => 'transactional-0',
    async add(_queue: string, added: readonly (readonly MessageRef[])[], as?: string) {
      envelopes.push(...added.map((one) => [as ?? 'plain', ...one.map(({ id }) => id)]));
    },
  } as unknown as Transport;
  const settings = { maxStalls: 3, leaseMs: 60_000 };
  const reported: string[] = [];
  const report = (error: unknown, doing: string) => reported.push(`${doing}: ${String(error)}`);
  const shop = { store, transport, clock: () => 5, settings, report } as unknown as Workshop;

  // However often whole envelopes stall, on a machine that is too slow, nobody is condemned for it.
  for (let n = 0; n < 10; n++) await isolate(shop, refs('bad', 'good', 'third'));
  expect(envelopes.slice(0, 3)).toEqual([
    ['plain', 'bad'],
    ['plain', 'good'],
    ['plain', 'third'],
  ]);
  await isolate(shop, refs('good'));
  await isolate(shop, refs('bad', 'third'), 'suspects');
  expect(envelopes.slice(-3)).toEqual([
    ['suspects', 'good'],
    ['suspects', 'bad'],
    ['suspects', 'third'],
  ]);
  expect(await letters()).toEqual([]);

  let inHand = 0;
  const most: number[] = [];
  const seen: string[] = [];
  const ends = createQuarantine(shop, async ([ref]) => {
    most.push(++inHand);
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(ref!.id);
    inHand--;
    if (ref!.id === 'third') throw new Error('the store was away');
  });
  for (let n = 0; n < 5; n++) await Promise.all([ends(refs('good')), ends(refs('third'))]);
  expect(seen).toHaveLength(10);
  // A fault is an end, and is told.
  expect(reported).toEqual(Array(5).fill('working on suspects: Error: the store was away'));
  expect(Math.max(...most)).toBe(1);
  expect(await letters()).toEqual([]);

  // Each process dies over it: its work never ends, and another process takes it up.
  for (let n = 0; n < 3; n++) {
    const begun = new Promise<void>((resolve) => {
      void createQuarantine(shop, () => {
        resolve();
        return new Promise(() => undefined);
      })(refs('bad'));
    });
    await begun;
    expect(await letters()).toEqual([]);
  }
  await ends(refs('bad'));
  expect(seen).toHaveLength(10);
  expect(await letters()).toEqual(['bad POISON']);
});
