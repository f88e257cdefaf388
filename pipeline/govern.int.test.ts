import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createRuleBook } from './comply/compliance.ts';
import { keywordClassifier } from './compose.fixture.ts';
import { createPipeline, type Pipeline } from './compose.ts';
import { wordPack } from './govern.fixture.ts';
import { RULES_KEY } from './govern.ts';
import { createSigningKey, openSigningKey, type SigningKey, trustedKeys } from './keys/signing-key.ts';
import { openRulesDesk, rulesetNamed } from './rules/desk.ts';
import { type OrderKind, type RulesOrder, signOrder } from './rules/order.ts';
import { type Release, releaseOf } from './rules/release.ts';
import { keepAnswers } from './store/registries.ts';
import { buildRegistryFile } from './suppress/registry-build.ts';
import { openAddressKeys } from './suppress/registry-format.ts';

const until = <T>(check: () => Promise<T> | T): Promise<T> =>
  vi.waitFor(check, { timeout: 60_000, interval: 25 });

const dataDir = mkdtempSync(join(tmpdir(), 'laneway-govern-'));
const OLD = [wordPack('aa', 'old', ['Zebra']), wordPack('bb', 'old', ['Yak'])];
const NEW = [wordPack('aa', 'new', ['Zebra', 'Hello']), wordPack('bb', 'new', ['Yak', 'Viper'])];
const book = createRuleBook({ packs: OLD });
let pipeline: Pipeline;
let key: SigningKey;
const faults: string[] = [];

