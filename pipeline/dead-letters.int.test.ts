import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { keywordClassifier, openCompliance } from './compose.fixture.ts';
import { createPipeline, type Pipeline } from './compose.ts';
import { checkSettings } from './config.ts';
import type { DeliveryOutcome, Provider } from './deliver/provider.ts';
import { createDeadLetterDesk } from './process/dead-letters.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const dataDir = mkdtempSync(join(tmpdir(), 'laneway-letters-'));
let aheadMs = 0;
const clock = (): number => Date.now() + aheadMs;
let says: DeliveryOutcome['kind'] = 'taken';
const calls: string[] = [];
const carrier: Provider = {
  name: 'carrier',
  channels: ['sms'],
  honoursKeys: true,
  maxBatch: 10,
  async deliver(requests) {
    return requests.map(({ messageId, idempotencyKey }): DeliveryOutcome => {
      calls.push(messageId);
      if (says === 'taken') return { kind: 'taken', providerRef: idempotencyKey };
      if (says === 'refused')
        return { kind: 'refused', code: 'UNREACHABLE_NUMBER', detail: 'not in service' };
      return { kind: 'retry', code: 'UNREACHABLE', detail: 'connection refused' };
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
    clock,
    classifier: keywordClassifier(),
    compliance: openCompliance(),
    providers: [carrier],
    // Long enough that no trial comes before the carrier is well again.
    policies: { carrier: { breaker: { consecutive: 3, openMs: 20_000, returnMs: 0 } } },
    retry: { maxAttempts: 1 },
  });
  await pipeline.start();
});
afterAll(async () => {
  await pipeline.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 120_000, interval: 25 });
const get = async (id: string) => (await pipeline.get('acme', id))!;
const reaches = (id: string, state: string) =>
  until(async () => expect((await get(id)).state, id).toBe(state));
const standing = async () => (await pipeline.deadLetters.list('acme')).map((letter) => letter.message_id);

async function send(n: number): Promise<string> {
  const request = { to: `+1212555${2_000 + n}`, from: 'BANK', channel: 'sms', body: `Your code is ${n}` };
  const [result] = await pipeline.accept('acme', [{ request }]);
  if (result?.kind !== 'accepted') throw new Error('refused');
  return result.id;
}
/** Messages that died, one after the other. */
async function dead(kind: 'retry' | 'refused', from: number, count: number): Promise<string[]> {
  says = kind;
  const ids: string[] = [];
  for (let n = from; n < from + count; n++) {
    const id = await send(n);
    await reaches(id, 'failed');
    ids.push(id);
  }
  return ids;
}

test('redriven during an outage they wait and use up no attempt; when it ends, they and the rest go by themselves', {
  timeout: 240_000,
}, async () => {
  const ids = await dead('retry', 100, 3);
  expect(await pipeline.health()).toMatchObject({ degraded: [expect.stringContaining('carrier')] });
  expect((await standing()).sort()).toEqual([...ids].sort());
  const before = calls.length;
  const [, second, third] = ids as [string, string, string];
  expect(await pipeline.deadLetters.redrive('acme', { ids: [second, third] }, 'ann')).toHaveLength(2);
  for (const id of [second, third]) {
    await until(async () =>
      expect(await get(id)).toMatchObject({ state: 'retrying', reason: 'provider-down' }),
    );
    expect((await get(id)).attempts).toHaveLength(1);
  }
  expect(calls.length).toBe(before);
  expect(await standing()).toEqual([ids[0]]);

  says = 'taken';
  for (const id of ids) await reaches(id, 'sent');
  expect(await standing()).toEqual([]);
  const redrives = await pipeline.store.bulk
    .selectFrom('audit_entries')
    .select('body')
    .where('subject', '=', 'dead-letters.redrive')
    .orderBy('at_ms')
    .execute();
  expect(redrives.map(({ body }) => JSON.parse(body!))).toMatchObject([
    { actor: 'ann' },
    { actor: 'laneway', ids: [ids[0]] },
  ]);
});

test('a letter is hidden for up to 12 hours, and handed out 1,000 times at most', async () => {
  const [id] = await dead('refused', 200, 1);
  const receive = (visibilityMs: number) => pipeline.deadLetters.receive('acme', { limit: 10, visibilityMs });
  expect(await receive(12 * HOUR_MS)).toMatchObject([{ message_id: id, receives: 1 }]);
  aheadMs += 12 * HOUR_MS - 60_000;
  expect(await receive(1_000)).toEqual([]);
  aheadMs += 120_000;
  expect(await receive(1_000)).toMatchObject([{ message_id: id, receives: 2 }]);
  await pipeline.store.bulk
    .updateTable('dead_letters')
    .set({ receives: 999 })
    .where('message_id', '=', id!)
    .execute();
  aheadMs += 2_000;
  expect(await receive(1_000)).toMatchObject([{ receives: 1_000 }]);
  aheadMs += 2_000;
  expect(await receive(1_000)).toEqual([]);
  // It stands all the same, and may be redriven or discarded.
  expect(await standing()).toEqual([id]);
  expect(await pipeline.deadLetters.discard('acme', { ids: [id!] }, 'seen enough', 'ann')).toEqual([id]);
});

test('letters stand for the days of the settings, 4 by default and 14 at most, then go with a reason', async () => {
  const config = { dataDir, classifier: keywordClassifier() };
  expect(checkSettings(config).deadLetterDays).toBe(4);
  expect(() => checkSettings({ ...config, deadLetterDays: 15 })).toThrow(/deadLetterDays is 15.*1 to 14/);
  const [old] = await dead('refused', 300, 1);
  aheadMs += 4 * DAY_MS - HOUR_MS;
  const [young] = await dead('refused', 301, 1);
  const sweep = async (): Promise<void> => {
    const parts = { store: pipeline.store, clock, report: (error: unknown) => expect.fail(String(error)) };
    const keepMs = checkSettings(config).deadLetterDays * DAY_MS;
    const desk = createDeadLetterDesk(parts, pipeline.governance.trail, { keepMs, poke: () => undefined });
    desk.loop.start();
    await desk.loop.stop();
  };
  await sweep();
  expect((await standing()).sort()).toEqual([old, young].sort());
  aheadMs += 2 * HOUR_MS;
  await sweep();
  expect(await standing()).toEqual([young]);
  const [death] = await pipeline.deadLetters.deaths('acme', old!);
  expect(death).toMatchObject({ discard_reason: 'retention' });
  expect((await get(old!)).state).toBe('failed');
});
