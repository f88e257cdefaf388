import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRuleBook } from '../comply/compliance.ts';
import { keywordClassifier } from '../compose.fixture.ts';
import { createPipeline, type Pipeline } from '../compose.ts';
import { replay } from '../record/replay.ts';
import type { FactsAbout, StatedFact } from './desk.ts';

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 30_000, interval: 25 });
const TENANT = 'acme';
const HEADER = '512345';
/** 12:30 in India. */
const NOON = '2026-07-15T07:00:00Z';

describe('facts from outside', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'laneway-facts-'));
  const book = createRuleBook();
  const offsetMs = Date.parse(NOON) - Date.now();
  let laterMs = 0;
  let pipeline: Pipeline;

  beforeAll(async () => {
    pipeline = await createPipeline({
      dataDir,
      classifier: keywordClassifier(),
      compliance: book,
      clock: () => Date.now() + offsetMs + laterMs,
      sandbox: { latencyMedianMs: 1, receiptMedianMs: 1, undeliveredRate: 0 },
    });
    await pipeline.start();
  });
  afterAll(async () => {
    await pipeline.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const set = async (about: FactsAbout, facts: Readonly<Record<string, unknown>>): Promise<void> => {
    const stated = Object.entries(facts).map(
      ([path, value]): StatedFact => ({ path, value, source: 'DLT portal' }),
    );
    const result = await pipeline.facts.set(TENANT, about, stated, 'ann');
    if (result.kind !== 'set') throw new Error(JSON.stringify(result.problems));
  };
  const offerTo = (to: string) => ({
    to,
    from: HEADER,
    channel: 'sms',
    body: 'Acme sale: all shoes 20% off at https://acme.example/s. To opt out call +911800123456',
    metadata: { dltClass: 'P' },
  });
  const outcome = async (to: string) => {
    const [result] = await pipeline.accept(TENANT, [{ request: offerTo(to) }]);
    if (result?.kind !== 'accepted') throw new Error(JSON.stringify(result));
    const { id } = result;
    await until(async () =>
      expect((await pipeline.get(TENANT, id))?.state).toMatch(/^(delivered|blocked|deferred|held)$/),
    );
    const [decision] = await pipeline.decision(TENANT, id);
    if (decision?.kind !== 'open') throw new Error(`not readable: ${decision?.kind}`);
    const { evaluation } = JSON.parse(decision.bytes) as {
      evaluation: { outcome: { kind: string; ruleIds?: string[]; missing?: string[] } };
    };
    return {
      id,
      bytes: decision.bytes,
      state: (await pipeline.get(TENANT, id))!.state,
      ...evaluation.outcome,
    };
  };
  const agrees = async (recipient: string): Promise<void> => {
    await pipeline.consent.append(TENANT, recipient, [
      {
        id: `web-${recipient}`,
        kind: 'granted',
        channel: 'sms',
        purpose: 'marketing',
        level: 'explicit-digital',
        atMs: 1,
      },
    ]);
  };

  test('an Indian offer is held for what nobody stated, and goes out once it is stated', async () => {
    const to = '+919812345678';
    await agrees(to);
    const held = await outcome(to);
    expect(held).toMatchObject({ state: 'held', kind: 'hold' });
    expect(held.ruleIds).toEqual(
      expect.arrayContaining(['in-dlt-registration', 'in-header-suffix', 'in-url-whitelist']),
    );
    expect(held.missing).toContain('registrations.in-dlt/header');

    await set(
      { scope: 'tenant' },
      {
        'registrations.in-dlt/entity': { state: 'active' },
        'registrations.in-dlt/telemarketer-chain': { state: 'active' },
        'lists.in-dlt-phones': ['+911800123456'],
      },
    );
    await set(
      { scope: 'sender', sender: HEADER },
      {
        'registrations.in-dlt/header': { state: 'active' },
        'registrations.in-dlt/template': { state: 'active', attributes: ['text-matches'] },
        'lists.in-dlt-urls': ['acme.example'],
        'template.dltType': 'promotional',
      },
    );
    await set({ scope: 'recipient', recipient: to }, { 'preferences.in-dnd-time-bands': [] });
    const sent = await outcome(to);
    expect(sent).toMatchObject({ state: 'delivered', kind: 'send' });
    expect(replay(sent.bytes, book.byVersion)).toMatchObject({ kind: 'same' });
    // The dry run knows the same.
    const dry = await pipeline.decide(TENANT, offerTo(to), Date.parse(NOON));
    if (dry.kind !== 'decided') throw new Error(JSON.stringify(dry));
    expect(dry.dryRun.evaluation.outcome).toEqual({ kind: 'send' });
  });

  test('another recipient, who may have chosen hours, waits for theirs', async () => {
    const to = '+919812345679';
    await agrees(to);
    expect(await outcome(to)).toMatchObject({ kind: 'hold', missing: ['preferences.in-dnd-time-bands'] });
    await set(
      { scope: 'recipient', recipient: to },
      {
        'preferences.in-dnd-time-bands': [
          { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 10 * 60, toMinute: 15 * 60 },
        ],
      },
    );
    expect(await outcome(to)).toMatchObject({ kind: 'defer', ruleIds: ['in-time-band-preference'] });
  });

  describe('a message on hold', () => {
    const seen = async (id: string) => {
      const view = await pipeline.get(TENANT, id);
      const decisions = await pipeline.decision(TENANT, id);
      return {
        state: view?.state,
        asked: decisions.length,
        again: view?.timeline.filter(({ type }) => type === 'asked-again').length,
      };
    };
    const noticed = () =>
      until(async () => {
        const fresh = await pipeline.store.bulk
          .selectFrom('held_news')
          .select('seq')
          .where('seen_at_ms', 'is', null)
          .execute();
        expect(fresh).toEqual([]);
      });
    const becomes = (id: string, wanted: Awaited<ReturnType<typeof seen>>) =>
      until(async () => expect(await seen(id)).toEqual(wanted));
    const onHold = async (to: string): Promise<string> => {
      await agrees(to);
      await noticed();
      const { id } = await outcome(to);
      await becomes(id, { state: 'held', asked: 1, again: 0 });
      return id;
    };
    const path = 'preferences.in-dnd-time-bands';

    test('is asked once more when the fact comes that it waits for, and by nobody else’s facts', async () => {
      const to = '+919812345690';
      const id = await onHold(to);
      await set({ scope: 'recipient', recipient: '+919812345691' }, { [path]: [] });
      await set({ scope: 'sender', sender: 'OTHERS' }, { 'sender.twoWay': true });
      await pipeline.facts.set(
        'other',
        { scope: 'tenant' },
        [{ path: 'sender.twoWay', value: true, source: 'x' }],
        'ann',
      );
      await noticed();
      await agrees('+919812345692');
      await noticed();
      expect(await seen(id)).toEqual({ state: 'held', asked: 1, again: 0 });
      await set({ scope: 'recipient', recipient: to }, { [path]: [] });
      await becomes(id, { state: 'delivered', asked: 2, again: 1 });
    });

    test('is asked once by each piece of news, of consent, registries and rules too, and again holds', async () => {
      const to = '+919812345693';
      const id = await onHold(to);
      await pipeline.registries.add(TENANT, 'own-list', [{ recipient: '+919812345699' }]);
      await becomes(id, { state: 'held', asked: 2, again: 1 });
      // The registry is there now: another entry concerns that recipient alone.
      await pipeline.registries.add(TENANT, 'own-list', [{ recipient: '+919812345698' }]);
      await noticed();
      await pipeline.store.bulk
        .updateTable('meta')
        .set({ value: 'of another version' })
        .where('key', '=', 'held-rules')
        .execute();
      await becomes(id, { state: 'held', asked: 3, again: 2 });
      // The same news is not told twice: other news passes by, and nothing happens.
      await agrees('+919812345694');
      await noticed();
      await agrees('+919812345695');
      await noticed();
      expect(await seen(id)).toEqual({ state: 'held', asked: 3, again: 2 });
      await pipeline.consent.append(TENANT, to, [
        { id: 'no-more', kind: 'revoked', channel: 'any', purpose: 'any', atMs: Date.parse(NOON) },
      ]);
      await becomes(id, { state: 'blocked', asked: 4, again: 3 });
    });

    test('is over when its life is', async () => {
      const to = '+919812345696';
      const id = await onHold(to);
      await pipeline.store.bulk
        .updateTable('messages')
        .set({ expires_at_ms: 1 })
        .where('id', '=', id)
        .execute();
      laterMs += 60_000;
      await becomes(id, { state: 'expired', asked: 1, again: 1 });
    });
  });

  test('the latest statement counts, a withdrawn one is not known any more', async () => {
    const to = '+919812345678';
    const about: FactsAbout = { scope: 'sender', sender: HEADER };
    await set(about, { 'registrations.in-dlt/header': { state: 'blacklisted' } });
    expect(await outcome(to)).toMatchObject({ state: 'blocked', ruleIds: ['in-dlt-registration'] });
    const path = 'registrations.in-dlt/header';
    const active = { path, value: { state: 'active' }, source: 'an old export' };
    await pipeline.facts.set(TENANT, about, [{ ...active, asOfMs: 1 }], 'ann');
    expect(await outcome(to)).toMatchObject({ state: 'blocked' });
    await pipeline.facts.set(TENANT, about, [{ ...active, untilMs: 1 }], 'ann');
    expect(await outcome(to)).toMatchObject({ kind: 'hold', missing: expect.arrayContaining([path]) });
  });

  test('an unknown path, a wrong type and a wrong scope are named, and nothing of the list is recorded', async () => {
    const source = 'ann';
    const result = await pipeline.facts.set(
      TENANT,
      { scope: 'tenant' },
      [
        { path: 'sender.brand', value: 'Acme', source },
        { path: 'sender.postalAdress', value: '1 Main Street', source },
        { path: 'sender.twoWay', value: 'yes', source },
        { path: 'recipient.age', value: 34, source },
        { path: 'registrations.in-dlt/header', value: { state: 'active', until: 'soon' }, source },
      ],
      'ann',
    );
    expect(result).toEqual({
      kind: 'invalid',
      problems: [
        {
          index: 1,
          member: 'path',
          code: 'UNKNOWN_FACT',
          message: 'no rule asks for "sender.postalAdress"; did you mean sender.postalAddress?',
        },
        {
          index: 2,
          member: 'value',
          code: 'INVALID_TYPE',
          message: expect.stringMatching(/^sender\.twoWay is true or false/),
        },
        {
          index: 3,
          member: 'path',
          code: 'WRONG_SCOPE',
          message: 'recipient.age is stated of a recipient, not a tenant',
        },
        {
          index: 4,
          member: 'value',
          code: 'INVALID_TYPE',
          message: expect.stringContaining('until: must be'),
        },
      ],
    });
    const there = await pipeline.facts.list(TENANT, { scope: 'tenant' });
    expect(there.map(({ path }) => path)).not.toContain('sender.brand');
  });

  test('every statement is in the audit trail, a recipient’s sealed; erasure forgets them', async () => {
    const recipient = '+919812345680';
    await set({ scope: 'recipient', recipient }, { 'recipient.age': 34 });
    const { rows } = await pipeline.governance.audit.query(
      TENANT,
      "select recipient from audit where subject = 'facts.set' order by at",
    );
    expect(rows.length).toBeGreaterThan(7);
    expect(rows.at(-1)!['recipient']).toEqual(expect.any(String));
    expect((await pipeline.governance.audit.verify()).ok).toBe(true);
    const found = await pipeline.governance.erase(
      { tenant: TENANT, recipient },
      { author: 'ann', reason: 'asked' },
    );
    expect(found.found).toBe(true);
    expect(await pipeline.facts.list(TENANT, { scope: 'recipient', recipient })).toEqual([]);
    expect((await pipeline.governance.audit.verify()).ok).toBe(true);
  });
});