beforeAll(async () => {
  pipeline = await createPipeline({
    dataDir,
    classifier: keywordClassifier(),
    compliance: book,
    sandbox: { latencyMedianMs: 1, receiptMedianMs: 1, undeliveredRate: 0 },
    report: (error, doing) => faults.push(`${doing}: ${String(error)}`),
  });
  await pipeline.start();
  key = openSigningKey(join(dataDir, 'keys', RULES_KEY), false);
});
afterAll(async () => {
  await pipeline?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function send(body: string, to = '+12125550123'): Promise<string> {
  const [result] = await pipeline.accept('acme', [{ request: { to, from: 'ACME', channel: 'sms', body } }]);
  if (result?.kind !== 'accepted') throw new Error(JSON.stringify(result));
  return result.id;
}

async function settled(id: string): Promise<string> {
  return until(async () => {
    const state = (await pipeline.get('acme', id))?.state ?? '';
    expect(state).toMatch(/^(delivered|blocked)$/);
    return state;
  });
}

const outcomeOf = async (body: string, to?: string): Promise<string> => settled(await send(body, to));

function order(kind: OrderKind, release: Release, over: Partial<RulesOrder> = {}): RulesOrder {
  const nowMs = Date.now();
  return {
    format: 1,
    seq: pipeline.governance.rules.state().nextSeq,
    kind,
    version: release.version,
    digest: release.digest,
    effectiveAtMs: nowMs,
    issuedAtMs: nowMs,
    author: 'ann',
    reason: 'a test',
    ...over,
  };
}

describe('rules that change without stopping', () => {
  const fresh = releaseOf(NEW);

  test('are refused without a signature, with another’s, with one of something else, twice, and unknown', async () => {
    const { rules } = pipeline.governance;
    await rules.upload(fresh);
    const good = signOrder(key, order('activate', fresh));
    const refusedWith = (code: string) => expect.objectContaining({ code });
    await expect(rules.give({ ...good, signature: '' })).rejects.toThrow(
      refusedWith('RULES_SIGNATURE_INVALID'),
    );
    await expect(rules.give({ ...good, keyId: '' })).rejects.toThrow(refusedWith('RULES_UNSIGNED'));
    await expect(rules.give(signOrder(createSigningKey(), good.order))).rejects.toThrow(
      refusedWith('RULES_UNSIGNED'),
    );
    const other = { ...good, order: { ...good.order, effectiveAtMs: good.order.effectiveAtMs + 1 } };
    await expect(rules.give(other)).rejects.toThrow(refusedWith('RULES_SIGNATURE_INVALID'));
    await expect(
      rules.give(signOrder(key, order('activate', { ...fresh, digest: '0'.repeat(64) }))),
    ).rejects.toThrow(refusedWith('RULES_UNKNOWN'));
    await expect(rules.give(signOrder(key, order('activate', fresh, { seq: 7 })))).rejects.toThrow(
      refusedWith('RULES_ORDER_STALE'),
    );
    await expect(
      rules.give(signOrder(key, order('activate', fresh, { effectiveAtMs: 1_000 }))),
    ).rejects.toThrow(refusedWith('RULES_ORDER_LATE'));
    await expect(rules.upload({ ...fresh, text: fresh.text.replace('Viper', 'Vipex') })).rejects.toThrow(
      refusedWith('RULES_DAMAGED'),
    );
    expect(rules.state().inForce.version).toBe(book.ruleset().version);
    expect(await outcomeOf('Hello you')).toBe('delivered');
  });

  test('take over under load with no failed and no mixed decision, and go back in one step', async () => {
    const { rules } = pipeline.governance;
    const before = rules.state().inForce.version;
    const ids: Promise<string>[] = [];
    let sending = true;
    const load = (async () => {
      for (let i = 0; sending; i++) {
        ids.push(send(i % 2 === 0 ? 'Hello there' : 'sale: Hello', `+1212555${1000 + (i % 500)}`));
        // A score at a time: load, not a backlog.
        if (i % 20 === 19) await Promise.all((await Promise.all(ids.slice(-20))).map(settled));
      }
    })();
    const decided = (version: string) =>
      until(async () => {
        const rows = await sql<{ n: number }>`
          select count(*)::integer as n from audit_entries where kind = 'decision' and ruleset = ${version}`.execute(
          pipeline.store.bulk,
        );
        expect(rows.rows[0]!.n).toBeGreaterThan(20);
        return rows.rows[0]!.n;
      });
    await decided(before);
    await rules.give(signOrder(key, order('activate', fresh)));
    await decided(fresh.version);
    const state = await rules.rollback('ann', 'back again');
    expect(state.inForce.version).toBe(before);
    expect(state.previous?.version).toBe(fresh.version);
    sending = false;
    await load;
    const all = await Promise.all(ids);
    const seen = new Set<string>();
    for (const id of all) {
      const end = await settled(id);
      const [decision] = await pipeline.decision('acme', id);
      if (decision?.kind !== 'open') throw new Error('unreadable');
      const { evaluation } = JSON.parse(decision.bytes);
      const packs = evaluation.rulesetVersion === fresh.version ? NEW : OLD;
      expect(evaluation.packs).toEqual(Object.fromEntries(packs.map((pack) => [pack.id, pack.version])));
      expect(new Set(evaluation.verdicts.map((verdict: { basis: string }) => verdict.basis)).size).toBe(1);
      expect(end).toBe(decision.outcome === 'block' ? 'blocked' : 'delivered');
      seen.add(evaluation.rulesetVersion);
    }
    expect(seen.size).toBe(2);
    expect(faults).toEqual([]);
  });

  test('another process follows within a second, and refuses what was forged in the store', async () => {
    const { rules, trail } = pipeline.governance;
    const reports: string[] = [];
    const other = await openRulesDesk({
      db: pipeline.store.bulk,
      trail,
      clock: Date.now,
      shipped: createRuleBook({ packs: OLD }),
      trusted: () => trustedKeys(undefined, [key]),
      signer: undefined,
      report: (error) => reports.push(String(error)),
    });
    await rules.give(signOrder(key, order('activate', fresh)));
    await other.refresh();
    expect(other.ruleset().version).toBe(fresh.version);
    await rules.rollback('ann', 'back');
    // As an intruder would, who can write to the store.
    const forged = signOrder(createSigningKey(), order('activate', fresh));
    await pipeline.store.bulk
      .insertInto('rule_orders')
      .values({
        seq: forged.order.seq,
        kind: 'activate',
        version: fresh.version,
        digest: fresh.digest,
        effective_at_ms: Date.now(),
        issued_at_ms: Date.now(),
        author: 'eve',
        reason: '',
        key_id: forged.keyId,
        signature: forged.signature,
      })
      .execute();
    await other.refresh();
    await other.refresh();
    expect(other.state()).toMatchObject({ refused: expect.stringContaining('RULES_UNSIGNED') });
    expect(other.ruleset().version).toBe(book.ruleset().version);
    expect(reports).toHaveLength(1);
    await until(async () => expect((await pipeline.health()).degraded.join()).toContain('RULES_UNSIGNED'));
    await expect(
      openRulesDesk({
        db: pipeline.store.bulk,
        trail,
        clock: Date.now,
        shipped: book,
        trusted: () => trustedKeys(undefined, [key]),
        signer: undefined,
        report: () => undefined,
      }),
    ).rejects.toMatchObject({ code: 'RULES_UNSIGNED' });
    await pipeline.store.bulk.deleteFrom('rule_orders').where('seq', '=', forged.order.seq).execute();
    await until(async () => expect((await pipeline.health()).degraded).toEqual([]));
    faults.length = 0;
  });

  test('switch at their instant and not a millisecond before; a dry run for later asks those to come', async () => {
    const { rules } = pipeline.governance;
    const atMs = Date.now() + 3_600_000;
    const state = await rules.give(signOrder(key, order('activate', fresh, { effectiveAtMs: atMs })));
    expect(state.coming.map(({ version }) => version)).toEqual([fresh.version]);
    expect(rules.ruleset(atMs - 1).version).toBe(book.ruleset().version);
    expect(rules.ruleset(atMs).version).toBe(fresh.version);
    // A clock that jumps back judges by the rules of the instant that it shows.
    expect(rules.ruleset(atMs - 1).version).toBe(book.ruleset().version);
    const request = { to: '+12125550123', from: 'ACME', channel: 'sms', body: 'Hello' };
    const outcomeAt = async (ms: number) => {
      const result = await pipeline.decide('acme', request, ms);
      return result.kind === 'decided' ? result.dryRun.evaluation.outcome.kind : 'invalid';
    };
    expect(await outcomeAt(atMs - 1)).toBe('send');
    expect(await outcomeAt(atMs)).toBe('block');
  });

  test('show beforehand which recorded decisions they would change, and by which rule', async () => {
    const { rules } = pipeline.governance;
    const id = await send('Viper news', '+12125557001');
    expect(await settled(id)).toBe('delivered');
    const before = await rulesetNamed(rules, 'active');
    const after = await rulesetNamed(rules, fresh.version);
    const span = {
      tenant: 'acme',
      fromMs: Date.now() - 7 * 86_400_000,
      toMs: Date.now() + 1,
      limit: 100_000,
    };
    const report = await rules.diff(before, after, span);
    expect(report.changed).toBe(report.outcomes['send > block']);
    expect(report.rules).toContainEqual({
      ruleId: 'bb-no-viper',
      before: 'does-not-bind',
      after: 'block',
      decisions: 1,
      examples: [id],
    });
    expect(report.compared).toBeGreaterThan(report.changed);
    expect(await rules.diff(after, after, span)).toMatchObject({ changed: 0, rules: [] });
  });

  test('are asked in the shadow of those in force, and decide nothing', async () => {
    const { rules } = pipeline.governance;
    const shade = releaseOf([wordPack('aa', 'shade', ['Walrus']), ...OLD.slice(1)]);
    await rules.upload(shade);
    await rules.give(signOrder(key, order('shadow', shade)));
    const ids = [await send('Walrus one', '+12125557002'), await send('Other one', '+12125557003')];
    for (const id of ids) expect(await settled(id)).toBe('delivered');
    await until(async () =>
      expect(await rules.shadow.report()).toMatchObject({
        compared: 2,
        changed: 1,
        outcomes: { 'send > block': 1 },
        rules: [{ ruleId: 'aa-no-walrus', after: 'block', examples: [ids[0]] }],
      }),
    );
    await rules.give(signOrder(key, order('unshadow', shade)));
    expect(rules.shadow.version).toBeUndefined();
  });
});

describe('the audit trail of a pipeline', () => {
  const verify = () => pipeline.governance.audit.verify();

  test('has every decision and every act, and replays to the same bytes', async () => {
    await pipeline.governance.audit.act({
      tenant: 'acme',
      subject: 'models.promote',
      payload: { by: 'ann' },
    });
    expect(await pipeline.governance.audit.checkpoint()).toBeGreaterThan(0);
    await pipeline.governance.audit.act({
      tenant: 'acme',
      subject: 'models.rollback',
      payload: { by: 'ann' },
    });
    expect(await pipeline.governance.audit.checkpoint()).toBeGreaterThan(1);
    const report = await verify();
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ ok: true, unsigned: 0, dropped: 0 });
    const span = { tenant: 'acme', fromMs: 0, toMs: Date.now() + 1, limit: 1_000_000 };
    const replayed = await pipeline.governance.audit.replay(span);
    expect(replayed).toMatchObject({ different: 0, unreadable: 0, rulesUnknown: 0 });
    expect(replayed.same).toBe(replayed.replayed);
    expect(replayed.same).toBeGreaterThan(60);
  });

  test('answers an analyst in SQL, of one tenant, and shows nothing else', async () => {
    const { audit } = pipeline.governance;
    const { rows } = await audit.query(
      'acme',
      "select outcome, count(*)::integer as n from audit where kind = 'decision' group by outcome order by outcome",
    );
    expect(rows.map((row) => row['outcome'])).toEqual(['block', 'send']);
    expect((await audit.query('other', "select * from audit where kind = 'decision'")).rows).toEqual([]);
    const acts = await audit.query('other', "select subject from audit where kind = 'rules' order by at");
    expect(acts.rows.map((row) => row['subject'])).toContain('rules.rollback');
    await expect(audit.query('acme', 'select * from messages')).rejects.toMatchObject({
      code: 'AUDIT_QUERY_FAILED',
    });
    const all = Array.from({ length: 6 }, (_, i) => `audit a${i}`).join(', ');
    await expect(audit.query('acme', `select count(*) from ${all}`)).rejects.toMatchObject({
      code: 'AUDIT_QUERY_REFUSED',
    });
  });

  test('finds any changed value, and says in which row', async () => {
    const { bulk } = pipeline.store;
    const columns = await sql<{ t: string; c: string; type: string }>`
      select table_name as t, column_name as c, data_type as type from information_schema.columns
      where table_name in ('audit_entries', 'audit_blocks', 'audit_checkpoints', 'decisions')
      order by 1, 2`.execute(bulk);
    expect(columns.rows.length).toBeGreaterThan(35);
    const missed: string[] = [];
    for (const { t, c, type } of columns.rows) {
      const changed =
        type === 'text'
          ? sql`overlay(coalesce(${sql.ref(c)}, 'x') placing
        case when right(${sql.ref(c)}, 1) = '0' then '1' else '0' end from greatest(length(${sql.ref(c)}), 1))`
          : sql`coalesce(${sql.ref(c)}, 0) + 1000`;
      const kind = t === 'audit_entries' && c === 'body' ? sql`kind = 'rules'` : sql`true`;
      const row = await sql<{ ctid: string }>`
        select ctid::text from ${sql.table(t)} where ${kind} order by random() limit 1`.execute(bulk);
      await bulk
        .transaction()
        .execute(async (tx) => {
          await sql`update ${sql.table(t)} set ${sql.ref(c)} = ${changed} where ctid = ${row.rows[0]!.ctid}::tid`.execute(
            tx,
          );
          const report = await pipelineVerify(tx);
          const found = report.problems.some(({ where }) => where.includes(t) || where.includes('decisions'));
          if (report.ok || !found) missed.push(`${t}.${c}: ${JSON.stringify(report.problems.slice(0, 2))}`);
          throw new Error('undo');
        })
        .catch((error: Error) => {
          if (error.message !== 'undo') throw error;
        });
    }
    expect(missed).toEqual([]);
    expect((await verify()).ok).toBe(true);
  });

  test('finds what was taken out or put in', async () => {
    const { bulk } = pipeline.store;
    const after = async (change: string) => {
      let codes: string[] = [];
      await bulk
        .transaction()
        .execute(async (tx) => {
          await sql.raw(change).execute(tx);
          codes = (await pipelineVerify(tx)).problems.map((problem) => problem.code);
          throw new Error('undo');
        })
        .catch((error: Error) => {
          if (error.message !== 'undo') throw error;
        });
      return codes;
    };
    const last = `(select writer from audit_blocks order by block desc limit 1)`;
    expect(await after(`delete from audit_entries where kind = 'admin'`)).toContain('entry-missing');
    expect(await after(`delete from audit_blocks where writer = ${last} and block = 2`)).toEqual(
      expect.arrayContaining(['block-missing', 'entry-astray']),
    );
    expect(
      await after(
        `delete from audit_blocks where writer = ${last} and block = (select max(block) from audit_blocks where writer = ${last})`,
      ),
    ).toContain('chain-cut');
    expect(
      await after(
        `with w as (select writer from audit_blocks limit 1), e as (delete from audit_entries using w where audit_entries.writer = w.writer)
         delete from audit_blocks using w where audit_blocks.writer = w.writer`,
      ),
    ).toEqual(expect.arrayContaining(['chain-cut', 'decision-unchained']));
    expect(await after(`delete from audit_checkpoints where seq = 1`)).toContain('checkpoint-missing');
    expect(await after(`delete from decisions where outcome = 'block'`)).toContain('decision-missing');
    expect(
      await after(`insert into decisions select tenant, 'forged', seq, outcome, hash, record, created_at_ms
        from decisions limit 1`),
    ).toEqual(['decision-unchained']);
    expect(await after(`update decisions set record = null where outcome = 'block'`)).toContain(
      'content-missing',
    );
  });
});

