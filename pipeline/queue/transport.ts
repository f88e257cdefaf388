import { type Job, Queue, Worker } from 'bullmq';
import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { openRedis, type RedisClient, type RedisPlace } from '../services/redis-place.ts';
import type { MessageRef } from '../store/messages.ts';
import type { Lane } from '../store/schema.ts';

/** One queue a lane and shard: `transactional-0`, ... */
export type QueueName = `${Lane}-${number}`;

/** One job: the ids of the messages it carries, nothing of what they say or whom they reach. */
interface Envelope {
  /** `tenant` and ids: `[["acme", "id1", "id2"], ...]`. */
  readonly m: readonly (readonly string[])[];
  /** Over these a worker may have died: they are worked on one at a time. */
  readonly s?: 1;
}

/** What is done with an envelope. */
export interface EnvelopeWork {
  readonly handle: (refs: MessageRef[]) => Promise<void>;
  /** In its place, for one that a worker took and never finished. */
  readonly stalled: (refs: MessageRef[]) => Promise<void>;
  /** For suspects. */
  readonly suspects: (refs: MessageRef[]) => Promise<void>;
}

export interface TransportOptions {
  readonly redis: RedisPlace;
  /** First part of all keys, default `laneway`. */
  readonly prefix?: string;
  /** Queues per lane; messages of one sender to one recipient share a shard. 1 to 64. */
  readonly shards: number;
  /**
   * After this long without a sign of life of its worker a job goes to another, ms, 1,000 to 600,000, default
   * 60,000; looked for every quarter of it.
   */
  readonly lockMs?: number;
  /** Longest wait for Redis to take an envelope, default 1,000 ms; the reconciler brings what missed. */
  readonly addTimeoutMs?: number;
  readonly onError?: (error: Error) => void;
  /** Told each time the connection stands, also again. */
  readonly onReady?: () => void;
}

export interface QueueDepth {
  readonly queue: QueueName;
  readonly waiting: number;
  readonly active: number;
}

/** BullMQ on Redis, as a thing that may vanish: every call has a deadline, nothing here is the only copy. */
export interface Transport {
  readonly queues: readonly QueueName[];
  /** Where a message of this lane and order key travels. */
  laneQueue(lane: Lane, orderKey: string): QueueName;
  /** @throws LanewayError `QUEUE_UNAVAILABLE` */
  add(queue: QueueName, envelopes: readonly (readonly MessageRef[])[], as?: 'suspects'): Promise<void>;
  /** Starts a worker; a handler that throws leaves its messages to the reconciler. */
  work(queue: QueueName, concurrency: number, work: EnvelopeWork): void;
  /** Takes nothing more out of a lane in this process, or goes on; what is in hand is finished. */
  hold(lane: Lane, held: boolean): void;
  /** Jobs at a time of this process's workers of a lane, in each of its queues, from now on. */
  setConcurrency(lane: Lane, concurrency: number): void;
  /** Every message that some queue holds, as `tenant/id`. */
  held(): Promise<Set<string>>;
  /** Messages of envelopes that some worker took and has not finished. */
  inHand(): Promise<MessageRef[]>;
  depths(): Promise<QueueDepth[]>;
  /** Empties all queues: at start of the only process, which then fills them from the store. */
  wipe(): Promise<void>;
  readonly ready: boolean;
  /** Counts envelopes that Redis did not take; the reconciler brings their messages when it is back. */
  readonly missed: number;
  ping(): Promise<boolean>;
  /** Takes no more jobs and finishes those in hand. */
  stopWorkers(): Promise<void>;
  close(): Promise<void>;
}

const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: { age: 3_600, count: 500 } } as const;
const PAGE = 500;

const laneOf = (queue: QueueName): Lane => queue.slice(0, queue.lastIndexOf('-')) as Lane;

export const refKey = (ref: MessageRef): string => `${ref.tenant}/${ref.id}`;

function pack(refs: readonly MessageRef[], as: 'suspects' | undefined): Envelope {
  const byTenant = new Map<string, string[]>();
  for (const { tenant, id } of refs) {
    const ids = byTenant.get(tenant);
    if (ids) ids.push(id);
    else byTenant.set(tenant, [tenant, id]);
  }
  return { m: [...byTenant.values()], ...(as === undefined ? {} : { s: 1 }) };
}

function unpack(data: Envelope): MessageRef[] {
  return data.m.flatMap(([tenant, ...ids]) => ids.map((id) => ({ tenant: tenant!, id })));
}

