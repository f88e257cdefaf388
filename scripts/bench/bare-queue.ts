import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { monotonicMs } from '../../models/base/clock.ts';
import { startEmbeddedRedis } from '../../pipeline/services/redis.ts';

/** A queue alone: what BullMQ gives when a message is a job and the work is nothing. No store, no rules, no record. */
export interface BareQueueBench {
  readonly jobs: number;
  readonly addsPerSecond: number;
  /** From the first add to the last job done. */
  readonly endToEndPerSecond: number;
}

/** The peer of the pipeline's bench: the same Redis settings, one job a message, added 500 at a time. */
export async function benchBareQueue(jobs = 20_000): Promise<BareQueueBench> {
  const dir = mkdtempSync(join(tmpdir(), 'laneway-bench-queue-'));
  const redis = await startEmbeddedRedis({ dir, use: 'queue' });
  const connect = () => new Redis({ ...redis.address, maxRetriesPerRequest: null });
  const connections = [connect(), connect()] as const;
  const queue = new Queue('bare', { connection: connections[0] });
  let done = 0;
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const worker = new Worker(
    'bare',
    async () => {
      if (++done === jobs) finish();
    },
    { connection: connections[1], concurrency: 64, removeOnComplete: { count: 0 } },
  );
  try {
    await worker.waitUntilReady();
    const startedMs = monotonicMs();
    for (let i = 0; i < jobs; i += 500) {
      const size = Math.min(500, jobs - i);
      await queue.addBulk(
        Array.from({ length: size }, (_, k) => ({ name: 'm', data: { id: String(i + k) } })),
      );
    }
    const addedMs = monotonicMs() - startedMs;
    await finished;
    const tookMs = monotonicMs() - startedMs;
    return {
      jobs,
      addsPerSecond: Math.round((jobs * 1000) / addedMs),
      endToEndPerSecond: Math.round((jobs * 1000) / tookMs),
    };
  } finally {
    await worker.close();
    await queue.close();
    for (const connection of connections) connection.disconnect();
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