/** Verification inside a transaction that is undone. */
async function pipelineVerify(tx: Parameters<typeof import('./audit/verify.ts').verifyAudit>[0]) {
  const { verifyAudit } = await import('./audit/verify.ts');
  const audit = openSigningKey(join(dataDir, 'keys', 'audit-signing'), false);
  return verifyAudit(tx, trustedKeys(undefined, [audit]));
}

describe('changes by hand', () => {
  test('of suppressions, denylist, registries and consent are in the chain, addresses sealed', async () => {
    const { governance, store } = pipeline;
    const tenant = 'by-hand';
    const to = '+12125558765';
    const stop = { purpose: 'all', channel: 'sms', sinceMs: 1, reason: 'operator' } as const;
    await pipeline.suppressions.add(tenant, to, stop);
    await pipeline.suppressions.add(tenant, to, { ...stop, untilMs: 2 });
    const denied = { id: 'd1', kind: 'sender', pattern: 'Evil', reason: 'phishing', source: 'api' } as const;
    expect(await pipeline.denylist.add(tenant, { ...denied, createdAtMs: 1 })).toBe(true);
    expect(await pipeline.denylist.add(tenant, { ...denied, createdAtMs: 1 })).toBe(false);
    expect(await pipeline.denylist.remove(tenant, 'd1', Date.now())).toBe(true);
    await pipeline.registries.add(tenant, 'own-list', [{ recipient: to }]);
    expect(await pipeline.registries.lookup(tenant, to)).toMatchObject({ 'own-list': { listed: true } });
    const folder = join(dataDir, 'registries');
    const { file } = await buildRegistryFile(
      join(folder, tenant),
      openAddressKeys(folder),
      { name: 'copied', asOfMs: 1_000, source: 'a register' },
      (async function* () {
        yield [{ recipient: to }];
      })(),
      Date.now(),
    );
    await pipeline.registries.activate(tenant, 'copied', file);
    await pipeline.registries.configure(tenant, 'asked', {
      url: 'https://register.example/lookup',
      ttlSeconds: 60,
      timeoutMs: 50,
      batch: 1,
    });
    await pipeline.consent.append(tenant, to, [
      { id: 'c1', kind: 'granted', atMs: 1, channel: 'sms', purpose: 'marketing' },
    ]);
    const { rows } = await governance.audit.query(
      tenant,
      "select kind, subject from audit where kind <> 'rules'",
    );
    expect(rows.map((row) => JSON.stringify([row['kind'], row['subject']])).sort()).toEqual([
      '["admin","denylist.add"]',
      '["admin","denylist.remove"]',
      '["admin","registries.activate"]',
      '["admin","registries.add"]',
      '["admin","registries.configure"]',
      '["admin","suppressions.add"]',
      '["admin","suppressions.end"]',
      '["consent","granted"]',
    ]);
    const bodies = await store.bulk
      .selectFrom('audit_entries')
      .select('body')
      .where('tenant', '=', tenant)
      .execute();
    expect(JSON.stringify(bodies)).not.toContain('2125558765');
    expect((await governance.audit.verify()).problems).toEqual([]);
  });

  test('of a registry leave neither change nor entry when one of the two fails', async () => {
    const { governance, store } = pipeline;
    const tenant = 'half-done';
    await expect(
      pipeline.registries.add(tenant, 'own-list', [{ recipient: null as unknown as string }]),
    ).rejects.toThrow();
    expect(await pipeline.registries.list(tenant)).toEqual([]);
    expect(
      (await governance.audit.query(tenant, "select kind from audit where kind = 'admin'")).rows,
    ).toEqual([]);
    const news = await store.bulk.selectFrom('held_news').selectAll().where('tenant', '=', tenant).execute();
    expect(news).toEqual([]);
  });
});

