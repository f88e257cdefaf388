import { openRedis, type RedisPlace } from '../services/redis-place.ts';
import type { RemoteCache } from './remote-tier.ts';

export interface RedisCacheOptions {
  readonly prefix?: string;
  /** Whether other processes have this cache too: then a new template is claimed before it is computed. */
  readonly shared?: boolean;
}

/** The remote tier on Redis: one `MGET` a batch, one pipeline a write; fails at once while Redis is away. */
export function createRedisCache(
  redis: RedisPlace,
  options: RedisCacheOptions = {},
): RemoteCache & { close(): void } {
  // The tag in braces keeps a batch on one node of a cluster: a command over several nodes is refused.
  const { prefix = '{laneway:cache}:', shared = false } = options;
  const client = openRedis(redis, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(100 * times, 2_000),
  });
  client.on('error', () => undefined);
  return {
    getMany: (keys) => client.mgetBuffer(keys.map((key) => prefix + key)),
    async setMany(entries) {
      const pipeline = client.pipeline();
      for (const [key, value, ttlMs] of entries) {
        pipeline.set(prefix + key, Buffer.from(value.buffer, value.byteOffset, value.length), 'PX', ttlMs);
      }
      await pipeline.exec();
    },
    ...(shared
      ? {
          async claimMany(keys: readonly string[], owner: string, ttlMs: number) {
            const pipeline = client.pipeline();
            for (const key of keys) pipeline.set(`${prefix}claim:${key}`, owner, 'PX', ttlMs, 'NX');
            const answers = await pipeline.exec();
            return keys.map((_, at) => answers?.[at]?.[1] === 'OK');
          },
        }
      : {}),
    close: () => client.disconnect(),
  };
}
