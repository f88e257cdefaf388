import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Verdict } from '../../models/verdict.ts';
import { keywordClassifier } from '../compose.fixture.ts';
import { startEmbeddedRedis } from '../services/redis.ts';
import { createCachedClassifier } from './inference-cache.ts';
import { createRedisCache } from './redis-cache.ts';

const dir = mkdtempSync(join(tmpdir(), 'laneway-cache-'));
let server: Awaited<ReturnType<typeof startEmbeddedRedis>>;
let admin: Redis;
const ending: (() => void)[] = [];

beforeAll(async () => {
  server = await startEmbeddedRedis({ dir, use: 'cache', maxMemoryMb: 2 });
  admin = new Redis({ ...server.address });
  admin.on('error', () => undefined);
});
afterAll(async () => {
  for (const end of ending) end();
  admin.disconnect();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** Another process of the fleet, with nothing in memory. */
async function member(prefix: string, remoteTimeoutMs = 10_000) {
  const remote = createRedisCache({ kind: 'server', options: server.address }, { prefix, shared: true });
  ending.push(() => remote.close());
  await vi.waitFor(() => remote.getMany(['is it there?']));
  return createCachedClassifier({
    classifier: keywordClassifier(),
    cacheKey: ({ text }) => text,
    remote,
    remoteTimeoutMs,
    maxEntries: 1,
    maxTexts: 0,
  });
}

const bytes = (verdicts: readonly Verdict[]) => JSON.stringify(verdicts.map(({ stage: _, ...rest }) => rest));
const inputs = (count: number) => Array.from({ length: count }, (_, i) => ({ text: `sale ${i} of many` }));
const stored = (prefix: string) => admin.keys(`${prefix}v2:*`);

test('what one process stores another reads, under the model that made it, for as long as it was told', async () => {
  const texts = inputs(200);
  const truth = bytes(await keywordClassifier().classify(texts));
  expect(bytes(await (await member('shared:')).classify(texts))).toBe(truth);
  await vi.waitFor(async () => expect(await stored('shared:')).toHaveLength(200), 10_000);
  const other = await member('shared:');
  const answers = await other.classify(texts);
  expect(bytes(answers)).toBe(truth);
  expect(new Set(answers.map(({ stage }) => stage))).toEqual(new Set(['cache-l2']));
  const [key] = await stored('shared:');
  const ttlMs = await admin.pttl(key!);
  expect(ttlMs).toBeGreaterThan(86_000_000);
  expect(ttlMs).toBeLessThanOrEqual(86_400_000);
});

test('garbage and the values of others under our keys are not believed, and are written over', async () => {
  const texts = inputs(4);
  const truth = bytes(await keywordClassifier().classify(texts));
  await (await member('poison:')).classify(texts);
  await vi.waitFor(async () => expect(await stored('poison:')).toHaveLength(4), 10_000);
  const keys = await stored('poison:');
  await admin.set(keys[0]!, 'garbage', 'PX', 60_000);
  await admin.set(keys[1]!, (await admin.getBuffer(keys[2]!))!, 'PX', 60_000);
  await admin.set(keys[3]!, Buffer.alloc(100_000, 0xff), 'PX', 60_000);
  const reader = await member('poison:');
  expect(bytes(await reader.classify(texts))).toBe(truth);
  expect(reader.stats()).toMatchObject({ l2Hits: 1, poisoned: 3, misses: 3 });
  await vi.waitFor(async () => {
    const again = await member('poison:');
    expect(bytes(await again.classify(texts))).toBe(truth);
    expect(again.stats()).toMatchObject({ l2Hits: 4, poisoned: 0 });
  }, 20_000);
});

test('a Redis that evicts costs hits, never an answer', async () => {
  const texts = inputs(12_000);
  const writer = await member('full:');
  for (let from = 0; from < texts.length; from += 1_000) {
    const part = texts.slice(from, from + 1_000);
    expect(bytes(await writer.classify(part))).toBe(bytes(await keywordClassifier().classify(part)));
  }
  await vi.waitFor(async () => expect(await admin.info('stats')).not.toMatch(/evicted_keys:0\r/), 10_000);
  const reader = await member('full:');
  const answers = await reader.classify(texts.slice(-2_000));
  expect(bytes(answers)).toBe(bytes(await keywordClassifier().classify(texts.slice(-2_000))));
  const { l2Hits, misses, poisoned } = reader.stats();
  expect(l2Hits + misses).toBe(2_000);
  expect(poisoned).toBe(0);
});

test('a Redis that does not answer is waited for no longer than the deadline, and is asked again when it does', async () => {
  const cached = await member('slow:', 5);
  await admin.call('CLIENT', 'PAUSE', '3000', 'ALL');
  const [verdict] = await cached.classify([{ text: 'sale while it sleeps' }]);
  expect(verdict).toMatchObject({ class: 'promotional', stage: 'lexical' });
  expect(cached.stats()).toMatchObject({ remoteFaults: 1, l2Hits: 0 });
  await admin.ping();
  const writer = await member('slow:');
  await writer.classify([{ text: 'sale that others know' }]);
  await vi.waitFor(async () => {
    const [answer] = await (await member('slow:')).classify([{ text: 'sale that others know' }]);
    expect(answer!.stage).toBe('cache-l2');
  }, 20_000);
});
