import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, expect, test, vi } from 'vitest';
import { keywordClassifier, openCompliance } from '../compose.fixture.ts';
import { createPipeline, type Pipeline } from '../compose.ts';
import { freePort } from '../store/server.fixture.ts';

const home = mkdtempSync(join(tmpdir(), 'laneway-redis-kinds-'));
const servers: ChildProcess[] = [];
afterAll(async () => {
  const running = servers.filter((one) => one.exitCode === null && one.signalCode === null);
  const ended = running.map((one) => once(one, 'exit'));
  for (const one of running) one.kill('SIGKILL');
  await Promise.all(ended);
  rmSync(home, { recursive: true, force: true });
});

const patience = { timeout: 120_000, interval: 100 };

async function startServer(args: readonly string[]): Promise<{ port: number; child: ChildProcess }> {
  // A cluster's nodes speak among themselves 10,000 ports higher.
  let port = await freePort();
  while (port > 55_000) port = await freePort();
  const dir = join(home, `${port}`);
  mkdirSync(dir);
  const all = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', ...args];
  const child = spawn('redis-server', all, { stdio: 'ignore' });
  servers.push(child);
  await answering(port);
  return { port, child };
}

async function answering(port: number): Promise<void> {
  const client = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
}

async function ask(port: number, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis({ port, host: '127.0.0.1' });
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

/** Six nodes, three of them with all slots, three following them. */
async function startCluster(): Promise<{ ports: number[]; children: ChildProcess[] }> {
  const settings = ['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000', '--appendonly', 'no'];
  const nodes = [];
  for (let i = 0; i < 6; i++) nodes.push(await startServer(settings));
  const ports = nodes.map((node) => node.port);
  for (const port of ports.slice(1)) await ask(ports[0]!, 'CLUSTER', 'MEET', '127.0.0.1', `${port}`);
  const bounds = [0, 5_461, 10_923, 16_384];
  for (let i = 0; i < 3; i++)
    await ask(ports[i]!, 'CLUSTER', 'ADDSLOTSRANGE', `${bounds[i]}`, `${bounds[i + 1]! - 1}`);
  const ids = await Promise.all(ports.map((port) => ask(port, 'CLUSTER', 'MYID') as Promise<string>));
  for (let i = 3; i < 6; i++) {
    await vi.waitFor(() => ask(ports[i]!, 'CLUSTER', 'REPLICATE', ids[i - 3]!), patience);
  }
  await vi.waitFor(async () => {
    for (const port of ports)
      expect(String(await ask(port, 'CLUSTER', 'INFO'))).toMatch(
        /cluster_state:ok[\s\S]*cluster_known_nodes:6/,
      );
    const nodesSeen = String(await ask(ports[0]!, 'CLUSTER', 'NODES'));
    expect(nodesSeen.match(/ slave /g)).toHaveLength(3);
  }, patience);
  return { ports, children: nodes.map((node) => node.child) };
}

async function withPipeline(name: string, redisUrl: string, story: (pipeline: Pipeline) => Promise<void>) {
  const pipeline = await createPipeline({
    dataDir: join(home, name),
    redisUrl,
    shards: 4,
    classifier: keywordClassifier(),
    cacheKey: (input) => input.text,
    compliance: openCompliance(),
    sandbox: { latencyMedianMs: 1, receiptMedianMs: 5, undeliveredRate: 0 },
  });
  try {
    await pipeline.start();
    await story(pipeline);
  } finally {
    await pipeline.close();
  }
}

async function send(pipeline: Pipeline, from: number, n: number): Promise<string[]> {
  const items = Array.from({ length: n }, (_, i) => ({
    request: {
      to: `+1212${2_000_000 + from + i}`,
      from: 'BANK',
      channel: 'sms',
      body: `Your code is ${from + i}`,
    },
  }));
  const results = await pipeline.accept('acme', items);
  return results.flatMap((one) => (one.kind === 'accepted' ? [one.id] : []));
}

const arrive = (pipeline: Pipeline, ids: readonly string[]) =>
  vi.waitFor(async () => {
    for (const id of ids) expect((await pipeline.get('acme', id))?.state).toBe('delivered');
  }, patience);

test('a cluster of six nodes carries the queues on several of them, also after one has died', async () => {
  const { ports, children } = await startCluster();
  await withPipeline(
    'cluster',
    `redis+cluster://127.0.0.1:${ports[0]},127.0.0.1:${ports[1]}`,
    async (pipeline) => {
      await arrive(pipeline, await send(pipeline, 0, 40));
      const keys = await Promise.all(
        ports.slice(0, 3).map(async (port) => (await ask(port, 'KEYS', '{laneway:*')) as string[]),
      );
      expect(keys.filter((some) => some.length > 0).length).toBeGreaterThan(1);
      children[1]!.kill('SIGKILL');
      await arrive(pipeline, await send(pipeline, 1_000, 40));
    },
  );
}, 600_000);

test('when the master dies the sentinels name another, and messages go on', async () => {
  const master = await startServer([]);
  const replica = await startServer(['--replicaof', `127.0.0.1 ${master.port}`]);
  const sentinels: number[] = [];
  for (let i = 0; i < 3; i++) {
    const port = await freePort();
    const file = join(home, `sentinel-${port}.conf`);
    writeFileSync(
      file,
      `port ${port}\nbind 127.0.0.1\nsentinel monitor lanes 127.0.0.1 ${master.port} 2\nsentinel down-after-milliseconds lanes 2000\nsentinel failover-timeout lanes 5000\n`,
    );
    servers.push(spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' }));
    await answering(port);
    sentinels.push(port);
  }
  await vi.waitFor(async () => {
    for (const port of sentinels) {
      const seen = String(await ask(port, 'SENTINEL', 'MASTER', 'lanes'));
      expect(seen).toMatch(/num-slaves,1,num-other-sentinels,2/);
    }
  }, patience);
  const hosts = sentinels.map((port) => `127.0.0.1:${port}`).join(',');
  await withPipeline('sentinel', `redis+sentinel://${hosts}/lanes`, async (pipeline) => {
    await arrive(pipeline, await send(pipeline, 0, 20));
    master.child.kill('SIGKILL');
    await arrive(pipeline, await send(pipeline, 1_000, 20));
    expect(String(await ask(replica.port, 'ROLE'))).toMatch(/^master/);
  });
}, 600_000);