export function createTransport(options: TransportOptions): Transport {
  // The tag in braces keeps the keys of one queue on one node of a cluster, and spreads the queues over all nodes.
  const prefixOf = (name: QueueName): string => `{${options.prefix ?? 'laneway'}:${name}}`;
  const lockMs = options.lockMs ?? 60_000;
  const addTimeoutMs = options.addTimeoutMs ?? 1_000;
  const report = options.onError ?? (() => undefined);
  const retryStrategy = (times: number): number => Math.min(50 * 2 ** Math.min(times, 6), 1_000);
  // Producers fail at once while Redis is away; workers wait for it.
  const producer = openRedis(options.redis, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy,
  });
  producer.on('error', report);
  producer.on('ready', () => options.onReady?.());
  const lanes: Lane[] = ['transactional', 'promotional'];
  const names: QueueName[] = lanes.flatMap((lane): QueueName[] =>
    Array.from({ length: options.shards }, (_, shard): QueueName => `${lane}-${shard}`),
  );
  const queues = new Map<QueueName, Queue<Envelope>>();
  const workers: Worker<Envelope>[] = [];
  const workerConnections: RedisClient[] = [];
  const held = new Set<Lane>();
  let change: () => void = () => undefined;
  let changed: Promise<void> = Promise.resolve();
  const renew = (): void => {
    changed = new Promise((resolve) => {
      change = () => {
        renew();
        resolve();
      };
    });
  };
  renew();
  let stopping = false;
  let missed = 0;

  function queueOf(name: QueueName): Queue<Envelope> {
    const made = queues.get(name);
    if (made) return made;
    const queue = new Queue<Envelope>(name, {
      connection: producer,
      prefix: prefixOf(name),
      skipVersionCheck: true,
      skipWaitingForReady: true,
    });
    queue.on('error', report);
    queues.set(name, queue);
    return queue;
  }

  /** A promise with a deadline; BullMQ itself would wait for Redis for ever. */
  async function within<T>(work: () => Promise<T>): Promise<T> {
    if (producer.status !== 'ready') throw unavailable(`Redis is ${producer.status}`);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(unavailable(`no answer within ${addTimeoutMs} ms`)), addTimeoutMs);
    });
    try {
      return await Promise.race([work(), late]);
    } catch (error) {
      throw error instanceof LanewayError ? error : unavailable(messageOf(error), error);
    } finally {
      clearTimeout(timer);
    }
  }

  async function eachJob(queue: Queue<Envelope>, visit: (data: Envelope) => void): Promise<void> {
    for (const kind of ['active', 'waiting', 'delayed'] as const) {
      for (let from = 0; ; from += PAGE) {
        const jobs = (await queue.getJobs([kind], from, from + PAGE - 1)) as (Job<Envelope> | undefined)[];
        for (const job of jobs) if (job) visit(job.data);
        if (jobs.length < PAGE) break;
      }
    }
  }

  return {
    queues: names,
    laneQueue: (lane, orderKey) => `${lane}-${Number.parseInt(orderKey.slice(0, 8), 16) % options.shards}`,
    async add(name, envelopes, as) {
      if (envelopes.length === 0) return;
      const jobs = envelopes.map((refs) => ({ name: 'm', data: pack(refs, as), opts: JOB_OPTIONS }));
      try {
        await within(async () => {
          if (jobs.length === 1) await queueOf(name).add('m', jobs[0]!.data, JOB_OPTIONS);
          else await queueOf(name).addBulk(jobs);
        });
      } catch (error) {
        missed += jobs.length;
        throw error;
      }
    },
    work(name, concurrency, { handle, stalled, suspects }) {
      const connection = openRedis(options.redis, { maxRetriesPerRequest: null, retryStrategy });
      connection.on('error', report);
      workerConnections.push(connection);
      const run = async (job: Job<Envelope>): Promise<void> => {
        // A worker that was waiting for a job when its lane was held still gets one: it keeps it in hand.
        while (held.has(laneOf(name))) await changed;
        if (stopping) return;
        const work = job.data.s ? suspects : job.stalledCounter > 0 ? stalled : handle;
        await work(unpack(job.data));
      };
      const worker = new Worker<Envelope>(name, run, {
        connection,
        prefix: prefixOf(name),
        concurrency,
        skipVersionCheck: true,
        lockDuration: lockMs,
        stalledInterval: lockMs / 4,
        maxStalledCount: 5,
      });
      worker.on('error', report);
      worker.on('failed', (_job, error) => report(error));
      workers.push(worker);
    },
    hold(lane, hold) {
      if (held.has(lane) === hold) return;
      if (hold) held.add(lane);
      else held.delete(lane);
      for (const worker of workers) {
        if (laneOf(worker.name as QueueName) !== lane) continue;
        if (hold) void worker.pause(true).catch(report);
        else void worker.resume();
      }
      change();
    },
    async inHand() {
      const refs: MessageRef[] = [];
      for (const name of names) {
        const jobs = (await queueOf(name).getJobs(['active'])) as (Job<Envelope> | undefined)[];
        for (const job of jobs) if (job) refs.push(...unpack(job.data));
      }
      return refs;
    },
    setConcurrency(lane, concurrency) {
      for (const worker of workers)
        if (laneOf(worker.name as QueueName) === lane) worker.concurrency = concurrency;
    },
    async held() {
      const keys = new Set<string>();
      for (const name of names) {
        await eachJob(queueOf(name), (data) => {
          for (const ref of unpack(data)) keys.add(refKey(ref));
        });
      }
      return keys;
    },
    async depths() {
      return within(() =>
        Promise.all(
          names.map(async (queue) => {
            const counts = await queueOf(queue).getJobCounts('waiting', 'active');
            return { queue, waiting: counts['waiting'] ?? 0, active: counts['active'] ?? 0 };
          }),
        ),
      );
    },
    async wipe() {
      for (const name of names) await queueOf(name).obliterate({ force: true });
    },
    get ready() {
      return producer.status === 'ready';
    },
    get missed() {
      return missed;
    },
    async ping() {
      try {
        return (await within(() => producer.ping())) === 'PONG';
      } catch {
        return false;
      }
    },
    async stopWorkers() {
      // What a held lane has in hand stays in the store.
      stopping = true;
      held.clear();
      change();
      // While Redis is away a worker cannot say goodbye; its jobs are in the store anyway.
      await Promise.all(workers.map((worker) => worker.close(producer.status !== 'ready')));
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close(producer.status !== 'ready').catch(report)));
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(report)));
      for (const connection of [...workerConnections, producer]) connection.disconnect();
    },
  };
}

function unavailable(why: string, cause?: unknown): LanewayError {
  return new LanewayError('QUEUE_UNAVAILABLE', `the queue cannot be reached: ${why}`, {
    cause,
    fix: 'Nothing is lost: what is stored is queued again when Redis is back. Check REDIS_URL or the embedded Redis.',
  });
}
