import { Redis, type RedisOptions } from 'ioredis';
import type { RemoteCache } from './inference-cache.ts';

/** The remote tier on Redis: one `MGET` a batch, one pipeline a write; fails at once while Redis is away. */
export function createRedisCache(
  redis: RedisOptions,
  prefix = 'laneway:cache:',
): RemoteCache & { close(): void } {
  const client = new Redis({
    ...redis,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(100 * times, 2_000),
  });
  client.on('error', () => undefined);
  return {
    async getMany(keys) {
      return client.mget(keys.map((key) => prefix + key));
    },
    async setMany(entries, ttlMs) {
      const pipeline = client.pipeline();
      for (const [key, value] of entries) pipeline.set(prefix + key, value, 'PX', ttlMs);
      await pipeline.exec();
    },
    close: () => client.disconnect(),
  };
}
