import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { keywordClassifier, openCompliance } from './compose.fixture.ts';
import { createPipeline, type Pipeline } from './compose.ts';
import type { DeliveryOutcome, Provider } from './deliver/provider.ts';

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 45_000, interval: 50 });

/** A carrier that answers as the test says, by recipient; `taken` by default. */
function scripted() {
  const says = new Map<string, DeliveryOutcome>();
  const calls: { id: string; to: string; atMs: number }[] = [];
  const provider: Provider = {
    name: 'scripted',
    channels: ['sms'],
    honoursKeys: true,
    maxBatch: 100,
    async deliver(requests) {
      return requests.map(({ messageId: id, to, idempotencyKey }) => {
        calls.push({ id, to, atMs: Date.now() });
        return says.get(to) ?? { kind: 'taken', providerRef: idempotencyKey };
      });
    },
    onReceipts() {},
    async ping() {},
    async close() {},
  };
  return { provider, says, calls };
}

describe('lanes and dead letters', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'laneway-lanes-'));
  const carrier = scripted();
  let pipeline: Pipeline;

  beforeAll(async () => {
    pipeline = await createPipeline({
      dataDir,
      classifier: keywordClassifier(),
      compliance: openCompliance(),
      providers: [carrier.provider],
      retry: { maxAttempts: 1 },
    });
    await pipeline.start();
  });
  afterAll(async () => {
    await pipeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const send = async (to: string, body = 'Your code is 482913', category = 'otp') => {
    const [result] = await pipeline.accept('acme', [
      { request: { to, from: 'BANK', channel: 'sms', body, category } },
    ]);
    return result!;
  };
  const idOf = async (...of: Parameters<typeof send>): Promise<string> => {
    const result = await send(...of);
    if (result.kind !== 'accepted') throw result.error;
    return result.id;
  };
  const reaches = (id: string, state: string) =>
    until(async () => expect((await pipeline.get('acme', id))?.state).toBe(state));
  const onTrail = (subject: string) =>
    pipeline.store.bulk
      .selectFrom('audit_entries')
      .select('body')
      .where('subject', '=', subject)
      .execute()
      .then((rows) => rows.map((row) => JSON.parse(row.body!) as Record<string, unknown>));

  test('a paused lane keeps its messages while the other runs, and lets them go when it is resumed', async () => {
    await pipeline.lanes.set('acme', 'promotional', 'paused', 'ann', 'wrong campaign');
    const held = await idOf('+12125550001', 'Big sale today', 'marketing');
    const code = await idOf('+12125550002');
    await reaches(code, 'sent');
    expect((await pipeline.get('acme', held))?.state).toBe('accepted');
    expect(await pipeline.lanes.list()).toMatchObject([
      { lane: 'transactional', state: 'running' },
      { lane: 'promotional', state: 'paused', actor: 'ann', reason: 'wrong campaign' },
    ]);
    await pipeline.lanes.set('acme', 'promotional', 'running', 'ann');
    await reaches(held, 'sent');
    expect(await onTrail('lanes.paused')).toEqual([
      { actor: 'ann', lane: 'promotional', reason: 'wrong campaign', state: 'paused' },
    ]);
  });

  test('a draining lane refuses new messages by name', async () => {
    await pipeline.lanes.set('acme', 'promotional', 'draining', 'ann');
    expect(await send('+12125550003', 'Big sale today', 'marketing')).toMatchObject({
      kind: 'rejected',
      error: { code: 'LANE_DRAINING' },
    });
    await reaches(await idOf('+12125550004'), 'sent');
    await pipeline.lanes.set('acme', 'promotional', 'running', 'ann');
    await reaches(await idOf('+12125550005', 'Big sale today', 'marketing'), 'sent');
  });

  test('dead letters say why and where; they are redriven by filter at a rate, or discarded, on the trail', async () => {
    const gone: DeliveryOutcome = { kind: 'refused', code: 'UNREACHABLE_NUMBER', detail: 'not in service' };
    const numbers = ['+12125550010', '+12125550011', '+12125550012'];
    for (const to of numbers) carrier.says.set(to, gone);
    const ids: string[] = [];
    for (const to of numbers) ids.push(await idOf(to));
    for (const id of ids) await reaches(id, 'failed');
    const [newest] = await pipeline.deadLetters.list('acme', { code: 'UNREACHABLE_NUMBER' });
    expect(newest).toMatchObject({ provider: 'scripted', transient: false, attempts: 1, receives: 0 });
    expect(await pipeline.deadLetters.list('other')).toEqual([]);

    const hidden = await pipeline.deadLetters.receive('acme', { limit: 2, visibilityMs: 60_000 });
    expect(hidden.map((one) => one.message_id)).toEqual(ids.slice(0, 2));
    const rest = await pipeline.deadLetters.receive('acme', { limit: 10, visibilityMs: 60_000 });
    expect(rest.map((one) => one.message_id)).toEqual(ids.slice(2));
    await expect(
      pipeline.deadLetters.receive('acme', { limit: 1, visibilityMs: 43_200_001 }),
    ).rejects.toMatchObject({ code: 'INVALID_VISIBILITY' });

    expect(await pipeline.deadLetters.discard('acme', { ids: [ids[2]!] }, 'a typo', 'ann')).toEqual([ids[2]]);
    for (const to of numbers) carrier.says.delete(to);
    carrier.calls.length = 0;
    const filter = { code: 'UNREACHABLE_NUMBER', perSecond: 1 };
    expect(await pipeline.deadLetters.redrive('acme', filter, 'ann')).toEqual(ids.slice(0, 2));
    for (const id of ids.slice(0, 2)) await reaches(id, 'sent');
    const [first, second] = carrier.calls;
    expect(second!.atMs - first!.atMs).toBeGreaterThan(500);
    expect((await pipeline.get('acme', ids[2]!))?.state).toBe('failed');
    expect(await pipeline.deadLetters.list('acme')).toEqual([]);
    expect(await pipeline.deadLetters.deaths('acme', ids[2]!)).toMatchObject([{ discard_reason: 'a typo' }]);
    expect(await onTrail('dead-letters.redrive')).toMatchObject([{ actor: 'ann', ids: ids.slice(0, 2) }]);
    expect(await onTrail('dead-letters.discard')).toMatchObject([{ actor: 'ann', reason: 'a typo' }]);
  });

  test('a recipient named 1,000 times in one batch: each is taken, and they leave in order', async () => {
    const to = '+12125550030';
    const results = await pipeline.accept(
      'acme',
      Array.from({ length: 1_000 }, (_, i) => ({
        request: { to, from: 'BANK', channel: 'sms', body: `Step ${i} is done`, category: 'receipt' },
      })),
    );
    const ids = results.map((result) => (result.kind === 'accepted' ? result.id : ''));
    expect(new Set(ids).size).toBe(1_000);
    await reaches(ids[4]!, 'sent');
    const sent = carrier.calls.filter((call) => call.to === to).map((call) => call.id);
    expect(sent).toEqual(ids.slice(0, sent.length));
  });
});
