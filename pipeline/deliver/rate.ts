import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { RedisClient } from '../services/redis-place.ts';
import type { Lane } from '../store/schema.ts';
import type { RatePolicy } from './policy.ts';

/** How many may go now, and when to ask for the rest. */
export interface Room {
  readonly granted: number;
  /** 0 when all were granted, ms. */
  readonly waitMs: number;
}

/** A provider's limit, shared by all lanes and, over Redis, by all processes. */
export interface RateLimit {
  take(lane: Lane, wanted: number): Promise<Room>;
}

const DEFAULT_PROMOTIONAL_SHARE = 0.8;

interface Counted {
  readonly limiter: RateLimiterAbstract;
  readonly points: number;
}

interface Window {
  take(wanted: number): Promise<Room>;
  give(unused: number): Promise<void>;
}

/**
 * One window of a second. What did not fit counts in the window too, which changes nothing: it was full, and the next
 * one starts at zero.
 */
function openWindow(
  name: string,
  points: number,
  pointsAlone: number,
  redis: RedisClient | undefined,
): Window {
  const options = { keyPrefix: 'laneway:rate', duration: 1 };
  const few = Math.max(1, Math.round(pointsAlone));
  const alone: Counted = { limiter: new RateLimiterMemory({ ...options, points: few }), points: few };
  const shared: Counted | undefined = redis && {
    limiter: new RateLimiterRedis({ ...options, storeClient: redis, points, rejectIfRedisNotReady: true }),
    points,
  };
  const ask = async ({ limiter, points: most }: Counted, wanted: number): Promise<Room> => {
    try {
      await limiter.consume(name, wanted);
      return { granted: wanted, waitMs: 0 };
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const free = most - (refused.consumedPoints - wanted);
      return {
        granted: Math.max(0, Math.min(wanted, free)),
        waitMs: Math.max(1, refused.msBeforeNext),
      };
    }
  };
  return {
    async take(wanted) {
      if (shared === undefined) return ask(alone, wanted);
      return ask(shared, wanted).catch(() => ask(alone, wanted));
    },
    async give(unused) {
      await (shared ?? alone).limiter.reward(name, unused).catch(() => undefined);
    },
  };
}

/**
 * @param redis shared by all processes; absent: this process is alone
 * @throws never for Redis: while it is away each process keeps to its own share
 */
export function createRateLimit(provider: string, policy: RatePolicy, redis?: RedisClient): RateLimit {
  const { perSecond, promotionalShare = DEFAULT_PROMOTIONAL_SHARE } = policy;
  const alone = redis === undefined ? perSecond : (policy.perSecondAlone ?? perSecond / 2);
  const bulk = Math.max(1, Math.floor(perSecond * promotionalShare));
  const all = openWindow(provider, perSecond, alone, redis);
  const promotional = openWindow(`${provider}:promotional`, bulk, alone * promotionalShare, redis);
  return {
    async take(lane, wanted) {
      if (wanted === 0) return { granted: 0, waitMs: 0 };
      if (lane === 'transactional') return all.take(wanted);
      const share = await promotional.take(wanted);
      if (share.granted === 0) return share;
      const room = await all.take(share.granted);
      const unused = share.granted - room.granted;
      if (unused > 0) await promotional.give(unused);
      return { granted: room.granted, waitMs: Math.max(share.waitMs, room.waitMs) };
    },
  };
}
