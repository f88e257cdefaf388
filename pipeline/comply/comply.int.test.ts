import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { keywordClassifier } from '../compose.fixture.ts';
import { createPipeline, type Pipeline } from '../compose.ts';
import { replay } from '../record/replay.ts';
import { createRuleBook } from './compliance.ts';
import { stopConsequences } from './consent/opt-out.ts';

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 30_000, interval: 25 });

describe('the real rules inside the pipeline', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'laneway-comply-'));
  // Packs as they once were: what is tested here is the pipeline, whatever becomes of the packs.
  const book = createRuleBook({ dir: fileURLToPath(new URL('./packs.fixture/', import.meta.url)) });
  const offsetMs = Date.parse('2026-07-15T16:00:00Z') - Date.now();
  let nightMs = 0;
  let pipeline: Pipeline;

  beforeAll(async () => {
    pipeline = await createPipeline({
      dataDir,
      classifier: keywordClassifier(),
      compliance: book,
      clock: () => Date.now() + offsetMs + nightMs,
      sandbox: { latencyMedianMs: 1, receiptMedianMs: 1, undeliveredRate: 0 },
    });
    await pipeline.start();
  });
  afterAll(async () => {
    await pipeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const written = {
    id: 'web-1',
    kind: 'granted',
    channel: 'sms',
    purpose: 'marketing',
    level: 'express-written',
  } as const;
  const sale = { from: 'ACME', channel: 'sms', body: 'ACME sale: all shoes 20% off. Reply STOP to end' };
  const outcome = async (request: object) => {
    const [result] = await pipeline.accept('acme', [{ request }]);
    if (result?.kind !== 'accepted') throw new Error(JSON.stringify(result));
    const { id } = result;
    await until(async () =>
      expect((await pipeline.get('acme', id))?.state).toMatch(/^(delivered|blocked|deferred|held)$/),
    );
    const [decision] = await pipeline.decision('acme', id);
    if (decision?.kind !== 'open') throw new Error(`not readable: ${decision?.kind}`);
    const record = JSON.parse(decision.bytes) as {
      evaluation: { outcome: { kind: string; ruleIds?: string[] } };
    };
    return {
      state: (await pipeline.get('acme', id))!.state,
      bytes: decision.bytes,
      ...record.evaluation.outcome,
    };
  };

  test('a code goes out, an unasked offer does not', async () => {
    const code = { to: '+12125550101', from: 'ACME', channel: 'sms', body: 'Your code is 482913' };
    expect(await outcome(code)).toMatchObject({ state: 'delivered', kind: 'send' });
    expect(await outcome({ ...sale, to: '+12125550101' })).toMatchObject({
      state: 'blocked',
      ruleIds: ['all-promotional-permission', 'us-tcpa-pewc'],
    });
  });

  test('an offer with consent goes out until the person says stop; receipts still do', async () => {
    const to = '+12125550102';
    await pipeline.consent.append('acme', to, [{ ...written, atMs: 1 }]);
    expect(await outcome({ ...sale, to })).toMatchObject({ state: 'delivered' });
    const wish = { kind: 'stop', scope: 'marketing', by: 'keyword' } as const;
    const stop = stopConsequences(wish, { id: 'in-1', atMs: 2, channel: 'sms' });
    await pipeline.consent.append('acme', to, [stop.event]);
    await pipeline.suppressions.add('acme', to, stop.suppression);
    expect(await outcome({ ...sale, to })).toMatchObject({ state: 'blocked', suppressRecipient: true });
    expect(await outcome({ ...sale, to, body: 'Your parcel is here' })).toMatchObject({ state: 'delivered' });
  });

  test('at night it waits for the morning of the recipient, and the decision replays to the same bytes', async () => {
    const to = '+12125550103';
    await pipeline.consent.append('acme', to, [{ ...written, atMs: 1 }]);
    nightMs = 10 * 3_600_000;
    try {
      const held = await outcome({ ...sale, to });
      expect(held).toMatchObject({
        state: 'deferred',
        ruleIds: ['us-tcpa-quiet-hours'],
        untilMs: Date.parse('2026-07-16T12:00:00Z'),
      });
      expect(replay(held.bytes, book.byVersion)).toMatchObject({ kind: 'same' });
      const forged = held.bytes.replace('America/New_York', 'America/Chicago');
      expect(replay(forged, book.byVersion).kind).toBe('different');
    } finally {
      nightMs = 0;
    }
  });

  test('commercial e-mail goes out with header, address and link, which metadata may bring', async () => {
    const to = 'jo@example.com';
    await pipeline.consent.append('acme', to, [{ ...written, channel: 'email', atMs: 1 }]);
    const mail = {
      to,
      from: 'news@acme.example',
      channel: 'email',
      subject: 'Summer sale',
      body: 'Shoe sale.',
    };
    const metadata = { country: 'US', subdivision: 'US-NY' };
    expect(await outcome({ ...mail, metadata })).toMatchObject({ state: 'blocked' });
    const complete = {
      ...mail,
      body: 'Shoe sale. Acme, 500 Market Street, San Francisco CA 94105. Unsubscribe: https://acme.example/u',
      metadata: { ...metadata, headers: { 'List-Unsubscribe': '<https://acme.example/u>' } },
    };
    expect(await outcome(complete)).toMatchObject({ state: 'delivered', kind: 'send' });
  });
});
