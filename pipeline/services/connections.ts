import { join } from 'node:path';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { type EmbeddedRedis, isRunning, startEmbeddedRedis } from './redis.ts';
import { parseRedisUrl, type RedisPlace } from './redis-place.ts';

/** Where queues and cache live, and how to end what was started for them. */
export interface RedisConnections {
  readonly queue: RedisPlace;
  readonly cache: RedisPlace;
  readonly embedded: boolean;
  stop(): Promise<void>;
}

export interface RedisSources {
  readonly dataDir: string;
  readonly redisUrl?: string | undefined;
  readonly redisCacheUrl?: string | undefined;
  readonly report: (error: unknown, doing: string) => void;
}

const WATCH_MS = 1_000;

/**
 * Queues and cache on the given servers, or on two embedded ones: a full cache drops its oldest entries, a
 * queue never drops anything, so they cannot share a memory limit. An embedded server that dies is started again.
 *
 * @throws LanewayError `INVALID_REDIS_URL`, `REDIS_NOT_INSTALLED`, `REDIS_START_FAILED`, `FOLDER_IN_USE`
 */
export async function connectRedis(sources: RedisSources): Promise<RedisConnections> {
  if (sources.redisUrl !== undefined) {
    const queue = parseRedisUrl(sources.redisUrl, 0);
    const cache =
      sources.redisCacheUrl === undefined ? nextDatabase(queue) : parseRedisUrl(sources.redisCacheUrl, 0);
    return { queue, cache, embedded: false, async stop() {} };
  }
  const lock = lockFolder(join(sources.dataDir, 'redis'));
  const starts = await Promise.allSettled([
    keepRunning(sources, 'redis', 'queue'),
    keepRunning(sources, 'redis-cache', 'cache'),
  ]);
  const started = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
  const [queue, cache] = started;
  if (!queue || !cache) {
    await stopAll(started, lock);
    throw starts.find((start) => start.status === 'rejected')?.reason;
  }
  return {
    queue: { kind: 'server', options: { ...queue.address } },
    cache: { kind: 'server', options: { ...cache.address } },
    embedded: true,
    stop: () => stopAll(started, lock),
  };
}

async function stopAll(started: readonly EmbeddedRedis[], lock: FolderLock): Promise<void> {
  try {
    await Promise.all(started.map((server) => server.stop()));
  } finally {
    lock.release();
  }
}

async function keepRunning(
  sources: RedisSources,
  folder: string,
  use: 'queue' | 'cache',
): Promise<EmbeddedRedis> {
  const dir = join(sources.dataDir, folder);
  let server = await startEmbeddedRedis({ dir, use });
  const { address, adopted } = server;
  let restarting: Promise<void> | undefined;
  const watch = setInterval(() => {
    if (restarting || isRunning(server.pid)) return;
    sources.report(new Error(`redis-server for ${folder} ended; starting it again`), 'watching Redis');
    restarting = startEmbeddedRedis({ dir, use, address })
      .then((again) => {
        server = again;
      })
      .catch((error: unknown) => sources.report(error, 'restarting Redis'))
      .finally(() => {
        restarting = undefined;
      });
  }, WATCH_MS);
  watch.unref();
  return {
    address,
    adopted,
    get pid() {
      return server.pid;
    },
    async stop() {
      clearInterval(watch);
      await restarting;
      await server.stop();
    },
  };
}

/** A cluster has one database: there the cache's own prefix keeps it apart. */
function nextDatabase(place: RedisPlace): RedisPlace {
  if (place.kind === 'cluster') return place;
  return { kind: 'server', options: { ...place.options, db: (place.options.db ?? 0) + 1 } };
}
