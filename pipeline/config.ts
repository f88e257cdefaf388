import type { Clock } from '../models/base/clock.ts';
import { LanewayError } from '../models/base/errors.ts';
import type { Classifier } from '../models/verdict.ts';
import type { CacheKeySource } from './cache/inference-cache.ts';
import type { ProviderPolicy } from './deliver/policy.ts';
import type { Provider } from './deliver/provider.ts';
import { DEFAULT_RETRY, type RetryPolicy } from './deliver/retry.ts';
import type { SandboxOptions } from './deliver/sandbox.ts';
import { checkServers, type Role } from './fleet/role.ts';
import type { MasterKey } from './keys/master-key.ts';
import type { AmbiguousPolicy, Compliance, OnClassified, ProcessSettings } from './process/ports.ts';
import type { Lane } from './store/schema.ts';

/** All that a pipeline is made of. Everything with a default may be left out. */
export interface PipelineConfig {
  /** Data folder: `store/`, `redis/`, `redis-cache/` and `sandbox/` are made in it. */
  readonly dataDir: string;
  readonly classifier: Classifier;
  /** What a verdict depends on besides the model version; without it nothing is cached. */
  readonly cacheKey?: CacheKeySource;
  /** What this process does; default `all`. Others need `databaseUrl` and `redisUrl`. */
  readonly role?: Role;
  /** For a scheduler: between how many worker processes it may choose, and who starts and ends them. */
  readonly traffic?: {
    readonly workers: { readonly min: number; readonly max: number };
    /** What others know of the traffic to come; see `traffic/signals.ts`. */
    readonly signalsFile?: string;
    readonly onWanted: (workers: number, why: string) => void;
  };
  /** Default: the packs that come with Laneway. */
  readonly compliance?: Compliance;
  /** `postgres://...`; default: embedded PGlite. */
  readonly databaseUrl?: string;
  /** What wraps recipients' keys; default: `keys/master-key` of the data folder, made at first start. */
  readonly masterKey?: MasterKey;
  /** `redis://...`; default: embedded Redis. */
  readonly redisUrl?: string;
  /** A Redis of its own for the inference cache; default with `redisUrl`: its database 1, entries expire. */
  readonly redisCacheUrl?: string;
  /** Default: the sandbox carrier with `sandbox` options. */
  readonly providers?: readonly Provider[];
  /** What each provider is used for and how hard, by its name; default: for all it can, the first in order. */
  readonly policies?: Readonly<Record<string, ProviderPolicy>>;
  readonly sandbox?: Omit<SandboxOptions, 'ledgerFile' | 'clock'>;
  /** Queues per lane, 1 to 64, default 1. */
  readonly shards?: number;
  /** Largest number of messages in one job, by lane: 1 to 64 and 1 to 1000, default 16 and 250. */
  readonly envelope?: Partial<Record<Lane, number>>;
  /** Jobs at a time in one queue, by lane: 1 to 256, default 32 and 2. */
  readonly concurrency?: Partial<Record<Lane, number>>;
  /** A message that workers died or hung over this often becomes a dead letter, 1 to 100, default 5. */
  readonly maxStalls?: number;
  /** Days after its last step that a message stays in the store before it is archived, 0 (for ever) to 3,650, default 0. */
  readonly retentionDays?: number;
  /** Days that a dead letter stands before it is discarded, 1 to 14, default 4. */
  readonly deadLetterDays?: number;
  /** Messages per uninterrupted step of bulk work, 1 to 1000, default 50. */
  readonly bulkSlice?: number;
  readonly retry?: Partial<RetryPolicy>;
  /** Attempts that may have got through, at providers without idempotency keys; default hold. */
  readonly ambiguous?: Partial<Record<Lane, AmbiguousPolicy>>;
  /** 100 to 300,000 ms, default 30,000. */
  readonly providerTimeoutMs?: number;
  /** Whose what people write over a provider's session is, default `default`. */
  readonly inboundTenant?: string;
  readonly clock?: Clock;
  /** Seed of jitter, default 1. */
  readonly seed?: number;
  /** Faults of infrastructure, once each; default: none is heard. */
  readonly report?: (error: unknown, doing: string) => void;
  readonly onHandOver?: (id: string, lane: Lane, sinceAcceptedMs: number) => void;
  /** Told of each verdict on a message; must return at once and not throw. */
  readonly onClassified?: OnClassified;
}

export interface CheckedSettings extends ProcessSettings {
  readonly role: Role;
  readonly shards: number;
  readonly deadLetterDays: number;
  readonly retentionDays: number;
  readonly concurrency: Readonly<Record<Lane, number>>;
}

/** Settings with defaults, all ranges checked; says everything that is wrong at once. */
export function checkSettings(config: PipelineConfig): CheckedSettings {
  const wrong: string[] = [];
  const whole = (
    name: string,
    value: number | undefined,
    fallback: number,
    min: number,
    max: number,
  ): number => {
    const chosen = value ?? fallback;
    if (!Number.isInteger(chosen) || chosen < min || chosen > max) {
      wrong.push(`${name} is ${chosen}; it must be a whole number from ${min} to ${max}`);
    }
    return chosen;
  };
  const providerTimeoutMs = whole('providerTimeoutMs', config.providerTimeoutMs, 30_000, 100, 300_000);
  const role = config.role ?? 'all';
  const settings: CheckedSettings = {
    role,
    shards: whole('shards', config.shards, 1, 1, 64),
    retentionDays: whole('retentionDays', config.retentionDays, 0, 0, 3_650),
    deadLetterDays: whole('deadLetterDays', config.deadLetterDays, 4, 1, 14),
    maxStalls: whole('maxStalls', config.maxStalls, 5, 1, 100),
    envelope: {
      transactional: whole('envelope.transactional', config.envelope?.transactional, 16, 1, 64),
      promotional: whole('envelope.promotional', config.envelope?.promotional, 250, 1, 1_000),
    },
    concurrency: {
      transactional: whole('concurrency.transactional', config.concurrency?.transactional, 32, 1, 256),
      promotional: whole('concurrency.promotional', config.concurrency?.promotional, 2, 1, 256),
    },
    bulkSlice: whole('bulkSlice', config.bulkSlice, 50, 1, 1_000),
    retry: {
      maxAttempts: whole('retry.maxAttempts', config.retry?.maxAttempts, DEFAULT_RETRY.maxAttempts, 1, 100),
      baseMs: whole('retry.baseMs', config.retry?.baseMs, DEFAULT_RETRY.baseMs, 1, 3_600_000),
      capMs: whole('retry.capMs', config.retry?.capMs, DEFAULT_RETRY.capMs, 1, 86_400_000),
    },
    ambiguous: {
      transactional: config.ambiguous?.transactional ?? 'hold',
      promotional: config.ambiguous?.promotional ?? 'hold',
    },
    providerTimeoutMs,
    leaseMs: 2 * providerTimeoutMs,
  };
  checkServers(role, config);
  if (wrong.length === 0) return settings;
  throw new LanewayError('INVALID_SETTINGS', wrong.join('; '), {
    fix: 'Correct the settings named and start again.',
  });
}