describe('erasure', () => {
  const to = '+12125559876';

  test('leaves nothing of a person that can be read, the chain whole, and objections in force', async () => {
    const { governance, store } = pipeline;
    await pipeline.consent.append('acme', to, [
      { id: 'c1', kind: 'granted', atMs: 1, channel: 'sms', purpose: 'marketing' },
    ]);
    await pipeline.suppressions.add('acme', to, {
      purpose: 'marketing',
      channel: 'any',
      sinceMs: 1,
      reason: 'stop-keyword',
    });
    await pipeline.inbound.take('acme', {
      id: 'hello',
      recipient: to,
      sender: '+12125550100',
      channel: 'sms',
      text: 'Thanks, this is +12125559876',
      atMs: Date.now(),
    });
    const known = { listed: false, checkedAtMs: 1 };
    await keepAnswers(store.urgent, 'acme', 'dnc', new Map([[to, known]]));
    const id = await send('A word for your ears', to);
    expect(await settled(id)).toBe('delivered');
    expect(
      await governance.erase({ tenant: 'acme', recipient: to }, { author: 'ann', reason: 'asked' }),
    ).toMatchObject({ found: true, messages: 1, objections: 1 });
    expect(await pipeline.decision('acme', id)).toMatchObject([{ kind: 'erased', outcome: 'send' }]);
    expect(await pipeline.replay('acme', id)).toMatchObject([{ kind: 'erased' }]);
    const tables = await sql<{ t: string }>`
      select table_name as t from information_schema.tables where table_schema = 'public'`.execute(
      store.bulk,
    );
    for (const { t } of tables.rows) {
      const rows = await sql<{ n: number }>`
        select count(*)::integer as n from ${sql.table(t)} x
        where x::text like '%12125559876%' or x::text like '%for your ears%'`.execute(store.bulk);
      expect([t, rows.rows[0]!.n]).toEqual([t, 0]);
    }
    expect((await governance.audit.verify()).problems).toEqual([]);
    // Who comes back gets another key, and what was objected to is in force again.
    const again = await send('Back again', to);
    await settled(again);
    expect(await pipeline.suppressions.entries('acme', to)).toMatchObject([{ reason: 'stop-keyword' }]);
    expect(await pipeline.decision('acme', again)).toMatchObject([{ kind: 'open' }]);
    expect(await pipeline.decision('acme', id)).toMatchObject([{ kind: 'erased' }]);
    expect(
      await governance.erase(
        { tenant: 'acme', recipient: '+12125550000' },
        { author: 'ann', reason: 'asked' },
      ),
    ).toMatchObject({ found: false });
  });

  test('takes the counts of nobody whose address only resembles', async () => {
    const { governance, store } = pipeline;
    const key = (recipient: string) => `daily|recipient=${recipient}|channel=email`;
    const addresses = ['ann_b@example.org', 'annxb@example.org', 'joann_b@example.org'];
    await store.bulk
      .insertInto('cap_keys')
      .values(addresses.map((one) => ({ tenant: 'acme', key: key(one), version: 1 })))
      .execute();
    await governance.erase({ tenant: 'acme', recipient: addresses[0]! }, { author: 'ann', reason: 'asked' });
    const left = await store.bulk
      .selectFrom('cap_keys')
      .select('key')
      .where('key', 'like', 'daily|%@example.org|%')
      .orderBy('key')
      .execute();
    expect(left.map((row) => row.key)).toEqual(addresses.slice(1).map(key));
  });
});

