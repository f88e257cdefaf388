import { resolve } from 'node:path';
import { z } from 'zod';
import { LanewayError } from '../models/base/errors.ts';
import { ROLES, type Role } from '../pipeline/fleet/role.ts';
import { REDIS_SCHEMES } from '../pipeline/services/redis-place.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Whose messages they are that come with the data folder's key. */
export const DEFAULT_TENANT = 'default';

/** What a serving process is made of. */
export interface ServeConfig {
  /** Data folder, absolute. */
  readonly home: string;
  /** What this process does. */
  readonly role: Role;
  /** Processes that one parent keeps, instead of one that does all; absent: this is one process. */
  readonly fleet?: FleetSize;
  /** In a scheduler whose parent starts and ends worker processes: between how many. */
  readonly workers?: FleetSize['workers'];
  /** JSON file of what others know of the traffic to come; absent: none. */
  readonly signalsFile?: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Port of `/healthz`, `/readyz` and `/metrics` in a process that serves no clients; absent: any free one. */
  readonly probePort?: number;
  /** Absent: embedded Redis. */
  readonly redisUrl?: string;
  /** Absent: embedded, or the next database of `redisUrl`. */
  readonly redisCacheUrl?: string;
  /** Absent: embedded PGlite. */
  readonly databaseUrl?: string;
  /** Name, version or alias of the model that answers. */
  readonly model: string;
  /** `auto`: what the model was trained with; or `minilm:int8`, `minilm:fp32`, `hub:<id>`, `none`. */
  readonly encoder: string;
  /** Absent: the encoder's own default. */
  readonly encoderThreads?: number;
  /** Queues per lane, 1 to 64. */
  readonly shards: number;
  /** Days before a settled message is archived; 0: never. */
  readonly retentionDays: number;
  /** Days that a dead letter stands, 1 to 14. */
  readonly deadLetterDays: number;
  /** File of providers; absent: `laneway.config.*` where there is one, else the sandbox. */
  readonly providersFile?: string;
  readonly logLevel: (typeof LOG_LEVELS)[number];
}

/** How many processes of a kind one parent keeps. */
export interface FleetSize {
  /** 1 to 64. */
  readonly api: number;
  /** 1 to 256 each; between them traffic decides. */
  readonly workers: { readonly min: number; readonly max: number };
}

const whole = (min: number, max: number, fallback: number) =>
  z
    .string()
    .regex(/^\d+$/, 'is not a whole number')
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be from ${min} to ${max}`)
    .default(fallback);

const url = (...schemes: string[]) =>
  z
    .string()
    .refine(
      // Not `URL`: it takes no more than one host, and a cluster is named by several.
      (text) => schemes.includes(/^([a-z+]+):\/\/./.exec(text)?.[1] ?? ''),
      `must be a URL of the form ${schemes[0]}://host:port/...`,
    )
    .optional();

/** `4` or `2-6`. */
const between = (max: number) =>
  z
    .string()
    .regex(/^\d+(?:-\d+)?$/, 'is not a number or a range such as 2-6')
    .transform((text) => {
      const [least = 0, most = least] = text.split('-').map(Number);
      return { min: least, max: most };
    })
    .refine(
      (range) => range.min >= 1 && range.min <= range.max && range.max <= max,
      `must be from 1 to ${max}, the smaller first`,
    )
    .optional();

const Environment = z.object({
  LANEWAY_HOME: z.string().default('.laneway'),
  LANEWAY_ROLE: z.enum(ROLES, `must be one of ${ROLES.join(', ')}`).default('all'),
  LANEWAY_API_PROCESSES: whole(1, 64, 0).optional(),
  LANEWAY_WORKERS: between(256),
  LANEWAY_SIGNALS: z.string().optional(),
  LANEWAY_PROBE_PORT: whole(0, 65_535, 0).optional(),
  PORT: whole(0, 65_535, 8_787),
  REDIS_URL: url(...REDIS_SCHEMES),
  LANEWAY_REDIS_CACHE_URL: url(...REDIS_SCHEMES),
  DATABASE_URL: url('postgres', 'postgresql'),
  LANEWAY_MODEL: z.string().default('champion'),
  LANEWAY_ENCODER: z
    .string()
    .regex(
      /^(?:auto|none|minilm:int8|minilm:fp32|hub:[^\s:]+)$/,
      'must be auto, minilm:int8, minilm:fp32, hub:<id> or none',
    )
    .default('auto'),
  LANEWAY_ENCODER_THREADS: whole(1, 64, 0).optional(),
  LANEWAY_SHARDS: whole(1, 64, 1),
  LANEWAY_RETENTION_DAYS: whole(0, 3_650, 0),
  LANEWAY_DEAD_LETTER_DAYS: whole(1, 14, 4),
  LANEWAY_PROVIDERS: z.string().optional(),
  LANEWAY_LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

/**
 * Settings from the environment. An empty variable counts as absent.
 *
 * @param home data folder, before `LANEWAY_HOME`; default `.laneway`
 * @throws LanewayError `INVALID_SETTINGS`, with all that is wrong
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>, home?: string): ServeConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const checked = Environment.safeParse(given);
  if (!checked.success) {
    // Values are not repeated: a URL may hold a password.
    const wrong = checked.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
    throw new LanewayError('INVALID_SETTINGS', wrong.join('; '), {
      fix: 'Correct the settings named and start again.',
      where: checked.error.issues.map((issue) => issue.path.join('.')).join(', '),
    });
  }
  const settings = checked.data;
  const { LANEWAY_API_PROCESSES: api, LANEWAY_WORKERS: workers } = settings;
  const fleet =
    settings.LANEWAY_ROLE === 'all' && (api || workers)
      ? { api: api || 2, workers: workers ?? { min: 1, max: 1 } }
      : undefined;
  const { REDIS_URL, LANEWAY_REDIS_CACHE_URL, DATABASE_URL, LANEWAY_ENCODER_THREADS } = settings;
  return {
    home: resolve(home ?? settings.LANEWAY_HOME),
    role: settings.LANEWAY_ROLE,
    ...(fleet ? { fleet } : {}),
    ...(workers && !fleet ? { workers } : {}),
    ...(settings.LANEWAY_SIGNALS ? { signalsFile: resolve(settings.LANEWAY_SIGNALS) } : {}),
    host: '127.0.0.1',
    port: settings.PORT,
    ...(settings.LANEWAY_PROBE_PORT ? { probePort: settings.LANEWAY_PROBE_PORT } : {}),
    model: settings.LANEWAY_MODEL,
    encoder: settings.LANEWAY_ENCODER,
    shards: settings.LANEWAY_SHARDS,
    retentionDays: settings.LANEWAY_RETENTION_DAYS,
    deadLetterDays: settings.LANEWAY_DEAD_LETTER_DAYS,
    logLevel: settings.LANEWAY_LOG_LEVEL,
    ...(settings.LANEWAY_PROVIDERS === undefined ? {} : { providersFile: settings.LANEWAY_PROVIDERS }),
    ...(REDIS_URL === undefined ? {} : { redisUrl: REDIS_URL }),
    ...(LANEWAY_REDIS_CACHE_URL === undefined ? {} : { redisCacheUrl: LANEWAY_REDIS_CACHE_URL }),
    ...(DATABASE_URL === undefined ? {} : { databaseUrl: DATABASE_URL }),
    ...(LANEWAY_ENCODER_THREADS ? { encoderThreads: LANEWAY_ENCODER_THREADS } : {}),
  };
}
