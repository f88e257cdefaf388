import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startEmbeddedRedis } from '../services/redis.ts';
import { createRateLimit } from './rate.ts';

const dir = mkdtempSync(join(tmpdir(), 'laneway-rate-'));
let server: Awaited<ReturnType<typeof startEmbeddedRedis>>;
let connections: Redis[] = [];
const connect = async (): Promise<Redis> => {
  const redis = new Redis({
    ...server.address,
    lazyConnect: true,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
  });
  redis.on('error', () => undefined);
  connections = [...connections, redis];
  await redis.connect();
  return redis;
};

beforeAll(async () => {
  server = await startEmbeddedRedis({ dir, use: 'queue' });
});
afterAll(async () => {
  for (const redis of connections) redis.disconnect();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

test('two processes and both lanes share one limit, and promotional leaves room for codes', async () => {
  const policy = { perSecond: 100, promotionalShare: 0.8 };
  const [a, b] = [
    createRateLimit('shared', policy, await connect()),
    createRateLimit('shared', policy, await connect()),
  ];
  const bulk = await Promise.all([a.take('promotional', 60), b.take('promotional', 60)]);
  expect(bulk[0]!.granted + bulk[1]!.granted).toBe(80);
  expect(Math.max(...bulk.map(({ waitMs }) => waitMs))).toBeGreaterThan(0);
  const codes = await Promise.all([a.take('transactional', 15), b.take('transactional', 15)]);
  expect(codes[0]!.granted + codes[1]!.granted).toBe(20);
});

test('what did not fit fits a second later, never more than the limit', async () => {
  const limit = createRateLimit('steady', { perSecond: 50 }, await connect());
  let granted = 0;
  const startedMs = Date.now();
  while (granted < 120) {
    const room = await limit.take('transactional', 120 - granted);
    granted += room.granted;
    if (room.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, room.waitMs));
  }
  expect(Date.now() - startedMs).toBeGreaterThan(1_900);
});

test('while Redis is away a process keeps to its own share', async () => {
  const redis = await connect();
  const limit = createRateLimit('alone', { perSecond: 100, perSecondAlone: 30 }, redis);
  redis.disconnect();
  expect(await limit.take('transactional', 100)).toMatchObject({ granted: 30 });
  const own = createRateLimit('single', { perSecond: 10 });
  expect(await own.take('transactional', 100)).toMatchObject({ granted: 10 });
});
