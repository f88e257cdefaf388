import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { recordPromotion } from '../models/artifact/promotions.ts';
import { createRegistry, type ModelRegistry } from '../models/artifact/registry.ts';
import type { Model } from '../models/model.ts';
import { loadConfig } from './config.ts';
import { type RunningServer, startServer } from './server.ts';
import { askServer } from './testing/ask.ts';
import { contraryModel, smallModel } from './testing/small-model.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-loop-'));
let registry: ModelRegistry;
let [champion, contrary]: Model[] = [];
let server: RunningServer;

beforeAll(async () => {
  registry = createRegistry(home);
  [champion, contrary] = [await smallModel(), await contraryModel()];
  for (const model of [champion!, contrary!]) registry.save(model);
  registry.promote(champion!.manifest.version);
  server = await startServer(loadConfig({ LANEWAY_HOME: home, PORT: '0' }), {
    log: pino({ level: 'silent' }),
    pipeline: { sandbox: { latencyMedianMs: 2, receiptMedianMs: 5, undeliveredRate: 0 } },
  });
}, 180_000);
afterAll(async () => {
  await server?.close();
  rmSync(home, { recursive: true, force: true });
});

const ask = async (path: string, body?: unknown) => (await askServer(server, path, body)).json;
const soon = <T>(check: () => Promise<T>) => vi.waitFor(check, { timeout: 60_000, interval: 100 });
const SALE = 'Big sale! 30% off everything this weekend, shop now';

test('a label for a message that was sent names its text, and the message is no candidate any more', async () => {
  const { id } = await ask('/v1/messages', {
    to: '+12125550123',
    from: 'BANK',
    channel: 'sms',
    body: 'Your code is 482913. Do not share it.',
  });
  await soon(async () => {
    const { messages } = await ask('/v1/feedback/candidates');
    expect(messages).toMatchObject([{ id, sender: 'BANK', verdict: { class: 'transactional' } }]);
  });
  expect(await ask('/v1/feedback', { messageId: id, label: 'transactional' })).toMatchObject({
    repeated: false,
  });
  expect(await ask('/v1/feedback/candidates')).toEqual({ messages: [] });
  expect((await ask('/v1/feedback')).feedback).toMatchObject([
    { messageId: id, text: 'Your code is 482913. Do not share it.', label: 'transactional' },
  ]);
  await soon(async () => {
    // The lanes and not only the doors is watched.
    expect(await ask('/v1/models/drift')).toMatchObject({ state: 'learning', messages: 1 });
  });
});

test('a challenger answers beside the champion, and its disagreements are counted and listed', async () => {
  registry.challenge(contrary!.manifest.version);
  await soon(async () => {
    expect((await ask('/v1/models')).challenger).toMatchObject({
      version: contrary!.manifest.version,
      state: 'in shadow',
    });
  });
  const verdict = await ask('/v1/classify', { text: SALE });
  expect(verdict).toMatchObject({ class: 'promotional', modelVersion: champion!.manifest.version });
  await soon(async () => {
    const { disagreements } = await ask('/v1/models/disagreements');
    expect(disagreements).toMatchObject([
      {
        fingerprint: verdict.fingerprint,
        kind: 'class',
        champion: { class: 'promotional', probability: verdict.probability },
        challenger: { class: 'transactional' },
      },
    ]);
  });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(
    /laneway_shadow_messages_total\{challenger="contrary-\w+",outcome="other-class"\} 1/,
  );
});

test('a promoted model answers without a restart, from the cache too, and a rollback is as quick', async () => {
  const answers = async (model: Model, named: string) => {
    const { version } = model.manifest;
    await soon(async () => expect((await ask('/readyz')).model.version).toBe(version));
    for (let time = 0; time < 2; time++) {
      expect(await ask('/v1/classify', { text: SALE })).toMatchObject({
        class: named,
        modelVersion: version,
      });
    }
  };
  await answers(champion!, 'promotional');
  registry.promote('challenger');
  await answers(contrary!, 'transactional');
  expect((await ask('/v1/models')).challenger).toBeNull();
  expect(server.modelVersion).toBe(contrary!.manifest.version);
  registry.rollback();
  await answers(champion!, 'promotional');
});

test('every change of champion is in the audit trail once, also one made while nothing ran', async () => {
  const change = { version: contrary!.manifest.version, replaced: champion!.manifest.version };
  recordPromotion(home, { ...change, at: '2026-01-02T03:04:05.000Z', how: 'forced', reason: 'a test' });
  const query = "select at, subject, outcome from audit where subject like 'models.%' order by at";
  const told = async () => (await ask('/v1/audit/query', { query })).rows;
  const first = { at: expect.anything(), subject: 'models.promote', outcome: 'forced' };
  await soon(async () => expect(await told()).toEqual([first]));
  recordPromotion(home, { ...change, at: '2026-01-03T03:04:05.000Z', how: 'rollback' });
  const both = [first, { ...first, subject: 'models.rollback', outcome: 'rollback' }];
  await soon(async () => expect(await told()).toEqual(both));
  await server.close();
  recordPromotion(home, { ...change, at: '2026-01-04T03:04:05.000Z', how: 'gates' });
  server = await startServer(loadConfig({ LANEWAY_HOME: home, PORT: '0' }), {
    log: pino({ level: 'silent' }),
    pipeline: { sandbox: {} },
  });
  await soon(async () => expect(await told()).toEqual([...both, { ...first, outcome: 'gates' }]));
  expect(await ask('/v1/audit/verify', {})).toMatchObject({ ok: true });
});
