import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { queryWithArchives } from '../audit/query-archives.ts';
import { openKeyring } from '../keys/keyring.ts';
import { openFileMasterKey } from '../keys/master-key.ts';
import { createPressure } from '../queue/pressure.ts';
import { type NewMessage, storeAccepted } from '../store/accept.ts';
import { createLargeBodies, type LargeBodies } from '../store/large-bodies.ts';
import { openStore, type Store } from '../store/open.ts';
import { takeSteps } from '../store/transition.ts';
import { createArchiver } from './archiver.ts';
import { queryArchives } from './files.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-archive-'));
const dir = join(home, 'archive');
let store: Store;
let bodies: LargeBodies;
beforeAll(async () => {
  store = await openStore({ kind: 'pglite', dir: join(home, 'store') });
  const master = openFileMasterKey(home, true);
  bodies = createLargeBodies(master, await openKeyring(store.bulk, master, () => 0));
});
afterAll(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

const message = (id: string): NewMessage => ({
  tenant: 'acme',
  id,
  state: 'accepted',
  lane: 'transactional',
  order_key: id,
  channel: 'sms',
  sender: 'BANK',
  recipient: '+12125550123',
  subject: null,
  body: 'Your code is 482913',
  claim: null,
  metadata: null,
  accepted_at_ms: 1,
  send_at_ms: null,
  expires_at_ms: null,
  idempotency_key: `key-${id}`,
  body_hash: 'h',
});
const settle = (id: string, atMs: number, to: 'sent' | 'failed' = 'sent') =>
  takeSteps(store.bulk, [
    {
      tenant: 'acme',
      id,
      version: 1,
      to,
      lane: 'transactional',
      atMs,
      event: to,
      opens: { attempt: 1, provider: 'sandbox', providerKey: `${id}-1` },
      ...(to === 'failed' ? { dies: { code: 'GONE', detail: 'gone', attempts: 1 } } : {}),
    },
  ]);

test('what is long settled leaves the store for files that answer SQL; what is not, or may be redriven, stays', async () => {
  expect(await queryArchives(dir, 'select * from archived_messages')).toEqual([]);
  await storeAccepted(store.bulk, ['old', 'young', 'open', 'dead'].map(message));
  await settle('old', 1_000);
  await settle('young', 9_000);
  await settle('dead', 1_000, 'failed');
  const pressure = createPressure({ clock: () => 10_000 });
  const archiver = createArchiver(
    { store, bodies, pressure, clock: () => 10_000, report: () => undefined },
    { dir, keepMs: 5_000, leads: () => true },
  );
  expect(await archiver.run()).toBe(1);
  expect(await archiver.run()).toBe(0);

  const left = await store.bulk.selectFrom('messages').select('id').orderBy('id').execute();
  expect(left.map((row) => row.id)).toEqual(['dead', 'open', 'young']);
  const rows = await queryArchives(
    dir,
    `select m.id, m.state, epoch_ms(m.updated_at) as at, e.type, a.provider from archived_messages m
      join archived_events e on e.message_id = m.id join archived_attempts a on a.message_id = m.id order by e.seq`,
  );
  expect(rows).toEqual([
    { id: 'old', state: 'sent', at: 1_000, type: 'accepted', provider: 'sandbox' },
    { id: 'old', state: 'sent', at: 1_000, type: 'sent', provider: 'sandbox' },
  ]);
  for (const name of readdirSync(dir)) {
    for (const file of readdirSync(join(dir, name, 'acme'))) {
      expect(file).toMatch(/\.parquet$/);
      const bytes = readFileSync(join(dir, name, 'acme', file), 'latin1');
      expect(bytes).not.toContain('+12125550123');
      expect(bytes).not.toContain('482913');
    }
  }
  const [again] = await storeAccepted(store.bulk, [{ ...message('new'), idempotency_key: 'key-old' }]);
  expect(again).toEqual({ kind: 'stored' });
});

test('a question about archives reads nothing else of the machine', async () => {
  await expect(queryArchives(dir, `select * from read_csv('/etc/passwd')`)).rejects.toThrow(
    /disabled|permission/i,
  );
});

test('a tenant asks for its own archives only, also by file name', async () => {
  const rows = (tenant: string, query: string) => queryWithArchives(store, dir, tenant, query);
  expect((await rows('acme', 'select id from archived_messages')).rows).toEqual([{ id: 'old' }]);
  expect((await rows('other', 'select id from archived_messages')).rows).toEqual([]);
  const stolen = `select * from archived_messages as m, '${join(dir, 'messages', 'acme', '*.parquet')}' as a`;
  expect(await rows('acme', stolen)).toMatchObject({ rows: [{ id: 'old' }] });
  await expect(rows('other', stolen)).rejects.toMatchObject({ code: 'AUDIT_QUERY_FAILED' });
});
