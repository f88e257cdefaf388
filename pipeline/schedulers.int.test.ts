import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, expect, test, vi } from 'vitest';
import { keywordClassifier, openCompliance } from './compose.fixture.ts';
import { createPipeline, type Pipeline } from './compose.ts';
import type { Provider } from './deliver/provider.ts';
import type { Role } from './fleet/role.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './services/redis.ts';
import { freePort, startTestServer } from './store/server.fixture.ts';

const postgres = await startTestServer();
const home = mkdtempSync(join(tmpdir(), 'laneway-schedulers-'));
const pipelines: Pipeline[] = [];
let redis: EmbeddedRedis | undefined;
afterAll(async () => {
  await Promise.all(pipelines.map((pipeline) => pipeline.close()));
  await redis?.stop();
  if (typeof postgres !== 'string') await postgres.stop();
  rmSync(home, { recursive: true, force: true });
}, 120_000);

const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 120_000, interval: 50 });

test.skipIf(typeof postgres === 'string')(
  'two schedulers that both believe to lead release each message once, and one alone follows the other',
  { timeout: 300_000 },
  async () => {
    if (typeof postgres === 'string') return;
    const address = { host: '127.0.0.1', port: await freePort() };
    redis = await startEmbeddedRedis({ dir: join(home, 'redis'), use: 'queue', address });
    const calls = new Map<string, number>();
    const carrier: Provider = {
      name: 'carrier',
      channels: ['sms'],
      honoursKeys: false,
      maxBatch: 50,
      async deliver(requests) {
        for (const { messageId } of requests) calls.set(messageId, (calls.get(messageId) ?? 0) + 1);
        return requests.map(({ idempotencyKey }) => ({ kind: 'taken', providerRef: idempotencyKey }));
      },
      onReceipts() {},
      async ping() {},
      async close() {},
    };
    const faults: string[] = [];
    const open = async (role: Role): Promise<Pipeline> => {
      const pipeline = await createPipeline({
        role,
        dataDir: join(home, 'data'),
        databaseUrl: postgres.url,
        redisUrl: `redis://${address.host}:${address.port}`,
        classifier: keywordClassifier(),
        compliance: openCompliance(),
        providers: [carrier],
        report: (error, doing) => faults.push(`${doing}: ${String(error)}`),
      });
      pipelines.push(pipeline);
      await pipeline.start();
      return pipeline;
    };
    const first = await open('scheduler');
    await open('scheduler');
    await open('worker');
    const api = await open('api');
    const db = api.store.bulk;
    const holder = async (): Promise<string | undefined> => {
      const found = await sql<{ holder: string }>`select holder from leases where name = 'scheduler'`.execute(
        db,
      );
      return found.rows[0]?.holder;
    };
    const send = async (count: number, from: number): Promise<string[]> => {
      const sendAt = new Date(Date.now() + 3_000).toISOString();
      const results = await api.accept(
        'acme',
        Array.from({ length: count }, (_, i) => ({
          request: {
            to: `+1212${2_000_000 + from + i}`,
            from: 'BANK',
            channel: 'sms',
            body: `Your code is ${from + i}`,
            category: 'otp',
            sendAt,
          },
        })),
      );
      return results.map((result) => (result.kind === 'accepted' ? result.id : ''));
    };
    const allSent = (ids: readonly string[]) =>
      until(async () => {
        const rows = await db.selectFrom('messages').select('state').where('id', 'in', ids).execute();
        expect(rows.map(({ state }) => state)).toEqual(ids.map(() => 'sent'));
      });

    // As a lease that is lost unseen: whoever asks next gets it, and the one before believes it for a while.
    const forged = new Set<string>();
    let forging = true;
    const forge = (async () => {
      while (forging) {
        const now = await holder();
        if (now !== undefined) forged.add(now);
        await sql`delete from leases where name = 'scheduler'`.execute(db);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const ids = await send(300, 0);
    await allSent(ids);
    await until(async () => expect(forged.size).toBe(2));
    forging = false;
    await forge;
    expect(ids.map((id) => calls.get(id))).toEqual(ids.map(() => 1));
    const released = await db
      .selectFrom('events')
      .select('message_id')
      .where('type', '=', 'released')
      .where('message_id', 'in', ids)
      .execute();
    expect(released).toHaveLength(ids.length);

    // Alone again: one leads, and when it goes the other follows.
    await first.close();
    const left = await until(async () => {
      const now = await holder();
      expect(now).toBeDefined();
      return now;
    });
    const later = await send(20, 1_000);
    await allSent(later);
    expect(await holder()).toBe(left);
    expect(later.map((id) => calls.get(id))).toEqual(later.map(() => 1));
    expect(faults.filter((fault) => !fault.includes('gone'))).toEqual([]);
  },
);
