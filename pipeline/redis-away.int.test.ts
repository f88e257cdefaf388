import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, expect, test, vi } from 'vitest';
import { keywordClassifier, openCompliance } from './compose.fixture.ts';
import { createPipeline } from './compose.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from './services/redis.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-away-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));
const until = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 60_000, interval: 50 });

test('with Redis away, messages are accepted; when it comes, they go; wiped or full, they still go', async () => {
  const address = { host: '127.0.0.1', port: 20_000 + (process.pid % 20_000) };
  // As a cache it keeps nothing on disk: each start is a wiped Redis.
  const startRedis = (): Promise<EmbeddedRedis> =>
    startEmbeddedRedis({ dir: join(home, 'redis'), use: 'cache', address });
  const pipeline = await createPipeline({
    dataDir: join(home, 'data'),
    redisUrl: `redis://${address.host}:${address.port}`,
    classifier: keywordClassifier(),
    cacheKey: (input) => input.text,
    compliance: openCompliance(),
    sandbox: { latencyMedianMs: 1, receiptMedianMs: 5, undeliveredRate: 0 },
  });
  let redis: EmbeddedRedis | undefined;
  const send = async (n: number): Promise<string> => {
    const request = { to: `+121255501${n}`, from: 'BANK', channel: 'sms', body: `Your code is ${n}` };
    const [result] = await pipeline.accept('acme', [{ request }]);
    if (result?.kind !== 'accepted') throw new Error('refused');
    return result.id;
  };
  const arrives = (id: string) =>
    until(async () => expect((await pipeline.get('acme', id))?.state).toBe('delivered'));
  try {
    await pipeline.start();
    const early = await send(10);
    expect(await pipeline.health()).toMatchObject({
      ready: true,
      degraded: [expect.stringContaining('redis')],
    });
    redis = await startRedis();
    await arrives(early);
    await arrives(await send(11));
    await redis.stop();
    const during = await send(12);
    redis = await startRedis();
    await arrives(during);
    expect(await pipeline.health()).toMatchObject({ ready: true, redis: 'ok' });

    // Full: as set up for queues it takes nothing in rather than drop something.
    const control = new Redis(address.port, address.host);
    await control.config('SET', 'maxmemory-policy', 'noeviction');
    await control.config('SET', 'maxmemory', '1');
    await expect(control.set('x', '1')).rejects.toThrow('OOM');
    const full = [await send(13), await send(14)];
    expect(await pipeline.health()).toMatchObject({ ready: true });
    await control.config('SET', 'maxmemory', '0');
    control.disconnect();
    for (const id of full) await arrives(id);
  } finally {
    await pipeline.close();
    await redis?.stop();
  }
}, 200_000);
