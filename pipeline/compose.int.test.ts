import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { keywordClassifier, openCompliance } from './compose.fixture.ts';
import { createPipeline, type Pipeline } from './compose.ts';
import { readLedger, summariseLedger } from './deliver/sandbox-ledger.ts';

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 30_000, interval: 25 });

describe('a message through the whole pipeline', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'laneway-pipeline-'));
  let pipeline: Pipeline;
  const faults: string[] = [];
  const keywords = keywordClassifier();
  /** Texts that the classifier was asked about, and whether in a hurry. */
  const hurry = new Map<string, boolean | undefined>();
  const overheard: typeof keywords = {
    ...keywords,
    classify(inputs, options) {
      for (const { text } of inputs) hurry.set(text, options?.urgent);
      return keywords.classify(inputs);
    },
  };

  beforeAll(async () => {
    pipeline = await createPipeline({
      dataDir,
      classifier: overheard,
      cacheKey: (input) => input.text,
      compliance: openCompliance({
        NIGHT: (atMs) => ({ kind: 'defer', untilMs: atMs + 86_400_000, ruleIds: ['quiet-hours'] }),
        BANNED: () => ({ kind: 'block', ruleIds: ['opt-out'], suppressRecipient: false }),
        SOON: (atMs) =>
          atMs % 2_000 < 1_000
            ? { kind: 'send' }
            : { kind: 'defer', untilMs: atMs + 200, ruleIds: ['odd-second'] },
      }),
      sandbox: { latencyMedianMs: 2, receiptMedianMs: 5, undeliveredRate: 0 },
      report: (error, doing) => faults.push(`${doing}: ${String(error)}`),
    });
    await pipeline.start();
  });
  afterAll(async () => {
    await pipeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const send = async (request: object, idempotencyKey?: string) => {
    const [result] = await pipeline.accept('acme', [
      { request, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) },
    ]);
    return result!;
  };
  const sms = { to: '+12125550123', from: 'BANK', channel: 'sms', body: 'Your code is 482913' };

  test('a transactional message is classified, judged, delivered, receipted, and says so', async () => {
    const result = await send(sms);
    if (result.kind !== 'accepted') throw result.error;
    const view = await until(async () => {
      const seen = await pipeline.get('acme', result.id);
      expect(seen?.state).toBe('delivered');
      return seen!;
    });
    expect(view.lane).toBe('transactional');
    expect(view.timeline.map((event) => event.type)).toEqual([
      'accepted',
      'classified',
      'attempt',
      'sent',
      'delivered',
    ]);
    expect(view.attempts).toMatchObject([{ attempt: 1, provider: 'sandbox', outcome: 'sent' }]);
    const decisions = await pipeline.decision('acme', result.id);
    expect(decisions).toHaveLength(1);
    const [decision] = decisions;
    if (decision?.kind !== 'open') throw new Error(`not readable: ${decision?.kind}`);
    expect(JSON.parse(decision.bytes)).toMatchObject({ messageId: result.id, lane: 'transactional' });
    expect(decision.bytes).not.toContain('482913');
    expect(decision.bytes).not.toContain('+12125550123');
  });

  test('what claims to be transactional is classified in a hurry, what claims to be advertising is not', async () => {
    await send({ ...sms, body: 'Code 5521 for you' });
    await send({ ...sms, body: 'Your gate is open', category: 'otp' });
    await send({ ...sms, body: 'Boots for winter', category: 'marketing' });
    await until(async () => {
      expect(hurry.get('Code 5521 for you')).toBe(true);
      expect(hurry.get('Your gate is open')).toBe(true);
      expect(hurry.get('Boots for winter')).toBe(false);
    });
  });

  test('the text decides the lane, and doubt is promotional', async () => {
    const ids: string[] = [];
    for (const body of ['Big sale today', 'Maybe your parcel is here']) {
      const result = await send({ ...sms, to: '+12125550124', body, category: 'receipt' });
      if (result.kind === 'accepted') ids.push(result.id);
    }
    for (const id of ids) {
      await until(async () =>
        expect(await pipeline.get('acme', id)).toMatchObject({ lane: 'promotional', state: 'delivered' }),
      );
    }
  });

  test('rules block and defer; a deferred message that would expire first expires', async () => {
    const blocked = await send({ ...sms, from: 'BANNED' });
    const deferred = await send({ ...sms, from: 'NIGHT', to: '+12125550125' });
    const expiring = await send({ ...sms, from: 'NIGHT', to: '+12125550126', ttlSeconds: 60 });
    const soon = await send({ ...sms, from: 'SOON', to: '+12125550127' });
    const stateOf = async (result: typeof blocked, state: string) =>
      until(async () =>
        expect((await pipeline.get('acme', result.kind === 'accepted' ? result.id : ''))?.state).toBe(state),
      );
    await stateOf(blocked, 'blocked');
    await stateOf(deferred, 'deferred');
    await stateOf(expiring, 'expired');
    await stateOf(soon, 'delivered');
  });

  test('the same key and body is the same message; another body is refused', async () => {
    const first = await send(sms, 'key-1');
    const again = await send(sms, 'key-1');
    expect(again).toEqual({ ...first, repeated: true });
    const other = await send({ ...sms, body: 'Your code is 111111' }, 'key-1');
    expect(other).toMatchObject({ kind: 'rejected', error: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    const [a, b] = await pipeline.accept('acme', [
      { request: sms, idempotencyKey: 'key-2' },
      { request: sms, idempotencyKey: 'key-2' },
    ]);
    expect([a, b].filter((one) => one?.kind === 'accepted' && one.repeated)).toHaveLength(1);
    const elsewhere = await pipeline.accept('other-tenant', [{ request: sms, idempotencyKey: 'key-1' }]);
    expect(elsewhere[0]).toMatchObject({ kind: 'accepted', repeated: false });
  });

  test('the same text to the same recipient within the window asked for is the same message', async () => {
    const once = { ...sms, to: '+12125550177', dedupSeconds: 1 };
    const first = await send(once);
    expect(await send(once)).toEqual({ ...first, repeated: true });
    expect(await send({ ...once, body: 'Your code is 222222' })).toMatchObject({ repeated: false });
    const twice = await pipeline.accept('other-tenant', [{ request: once }, { request: once }]);
    expect(twice.filter((one) => one.kind === 'accepted' && one.repeated)).toHaveLength(1);
    await until(async () => expect(await send(once)).toMatchObject({ repeated: false }));
  });

  test('a bad item is refused by name, the rest of its batch goes', async () => {
    const results = await pipeline.accept('acme', [
      { request: { ...sms, to: '12' } },
      { request: sms },
      { request: { ...sms, colour: 'red' } },
    ]);
    expect(results.map((result) => result.kind)).toEqual(['rejected', 'accepted', 'rejected']);
    expect(results[0]).toMatchObject({ problems: [{ field: '/to', code: 'INVALID_PHONE' }] });
    expect(results[2]).toMatchObject({ problems: [{ field: '/colour', code: 'UNKNOWN_FIELD' }] });
  });

  test('a batch whose 500th item is invalid: that one is refused, the rest is taken', async () => {
    const sendAt = new Date(Date.now() + 3_600_000).toISOString();
    const later = { request: { ...sms, sendAt } };
    const results = await pipeline.accept(
      'acme',
      Array.from({ length: 600 }, (_, i) => (i === 499 ? { request: { ...sms, body: ' ' } } : later)),
    );
    const refused = results.flatMap((result, i) => (result.kind === 'rejected' ? [i] : []));
    expect(refused).toEqual([499]);
    expect(results[499]).toMatchObject({ problems: [{ field: '/body', code: 'EMPTY' }] });
  });

  test('many messages to one recipient arrive in order, each once', async () => {
    const results = await pipeline.accept(
      'acme',
      Array.from({ length: 30 }, (_, i) => ({
        request: { ...sms, to: '+12125550199', body: `Step ${i} done`, category: 'receipt' },
      })),
    );
    const ids = results.map((result) => (result.kind === 'accepted' ? result.id : ''));
    await until(async () => {
      for (const id of ids) expect((await pipeline.get('acme', id))?.state).toBe('delivered');
    });
    const lines = readLedger(join(dataDir, 'sandbox', 'ledger.jsonl'));
    const arrived = lines.flatMap((line) =>
      line.kind === 'delivered' && ids.includes(line.messageId) ? [line.messageId] : [],
    );
    expect(arrived).toEqual(ids);
    expect(summariseLedger(lines).deliveredTwice).toBe(0);
  });

  test('a scheduled message waits for its time', async () => {
    const sendAt = new Date(Date.now() + 1_500).toISOString();
    const result = await send({ ...sms, to: '+12125550130', sendAt });
    if (result.kind !== 'accepted') throw result.error;
    expect(result.state).toBe('scheduled');
    const view = await until(async () => {
      const seen = await pipeline.get('acme', result.id);
      expect(seen?.state).toBe('delivered');
      return seen!;
    });
    const attempt = view.attempts[0]!;
    expect(Date.parse(attempt.startedAt)).toBeGreaterThanOrEqual(Date.parse(sendAt));
  });

  test('nothing went wrong on the way, and health says so', async () => {
    expect(faults).toEqual([]);
    expect(await pipeline.health()).toMatchObject({ ready: true, store: 'ok', redis: 'ok', degraded: [] });
  });
});
