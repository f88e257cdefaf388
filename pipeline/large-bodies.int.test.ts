import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createArchiver } from './archive/archiver.ts';
import { keywordClassifier, openCompliance } from './compose.fixture.ts';
import { createPipeline, type Pipeline } from './compose.ts';
import type { Provider } from './deliver/provider.ts';
import { createPressure } from './queue/pressure.ts';
import { LARGE_BODY_BYTES } from './store/large-bodies.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'laneway-bodies-'));
const arrived = new Map<string, string>();
const carrier: Provider = {
  name: 'post',
  channels: ['email'],
  honoursKeys: true,
  maxBatch: 10,
  async deliver(requests) {
    return requests.map(({ messageId, body, idempotencyKey }) => {
      arrived.set(messageId, body);
      return { kind: 'taken', providerRef: idempotencyKey };
    });
  },
  onReceipts() {},
  async ping() {},
  async close() {},
};
let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await createPipeline({
    dataDir,
    classifier: keywordClassifier(),
    compliance: openCompliance(),
    providers: [carrier],
  });
  await pipeline.start();
});
afterAll(async () => {
  await pipeline.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const accept = async (to: string, body: string, idempotencyKey?: string) => {
  const request = { to, from: 'news@acme.example', channel: 'email', subject: 'Statement', body };
  const [result] = await pipeline.accept('acme', [
    { request, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) },
  ]);
  return result!;
};
const send = async (...args: Parameters<typeof accept>): Promise<string> => {
  const result = await accept(...args);
  if (result.kind !== 'accepted') throw result.error;
  await vi.waitFor(async () => expect((await pipeline.get('acme', result.id))?.state).toBe('sent'), {
    timeout: 60_000,
    interval: 25,
  });
  return result.id;
};
const stored = () => pipeline.store.bulk.selectFrom('large_bodies').selectAll().execute();
const row = async (id: string) =>
  pipeline.store.bulk
    .selectFrom('messages')
    .select(['body', 'body_ref'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();

/** Over 256 KB in bytes, though not in characters: umlauts take two. */
const LONG = `Dear Ann, grüße: ${'your statement of the year. ÄÖÜ '.repeat(8_000)}end`;
const LONGER = `Another one. ${'line of a statement \n'.repeat(20_000)}end`;

test('a body over 256 KB is stored once, sealed, beside its messages, and arrives whole', async () => {
  expect(Buffer.byteLength(LONG)).toBeGreaterThan(LARGE_BODY_BYTES);
  const ids = [await send('ann@example.org', LONG), await send('bob@example.org', LONG)];
  const small = await send('ann@example.org', 'x'.repeat(LARGE_BODY_BYTES));
  expect(ids.map((id) => arrived.get(id))).toEqual([LONG, LONG]);
  const bodies = await stored();
  expect(bodies).toHaveLength(1);
  expect(bodies[0]).toMatchObject({ tenant: 'acme', characters: LONG.length });
  expect(JSON.stringify(bodies)).not.toContain('statement');
  for (const id of ids) expect(await row(id)).toEqual({ body: '', body_ref: bodies[0]!.ref });
  expect((await row(small)).body_ref).toBeNull();
  // A repeat is the same message; a key used for another large body leaves nothing behind.
  const first = await send('ann@example.org', LONG, 'k-1');
  expect(await accept('ann@example.org', LONG, 'k-1')).toMatchObject({ id: first, repeated: true });
  expect(await accept('ann@example.org', LONGER, 'k-1')).toMatchObject({
    error: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
  expect(await stored()).toHaveLength(1);
});

test('a mail over a million characters, and another channel over its own limit, are refused by name', async () => {
  expect(await accept('ann@example.org', 'x'.repeat(1_048_577))).toMatchObject({
    kind: 'rejected',
    problems: [{ field: '/body', code: 'TOO_LONG' }],
  });
  const request = { to: '+12125550123', from: 'ACME', channel: 'sms', body: 'x'.repeat(300_000) };
  expect((await pipeline.accept('acme', [{ request }]))[0]).toMatchObject({
    problems: [{ field: '/body', code: 'TOO_LONG' }],
  });
});

test('an envelope of large bodies is not in memory at once', async () => {
  const fill = vi.spyOn(pipeline.bodies, 'fill');
  const sendAt = new Date(Date.now() + 5_000).toISOString();
  const items = Array.from({ length: 12 }, (_, i) => ({
    request: {
      to: `reader${i}@example.org`,
      from: 'news@acme.example',
      channel: 'email',
      subject: 'Statement',
      body: `No. ${i}: ${LONGER}`,
      sendAt,
    },
  }));
  const ids = (await pipeline.accept('acme', items)).flatMap((one) =>
    one.kind === 'accepted' ? [one.id] : [],
  );
  await vi.waitFor(() => expect(ids.filter((id) => arrived.has(id))).toHaveLength(12), {
    timeout: 60_000,
    interval: 25,
  });
  const sizes = fill.mock.calls.map(([, messages]) => messages.length);
  fill.mockRestore();
  expect(Math.max(...sizes)).toBe(8);
  await vi.waitFor(
    async () => {
      for (const id of ids) expect((await pipeline.get('acme', id))?.state).toBe('sent');
    },
    { timeout: 60_000, interval: 25 },
  );
  const by = { author: 'ann', reason: 'asked for' };
  for (const { request } of items) {
    await pipeline.governance.erase({ tenant: 'acme', recipient: request.to }, by);
  }
});

test('erasure removes a large body with its last message; labels and dry runs of rules know it', async () => {
  const id = await send('carl@example.org', LONGER);
  const refs = async () => (await stored()).map(({ ref }) => ref);
  const { body_ref: ref } = await row(id);
  const said = { id: 'f-1', messageId: id, label: 'transactional', source: 'test', author: 'ann' } as const;
  const [outcome] = await pipeline.feedback.append('acme', [said], 1);
  expect(outcome).toMatchObject({ kind: 'recorded' });
  const verdict = (await pipeline.decision('acme', id))[0];
  expect(JSON.stringify(verdict)).not.toContain('line of a statement');

  const by = { author: 'ann', reason: 'asked for' };
  await pipeline.governance.erase({ tenant: 'acme', recipient: 'carl@example.org' }, by);
  expect(await refs()).not.toContain(ref);
  // What two others were sent stays until the last of them goes.
  await pipeline.governance.erase({ tenant: 'acme', recipient: 'ann@example.org' }, by);
  expect(await stored()).toHaveLength(1);
  await pipeline.governance.erase({ tenant: 'acme', recipient: 'bob@example.org' }, by);
  expect(await stored()).toEqual([]);
});

test('retention removes a large body with its last message', async () => {
  const id = await send('dora@example.org', LONG);
  expect(await stored()).toHaveLength(1);
  const parts = {
    store: pipeline.store,
    bodies: pipeline.bodies,
    pressure: createPressure({ clock: Date.now }),
    clock: () => Date.now() + 10_000,
    report: () => undefined,
  };
  const archiver = createArchiver(parts, { dir: join(dataDir, 'archive'), keepMs: 1, leads: () => true });
  expect(await archiver.run()).toBeGreaterThan(0);
  expect(await pipeline.get('acme', id)).toBeUndefined();
  expect(await stored()).toEqual([]);
});

test('a message whose large body is gone becomes a dead letter that says so', async () => {
  await pipeline.lanes.set('acme', 'transactional', 'paused', 'ann');
  const result = await accept('emil@example.org', LONG);
  if (result.kind !== 'accepted') throw result.error;
  await sql`delete from large_bodies`.execute(pipeline.store.bulk);
  await pipeline.lanes.set('acme', 'transactional', 'running', 'ann');
  await vi.waitFor(
    async () => {
      const [letter] = await pipeline.deadLetters.list('acme');
      expect(letter).toMatchObject({ message_id: result.id, code: 'BODY_MISSING' });
    },
    { timeout: 60_000, interval: 25 },
  );
  expect(arrived.has(result.id)).toBe(false);
});
