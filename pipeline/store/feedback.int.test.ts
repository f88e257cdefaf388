import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canonicalise } from '../../models/text/canonical.ts';
import { fingerprint } from '../../models/text/fingerprint.ts';
import { type NewMessage, storeAccepted } from './accept.ts';
import { createFeedbackLedger, type FeedbackLedger, type FeedbackStatement } from './feedback.ts';
import { openStore, type Store } from './open.ts';
import { startTestServer, type TestServer } from './server.fixture.ts';
import { takeSteps } from './transition.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-feedback-'));
const server = await startTestServer();
if (typeof server === 'string') console.warn(`feedback on a PostgreSQL server skipped: ${server}`);
afterAll(async () => {
  if (typeof server !== 'string') await server.stop();
  rmSync(home, { recursive: true, force: true });
});

const said = (id: string, over: Partial<FeedbackStatement> = {}): FeedbackStatement => ({
  id,
  ...(over.messageId === undefined ? { text: 'Big "sale" — 你好 👋 today' } : {}),
  label: 'promotional',
  source: 'api',
  author: 'ann',
  ...over,
});

describe.each(['pglite', 'postgres'] as const)('feedback on %s', (kind) => {
  const skipped = kind === 'postgres' && typeof server === 'string';
  const it = test.skipIf(skipped);
  let store: Store;
  let ledger: FeedbackLedger;
  beforeAll(async () => {
    if (skipped) return;
    store = await openStore(
      kind === 'pglite' ? { kind, dir: join(home, 'store') } : { kind, url: (server as TestServer).url },
    );
    ledger = createFeedbackLedger(store.bulk);
  });
  afterAll(async () => {
    await store?.close();
  });

  async function accept(id: string, body: string, verdict?: { probability: number }): Promise<void> {
    const message: NewMessage = {
      tenant: 'acme',
      id,
      state: 'accepted',
      lane: 'transactional',
      order_key: id,
      channel: 'sms',
      sender: 'BANK',
      recipient: '+12125550123',
      subject: null,
      body,
      claim: null,
      metadata: null,
      accepted_at_ms: 1_000,
      send_at_ms: null,
      expires_at_ms: null,
      idempotency_key: null,
      body_hash: id,
    };
    await storeAccepted(store.urgent, [message]);
    if (!verdict) return;
    await takeSteps(store.urgent, [
      {
        tenant: 'acme',
        id,
        version: 1,
        to: 'queued',
        lane: 'transactional',
        atMs: 2_000,
        event: 'classified',
        verdict: JSON.stringify({
          class: 'transactional',
          band: 'unsure',
          ...verdict,
          risk: 0,
          reasons: [{ feature: 'x', text: 'y', contribution: 1 }],
          modelVersion: 'm-1',
          fingerprint: fingerprint(canonicalise(body)),
          stage: 'lexical',
        }),
      },
    ]);
  }

  it('gives back what was said, in order, each tenant its own', async () => {
    const one = said('g-1', { note: "it's $1 \\ 'x'", risk: false });
    const two = said('g-2', { author: 'bob', label: 'transactional' });
    const outcomes = await ledger.append('give', [one, two], 5_000);
    expect(outcomes.map(({ kind: said }) => said)).toEqual(['recorded', 'recorded']);
    await ledger.append('other', [said('g-1')], 6_000);
    const [first, second, ...more] = await ledger.list('give', { limit: 10 });
    expect(more).toEqual([]);
    expect(first).toEqual({
      ...one,
      seq: expect.any(Number),
      fingerprint: fingerprint(canonicalise(one.text!)),
      atMs: 5_000,
    });
    expect(await ledger.list('give', { afterSeq: first!.seq, limit: 10 })).toEqual([second]);
  });

  it('takes the same id and statement once, and refuses another statement under it', async () => {
    const list = [said('r-1'), said('r-1'), said('r-1', { label: 'transactional' }), said('r-2')];
    const kinds = async () => (await ledger.append('acme', list, 7_000)).map(({ kind: outcome }) => outcome);
    expect(await kinds()).toEqual(['recorded', 'repeated', 'id-reused', 'recorded']);
    expect(await kinds()).toEqual(['repeated', 'repeated', 'id-reused', 'repeated']);
    expect((await ledger.list('acme', { limit: 10 })).map(({ id }) => id)).toEqual(['r-1', 'r-2']);
  });

  it('speaks of a message without copying its body, and says when there is no such message', async () => {
    await accept('m-1', 'Your parcel 12 is here');
    const outcomes = await ledger.append(
      'acme',
      [said('b-1', { messageId: 'm-1' }), said('b-2', { messageId: 'gone' })],
      8_000,
    );
    expect(outcomes).toEqual([
      { kind: 'recorded', id: 'b-1', fingerprint: fingerprint(canonicalise('Your parcel 12 is here')) },
      { kind: 'unknown-message', id: 'b-2', messageId: 'gone' },
    ]);
    const held = await store.bulk.selectFrom('feedback').select('body').where('id', '=', 'b-1').execute();
    expect(held).toEqual([{ body: null }]);
    const listed = await ledger.list('acme', { limit: 100 });
    expect(listed.find(({ id }) => id === 'b-1')).toMatchObject({ text: 'Your parcel 12 is here' });
    const [elsewhere] = await ledger.append('other', [said('b-3', { messageId: 'm-1' })], 8_000);
    expect(elsewhere).toMatchObject({ kind: 'unknown-message' });
  });

  it('finds classified messages without a label, one of each fingerprint, newest first', async () => {
    await accept('u-0', 'Never classified at all');
    await accept('u-1', 'Gift card for you', { probability: 0.4 });
    await accept('u-2', 'Your code is 111111', { probability: 0.2 });
    await accept('u-3', 'Your code is 222222', { probability: 0.2 });
    const found = await ledger.unlabelled('acme', 10);
    expect(found.map(({ id }) => id)).toEqual(['u-3', 'u-1']);
    expect(found[1]).toMatchObject({ text: 'Gift card for you', verdict: { probability: 0.4 } });
    expect(JSON.stringify(found)).not.toContain('reasons');
    await ledger.append('acme', [said('u-label', { messageId: 'u-2' })], 9_000);
    expect((await ledger.unlabelled('acme', 10)).map(({ id }) => id)).toEqual(['u-1']);
    expect(await ledger.unlabelled('other', 10)).toEqual([]);
  });
});
