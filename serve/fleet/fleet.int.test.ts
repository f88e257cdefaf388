import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createRegistry } from '../../models/artifact/registry.ts';
import { monotonicMs } from '../../models/base/clock.ts';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../pipeline/services/redis.ts';
import { startTestServer, type TestServer } from '../../pipeline/store/server.fixture.ts';
import { smallModel } from '../testing/small-model.ts';
import { type Child, createSpawn } from './children.ts';
import { type Fleet, startFleet } from './parent.ts';

const postgres = await startTestServer();
const home = mkdtempSync(join(tmpdir(), 'laneway-fleet-'));
const port = 20_000 + (process.pid % 20_000);
let redis: EmbeddedRedis;
let fleet: Fleet;
const spawned: Child[] = [];
const notes: string[] = [];

beforeAll(async () => {
  if (typeof postgres === 'string') return;
  redis = await startEmbeddedRedis({
    dir: join(home, 'redis'),
    use: 'queue',
    address: { host: '127.0.0.1', port },
  });
  const registry = createRegistry(home);
  const model = await smallModel();
  registry.save(model);
  registry.promote(model.manifest.version);
  const spawn = createSpawn({
    PATH: process.env['PATH'],
    LANEWAY_HOME: home,
    PORT: '0',
    LANEWAY_LOG_LEVEL: 'error',
    LANEWAY_ENCODER: 'none',
    DATABASE_URL: postgres.url,
    REDIS_URL: `redis://127.0.0.1:${port}`,
  });
  fleet = await startFleet({
    size: { api: 1, workers: { min: 1, max: 1 } },
    spawn: (role) => {
      const child = spawn(role);
      spawned.push(child);
      return child;
    },
    clock: monotonicMs,
    startMs: 400_000,
    note: (line) => notes.push(line),
  });
}, 900_000);

afterAll(async () => {
  await fleet?.close();
  await redis?.stop();
  if (typeof postgres !== 'string') await (postgres as TestServer).stop();
  rmSync(home, { recursive: true, force: true });
}, 120_000);

async function send(n: number): Promise<{ status: number; id: string }> {
  const key = readFileSync(fleet.serving.keyFile, 'utf8').trim();
  const response = await fetch(`${fleet.serving.url}/v1/messages`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${key}`,
      'Content-Type': 'application/json',
      'Idempotency-Key': `n-${n}`,
    },
    body: JSON.stringify({
      to: `+1212${2_000_000 + n}`,
      from: 'BANK',
      channel: 'sms',
      category: 'otp',
      body: `Your code is ${100_000 + n}. Do not share it.`,
    }),
  });
  const { id } = (await response.json()) as { id: string };
  return { status: response.status, id };
}

async function stateOf(id: string): Promise<string> {
  const key = readFileSync(fleet.serving.keyFile, 'utf8').trim();
  const response = await fetch(`${fleet.serving.url}/v1/messages/${id}`, {
    headers: { Authorization: `Bearer ${key}` },
  });
  return ((await response.json()) as { state: string }).state;
}

const arrives = (id: string) =>
  vi.waitFor(async () => expect(['sent', 'delivered', 'undelivered']).toContain(await stateOf(id)), {
    timeout: 240_000,
    interval: 200,
  });

test.skipIf(typeof postgres === 'string')(
  'every process is replaced under load, no request is refused; a killed worker and its messages are taken over',
  async () => {
    await arrives((await send(0)).id);
    const before = spawned.length;
    const sent: { status: number; id: string }[] = [];
    let restarted = false;
    const loading = (async () => {
      for (let n = 1; !restarted || n < 20; n++) {
        sent.push(await send(n));
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    await fleet.restart();
    restarted = true;
    await loading;
    expect(spawned.length).toBe(before + 3);
    expect(new Set(sent.map((one) => one.status))).toEqual(new Set([202]));
    expect([fleet.count('api'), fleet.count('worker'), fleet.count('scheduler')]).toEqual([1, 1, 1]);

    const worker = spawned[before + 1]!;
    const late = [];
    for (let n = 0; n < 20; n++) late.push(await send(100_000 + n));
    worker.kill();
    for (const { id } of [...sent, ...late]) await arrives(id);
    expect(notes.join('\n')).toMatch(/worker \d+ ended with SIGKILL; another starts/);
  },
  900_000,
);