describe('retention', () => {
  test('drops what its packs no longer want, and the chain still verifies', async () => {
    const { governance, store } = pipeline;
    const kept = await store.bulk
      .selectFrom('audit_entries')
      .select('keep_until_ms')
      .where('kind', '=', 'decision')
      .execute();
    expect(kept.every((row) => row.keep_until_ms! > Date.now() + 4 * 365 * 86_400_000)).toBe(true);
    expect(await governance.audit.dropExpired()).toBe(0);
    const short = releaseOf([wordPack('aa', 'short', ['Zebra'], 'retention: PT1S\n')]);
    await governance.rules.upload(short);
    await governance.rules.give(signOrder(key, order('activate', short, { effectiveAtMs: Date.now() })));
    const id = await send('Soon forgotten', '+12125557009');
    await settled(id);
    await until(async () => expect(await governance.audit.dropExpired()).toBe(1));
    expect(await pipeline.decision('acme', id)).toMatchObject([{ kind: 'dropped' }]);
    expect(await governance.audit.verify()).toMatchObject({ ok: true, dropped: 1, problems: [] });
    const lines: object[] = [];
    for await (const line of governance.audit.export({ tenant: 'acme', fromMs: 0, toMs: Date.now() + 1 }))
      lines.push(line);
    expect(lines).toContainEqual(expect.objectContaining({ type: 'entry', subject: id, content: 'dropped' }));
    expect(lines).toContainEqual(expect.objectContaining({ type: 'entry', content: 'erased' }));
    expect(lines.filter((line) => (line as { type: string }).type === 'checkpoint').length).toBeGreaterThan(
      0,
    );
  });
});

test('what should be in force and cannot be trusted stops the start', async () => {
  // Kept for last: the folder is opened again without the key that signed.
  await pipeline.close();
  writeFileSync(join(dataDir, 'keys', RULES_KEY), '');
  await expect(
    createPipeline({ dataDir, classifier: keywordClassifier(), compliance: book }),
  ).rejects.toMatchObject({ code: 'SIGNING_KEY_UNREADABLE' });
});
