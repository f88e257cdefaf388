import { resolve } from 'node:path';
import { z } from 'zod';
import { LanewayError } from '../models/base/errors.ts';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Whose messages they are that come with the data folder's key. */
export const DEFAULT_TENANT = 'default';

/** What a serving process is made of. */
export interface ServeConfig {
  /** Data folder, absolute. */
  readonly home: string;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
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
  readonly logLevel: (typeof LOG_LEVELS)[number];
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
      (text) => URL.canParse(text) && schemes.includes(new URL(text).protocol.slice(0, -1)),
      `must be a URL of the form ${schemes[0]}://host:port/...`,
    )
    .optional();

const Environment = z.object({
  LANEWAY_HOME: z.string().default('.laneway'),
  PORT: whole(0, 65_535, 8_787),
  REDIS_URL: url('redis', 'rediss'),
  LANEWAY_REDIS_CACHE_URL: url('redis', 'rediss'),
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
  const { REDIS_URL, LANEWAY_REDIS_CACHE_URL, DATABASE_URL, LANEWAY_ENCODER_THREADS } = settings;
  return {
    home: resolve(home ?? settings.LANEWAY_HOME),
    host: '127.0.0.1',
    port: settings.PORT,
    model: settings.LANEWAY_MODEL,
    encoder: settings.LANEWAY_ENCODER,
    shards: settings.LANEWAY_SHARDS,
    logLevel: settings.LANEWAY_LOG_LEVEL,
    ...(REDIS_URL === undefined ? {} : { redisUrl: REDIS_URL }),
    ...(LANEWAY_REDIS_CACHE_URL === undefined ? {} : { redisCacheUrl: LANEWAY_REDIS_CACHE_URL }),
    ...(DATABASE_URL === undefined ? {} : { databaseUrl: DATABASE_URL }),
    ...(LANEWAY_ENCODER_THREADS ? { encoderThreads: LANEWAY_ENCODER_THREADS } : {}),
  };
}
