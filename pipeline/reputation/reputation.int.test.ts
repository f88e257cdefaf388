import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRegistry } from '../../models/artifact/registry.ts';
import { createCacheKeys } from '../../models/cache-key.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import { createRuleBook } from '../comply/compliance.ts';
import { createPipeline, type Pipeline } from '../compose.ts';
import type { Provider, Receipt, ReceiptListener } from '../deliver/provider.ts';
import type { DecisionRecord } from '../record/decision.ts';
import { INCIDENT_WEIGHTS, reputationOf, type Standing } from './standing.ts';
import { loadStandings, standingKey } from './store.ts';

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 30_000, interval: 25 });

const [GOOD, BAD] = ['+12125550100', '+12125550101'];
const CODE = 'Your code is 482913';
/** Plain enough from a sender of whom nothing bad is known; which of them, the model says. */
const BORDERLINE = [
  'Your order 88213 was shipped and arrives on Tuesday.',
  'Your statement is ready. View it in the app.',
  'Your driver is 5 minutes away. Please come to the door.',
  'Welcome to Acme. Your account is ready, sign in to begin.',
  'Your parcel arrives today between 2 and 4 pm.',
  'Our office is closed on Monday. We are back on Tuesday at 9.',
];

/** Senders' own deeds and what people say of them, through the whole pipeline with the shipped model. */
describe('standing of senders', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'laneway-standing-'));
  let tell: ReceiptListener = async () => undefined;
  const carrier: Provider = {
    name: 'carrier',
    channels: ['sms'],
    honoursKeys: true,
    maxBatch: 100,
    deliver: async (requests) =>
      requests.map(({ messageId }) => ({ kind: 'taken' as const, providerRef: messageId })),
    onReceipts: (listener) => {
      tell = listener;
    },
    ping: async () => undefined,
    close: async () => undefined,
  };
  const offsetMs = Date.parse('2026-07-15T16:00:00Z') - Date.now();
  const now = (): number => Date.now() + offsetMs;
  const { model } = createRegistry(dataDir).open();
  let classifier: Classifier;
  let pipeline: Pipeline;
  let text: string;
  let people = 1_000;
  let said = 0;

  beforeAll(async () => {
    classifier = createClassifier(model);
    pipeline = await createPipeline({
      dataDir,
      classifier,
      cacheKey: createCacheKeys({ modelVersion: model.manifest.version, encoderId: 'none' }),
      compliance: createRuleBook(),
      clock: now,
      providers: [carrier],
    });
    await pipeline.start();
    const known = async (metadata?: object): Promise<Verdict[]> =>
      classifier.classify(BORDERLINE.map((one) => (metadata ? { text: one, metadata } : { text: one })));
    const [plain, strict] = [await known(), await known({ senderReputation: 0.1 })];
    const at = plain.findIndex(({ band }, i) => band === 'sure' && strict[i]!.band === 'unsure');
    expect(at).toBeGreaterThanOrEqual(0);
    text = BORDERLINE[at]!;
  });
  afterAll(async () => {
    await pipeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const person = (): string => `+1212555${++people}`;
  const standing = async (sender: string, tenant = 'acme'): Promise<Standing | undefined> =>
    (await loadStandings(pipeline.store.bulk, [{ tenant, sender }])).get(standingKey(tenant, sender));
  const accept = async (from: string, body: string, count: number, tenant: string): Promise<string[]> => {
    const items = Array.from({ length: count }, () => ({
      request: { to: person(), from, channel: 'sms', body },
    }));
    const results = await pipeline.accept(tenant, items);
    return results.map((one) => {
      if (one.kind !== 'accepted') throw new Error(JSON.stringify(one));
      return one.id;
    });
  };
  const sendMany = async (from: string, body: string, count: number): Promise<string[]> => {
    const ids = await accept(from, body, count, 'acme');
    for (const id of ids) {
      await until(async () => expect((await pipeline.get('acme', id))?.state).toMatch(/^(sent|delivered)$/));
    }
    return ids;
  };
  const receipts = (ids: readonly string[], status: Receipt['status']) =>
    tell(ids.map((providerRef) => ({ providerRef, status, atMs: now() })));
  const heard = (sender: string, more: { text?: string; complaint?: boolean }) =>
    pipeline.inbound.take('acme', {
      id: `said-${++said}`,
      recipient: person(),
      sender,
      channel: 'sms',
      text: '',
      atMs: now(),
      ...more,
    });
  /** Bytes of the first decision on a message. */
  const decided = (tenant: string, id: string): Promise<string> =>
    until(async () => {
      const [found] = await pipeline.decision(tenant, id);
      if (found?.kind !== 'open') throw new Error('no decision yet');
      return found.bytes;
    });
  const judged = async (from: string, body: string, tenant = 'acme') => {
    const [id] = await accept(from, body, 1, tenant);
    const decision = await decided(tenant, id!);
    expect(await pipeline.replay(tenant, id!)).toMatchObject([{ kind: 'same' }]);
    return JSON.parse(decision) as DecisionRecord;
  };

  test('is unknown at first: the text alone decides', async () => {
    const { verdict, treatment } = await judged(BAD, text);
    expect(verdict).toMatchObject({ band: 'sure' });
    expect(verdict).not.toHaveProperty('metadata');
    expect(treatment).toEqual({ treatment: 'transactional', because: 'verdict' });
  });

  test('hears each receipt once', async () => {
    const [good, bad] = [await sendMany(GOOD, CODE, 60), await sendMany(BAD, CODE, 60)];
    await receipts([...good, ...bad], 'delivered');
    await receipts([...good, ...bad], 'delivered');
    expect((await standing(GOOD))?.reached).toBeCloseTo(60, 2);
    expect((await standing(BAD))?.reached).toBeCloseTo(60, 2);
    const [lost] = await sendMany(BAD, CODE, 1);
    await receipts([lost!], 'undelivered');
    expect((await standing(BAD))?.incidents).toBeCloseTo(INCIDENT_WEIGHTS.undelivered, 3);
    expect(await standing(BAD, 'globex')).toBeUndefined();
  });

  test('many opt-outs make what is not plain unsure, for that sender of that tenant alone', async () => {
    for (let n = 0; n < 12; n++) await heard(BAD, { text: 'STOP' });
    expect(reputationOf((await standing(BAD))!, now())).toBeLessThan(0.2);
    const strict = await judged(BAD, text);
    expect(strict.treatment).toEqual({ treatment: 'promotional', because: 'unsure' });
    expect(strict.verdict!.metadata!.senderReputation).toBeLessThan(0.2);
    expect(await judged(BAD, CODE)).toMatchObject({ treatment: { treatment: 'transactional' } });

    const same = await judged(GOOD, text);
    const { metadata, ...verdict } = same.verdict!;
    expect(metadata).toEqual({ senderReputation: 1 });
    expect(same.treatment).toEqual({ treatment: 'transactional', because: 'verdict' });
    const [plain] = await classifier.classify([{ text }]);
    expect({ ...verdict, stage: 'lexical' }).toEqual(plain);
    const elsewhere = await judged(BAD, text, 'globex');
    expect(elsewhere.treatment.treatment).toBe('transactional');
    expect(elsewhere.verdict).not.toHaveProperty('metadata');
  });

  test('a dry run is told the same', async () => {
    const ask = (from: string) =>
      pipeline.decide('acme', { to: person(), from, channel: 'sms', body: text }, now());
    expect(await ask(BAD)).toMatchObject({ dryRun: { verdict: { band: 'unsure' } } });
    expect(await ask(GOOD)).toMatchObject({ dryRun: { verdict: { band: 'sure' } } });
  });

  test('more sending and labels of its own do not mend it', async () => {
    const before = reputationOf((await standing(BAD))!, now())!;
    const ids = await sendMany(BAD, CODE, 20);
    await receipts(ids, 'delivered');
    await pipeline.feedback.append(
      'acme',
      ids.map((messageId, n) => ({
        id: `fine-${n}`,
        messageId,
        label: 'transactional' as const,
        source: 'api',
        author: 'acme',
      })),
      now(),
    );
    expect(reputationOf((await standing(BAD))!, now())).toBeCloseTo(before, 4);
  });

  test('a complaint counts most, once, ends marketing for good and gets no answer', async () => {
    const sender = '+12125550102';
    const answer = await heard(sender, { complaint: true });
    expect(answer).toMatchObject({ changed: true, confirmation: null, noConfirmation: 'complaint' });
    expect(await standing(sender)).toMatchObject({ incidents: INCIDENT_WEIGHTS.complaint });
    const to = `+1212555${people}`;
    const again = { id: 'again', recipient: to, sender, channel: 'sms' as const, text: '', complaint: true };
    expect(await pipeline.inbound.take('acme', { ...again, atMs: now() })).toMatchObject({
      changed: false,
    });
    expect((await standing(sender))?.incidents).toBeCloseTo(INCIDENT_WEIGHTS.complaint, 3);
    const start = { ...again, id: 'start', text: 'START', complaint: false, atMs: now() };
    await pipeline.inbound.take('acme', start);
    const entries = await pipeline.suppressions.entries('acme', to);
    expect(entries).toMatchObject([{ reason: 'complaint', purpose: 'marketing' }]);
    expect(entries[0]).not.toHaveProperty('untilMs');
  });

  test("people's labels count once a message: scam, and advertising that went for something else", async () => {
    const sender = '+12125550103';
    const [one, two] = await sendMany(sender, CODE, 2);
    const label = (id: string, messageId: string, more: object) =>
      pipeline.feedback.append('acme', [{ id, messageId, source: 'api', author: 'ana', ...more }], now());
    await label('l1', one!, { label: 'promotional' });
    await label('l1', one!, { label: 'promotional' });
    await label('l2', one!, { label: 'promotional' });
    expect((await standing(sender))?.incidents).toBeCloseTo(INCIDENT_WEIGHTS.mislabelled, 3);
    await label('l3', two!, { risk: true });
    await label('l4', two!, { risk: true });
    expect((await standing(sender))?.incidents).toBeCloseTo(
      INCIDENT_WEIGHTS.mislabelled + INCIDENT_WEIGHTS.scam,
      2,
    );
  });

  test('a recipient who wrote lately is known as such, and that changes nothing for a plain text', async () => {
    await pipeline.inbound.take('acme', {
      id: 'hello',
      recipient: '+12125559999',
      sender: GOOD,
      channel: 'sms',
      text: 'thanks, see you',
      atMs: now(),
    });
    const [result] = await pipeline.accept('acme', [
      { request: { to: '+12125559999', from: '+12125550104', channel: 'sms', body: CODE } },
    ]);
    if (result?.kind !== 'accepted') throw new Error('refused');
    const { verdict, treatment } = JSON.parse(await decided('acme', result.id)) as DecisionRecord;
    expect(verdict).toMatchObject({ metadata: { daysSinceEngaged: 0 }, band: 'sure' });
    expect(treatment.treatment).toBe('transactional');
  });
});
