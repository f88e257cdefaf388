import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../models/base/sha256.ts';
import { type Keyring, openKeyring } from '../keys/keyring.ts';
import { masterKeyFile, openFileMasterKey } from '../keys/master-key.ts';
import { openText } from '../keys/sealed.ts';
import { openStore, type Store } from '../store/open.ts';
import { startTestServer, type TestServer } from '../store/server.fixture.ts';
import { blockHash, entryHash, GENESIS } from './entry.ts';
import { type AuditEvent, type AuditTrail, createAuditTrail, eventContext } from './trail.ts';
import { createWriters } from './writers.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-audit-'));
const server = await startTestServer();
if (typeof server === 'string') console.warn(`audit trail on a PostgreSQL server skipped: ${server}`);
afterAll(async () => {
  if (typeof server !== 'string') await server.stop();
  rmSync(home, { recursive: true, force: true });
});

const event = (over: Partial<AuditEvent> = {}): AuditEvent => ({
  kind: 'consent',
  tenant: 'acme',
  atMs: 1_000,
  subject: 'granted',
  recipient: '+12125550123',
  channel: 'sms',
  payload: { level: 'express', proof: 'form "7"' },
  ...over,
});

describe.each(['pglite', 'postgres'] as const)('the audit trail on %s', (kind) => {
  const skipped = kind === 'postgres' && typeof server === 'string';
  const it = test.skipIf(skipped);
  let store: Store;
  let keyring: Keyring;
  let trail: AuditTrail;
  beforeAll(async () => {
    if (skipped) return;
    store = await openStore(
      kind === 'pglite'
        ? { kind, dir: join(home, 'store') }
        : { kind, url: (server as TestServer).url, poolSize: 8 },
    );
    keyring = await openKeyring(store.urgent, openFileMasterKey(join(home, kind), true), () => 5);
    trail = createAuditTrail(keyring, createWriters(randomUUID));
  });
  afterAll(async () => store?.close());

  it('makes chains that many append to at once, each whole from its first block', async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        trail.append(store.bulk, [
          event({ atMs: i }),
          event({ atMs: i + 1, recipient: `+1212555${1000 + (i % 7)}` }),
        ]),
      ),
    );
    const blocks = await store.bulk
      .selectFrom('audit_blocks')
      .selectAll()
      .orderBy('writer')
      .orderBy('block')
      .execute();
    expect(blocks).toHaveLength(40);
    const entries = await store.bulk.selectFrom('audit_entries').selectAll().orderBy('ord').execute();
    expect(entries).toHaveLength(80);
    for (const entry of entries) {
      expect(entryHash(entry)).toBe(entry.entry_hash);
      expect(sha256(entry.body!)).toBe(entry.content_hash);
    }
    const heads = new Map<string, { block: number; hash: string }>();
    for (const block of blocks) {
      const before = heads.get(block.writer);
      expect(block.block).toBe((before?.block ?? 0) + 1);
      expect(block.prev_hash).toBe(before?.hash ?? GENESIS);
      const own = entries.filter((one) => one.writer === block.writer && one.block === block.block);
      expect(
        blockHash(
          block,
          own.map((one) => one.entry_hash),
        ),
      ).toBe(block.hash);
      heads.set(block.writer, block);
    }
    const keys = await store.bulk.selectFrom('recipient_keys').selectAll().execute();
    expect(keys).toHaveLength(8);
  });

  it('appends with what it belongs to, or not at all', async () => {
    const count = async () => (await store.bulk.selectFrom('audit_blocks').selectAll().execute()).length;
    const before = await count();
    const failing = trail.transact(store.bulk, [], async (tx, append) => {
      await tx.insertInto('meta').values({ tenant: 'acme', key: 'k', value: 'v' }).execute();
      await append([event()]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await count()).toBe(before);
    const { tenant, recipient } = { tenant: 'acme', recipient: '+12125559999' };
    await trail.transact(store.bulk, [{ tenant, recipient }], async (tx, append) => {
      await tx.insertInto('meta').values({ tenant, key: 'k', value: 'v' }).execute();
      await append([event({ recipient })]);
    });
    expect(await count()).toBe(before + 1);
  });

  it('keeps no address in clear, and gives back what was said', async () => {
    const recipient = '+12125558888';
    await trail.append(store.bulk, [event({ recipient, subject: 'revoked', payload: { recipient } })]);
    const entry = await store.bulk
      .selectFrom('audit_entries')
      .selectAll()
      .where('subject', '=', 'revoked')
      .executeTakeFirstOrThrow();
    expect(JSON.stringify(entry)).not.toContain('5558888');
    const key = (await keyring.byId(store.bulk, [entry.recipient!])).get(entry.recipient!);
    expect(openText(key as Buffer, eventContext(entry), entry.body!)).toBe(JSON.stringify({ recipient }));
    expect(() => openText(key as Buffer, eventContext({ ...entry, at_ms: 7 }), entry.body!)).toThrow(
      expect.objectContaining({ code: 'SEAL_BROKEN' }),
    );
  });

  it('opens the same keys again, with no other master key, and makes none where keys are wrapped', async () => {
    expect(statSync(masterKeyFile(join(home, kind))).mode & 0o777).toBe(0o600);
    const again = await openKeyring(store.urgent, openFileMasterKey(join(home, kind), false), () => 5);
    const ref = { tenant: 'acme', recipient: '+12125550123' };
    expect((await again.keysOf(store.bulk, [ref]))(ref)).toEqual(
      (await keyring.keysOf(store.bulk, [ref]))(ref),
    );
    const other = openFileMasterKey(join(home, `${kind}-other`), true);
    await expect(openKeyring(store.urgent, other, () => 5)).rejects.toMatchObject({
      code: 'MASTER_KEY_WRONG',
    });
    expect(() => openFileMasterKey(join(home, `${kind}-empty`), false)).toThrow(
      expect.objectContaining({ code: 'MASTER_KEY_MISSING' }),
    );
  });

  it('a destroyed key is gone for good, and the same address gets another', async () => {
    const ref = { tenant: 'acme', recipient: '+12125557777' };
    const before = (await keyring.keysOf(store.bulk, [ref]))(ref);
    expect(await keyring.destroy(store.bulk, ref, 9)).toBe(before.rid);
    expect((await keyring.byId(store.bulk, [before.rid, 'x'])).get(before.rid)).toBe('erased');
    const after = (await keyring.keysOf(store.bulk, [ref]))(ref);
    expect(after.rid).not.toBe(before.rid);
    expect(await keyring.destroy(store.bulk, { ...ref, tenant: 'other' }, 9)).toBeUndefined();
  });
});
