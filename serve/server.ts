import cluster from 'node:cluster';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { type Logger, pino } from 'pino';
import type { OpenedModel } from '../models/artifact/registry.ts';
import { systemClock } from '../models/base/clock.ts';
import { LanewayError, messageOf } from '../models/base/errors.ts';
import type { CacheKeys } from '../models/cache-key.ts';
import type { Classifier } from '../models/verdict.ts';
import { createPipeline } from '../pipeline/compose.ts';
import type { PipelineConfig } from '../pipeline/config.ts';
import { accepts } from '../pipeline/fleet/role.ts';
import { createKeyCheck, openApiKey } from './api-key.ts';
import { DEFAULT_TENANT, type ServeConfig } from './config.ts';
import { createApp } from './http/app.ts';
import { createDrain } from './http/drain.ts';
import { createMetrics } from './http/metrics.ts';
import { addModelMetrics } from './http/model-metrics.ts';
import { createPromotionTrail } from './models/promotion-trail.ts';
import { openServingModels, type ServingModels, type ServingOptions } from './models/serving.ts';
import { configuredProviders } from './providers.ts';

export interface RunningServer {
  readonly url: string;
  readonly keyFile: string;
  /** Of the model that answers now. */
  readonly modelVersion: string;
  /** What is not as it should be at start, in words. */
  readonly degraded: readonly string[];
  /** Takes no more requests, answers those in hand, finishes the pipeline's work, ends what was started. */
  close(): Promise<void>;
}

export interface ServerParts {
  /** Default: JSON lines on standard error. */
  readonly log?: Logger;
  /** Opens the model of `config.model` and sees to its encoder, while the store comes up; default: as they are. */
  readonly openModel?: () => Promise<OpenedModel>;
  /** Told by the scheduler that leads how many worker processes traffic wants. */
  readonly onWanted?: (workers: number, why: string) => void;
  /** Other parts of the pipeline than the default ones. */
  readonly pipeline?: Partial<Pick<PipelineConfig, 'sandbox' | 'providers' | 'compliance' | 'clock'>>;
}

/**
 * Starts all of Laneway in this process: model, encoder, rules, store, queues, workers, API.
 *
 * @throws LanewayError `FOLDER_IN_USE`, `PORT_IN_USE`, `PORT_REFUSED`, `MODEL_UNKNOWN`, `ARTIFACT_DAMAGED`,
 *   `API_KEY_UNREADABLE`, `RULE_PACK_INVALID`, and what {@link createPipeline} throws
 */
export async function startServer(config: ServeConfig, parts: ServerParts = {}): Promise<RunningServer> {
  const log = parts.log ?? pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: false }));
  const metrics = createMetrics();
  const ending: (() => void | Promise<void>)[] = [() => metrics.close()];
  const endAll = async (): Promise<void> => {
    for (let end = ending.pop(); end; end = ending.pop()) {
      try {
        await end();
      } catch (error) {
        log.error({ err: plain(error) }, 'stopping');
      }
    }
  };
  try {
    return await open(config, parts, { log, metrics, ending, endAll });
  } catch (error) {
    await endAll();
    throw error;
  }
}

interface Opening {
  readonly log: Logger;
  readonly metrics: ReturnType<typeof createMetrics>;
  /** What ends each thing that was started, in the order of starting. */
  readonly ending: (() => void | Promise<void>)[];
  endAll(): Promise<void>;
}

async function open(config: ServeConfig, parts: ServerParts, opening: Opening): Promise<RunningServer> {
  const { log, metrics, ending } = opening;
  const clock = parts.pipeline?.clock ?? systemClock;
  const report = (error: unknown, doing: string): void => {
    metrics.fault(doing.split(':')[0]!.replace(/^classifying .*/, 'classifying'));
    log.error({ err: plain(error), doing }, 'fault');
  };
  const carriers = parts.pipeline?.providers
    ? undefined
    : await configuredProviders(config, { cwd: process.cwd(), env: process.env, clock, report });
  const late = createLateModels();
  // Store and Redis come up in threads and processes of their own, and so does the encoder: together they take as
  // long as the slowest. Nothing is classified before the models are there.
  const openingPipeline = createPipeline({
    sandbox: {},
    ...carriers,
    ...parts.pipeline,
    dataDir: config.home,
    role: config.role,
    ...(config.workers && config.role === 'scheduler'
      ? { traffic: trafficOf(config, config.workers, parts, log) }
      : {}),
    classifier: metrics.metered(late.classifier),
    cacheKey: late.cacheKey,
    shards: config.shards,
    retentionDays: config.retentionDays,
    deadLetterDays: config.deadLetterDays,
    inboundTenant: DEFAULT_TENANT,
    ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
    ...(config.redisUrl === undefined ? {} : { redisUrl: config.redisUrl }),
    ...(config.redisCacheUrl === undefined ? {} : { redisCacheUrl: config.redisCacheUrl }),
    report,
    onClassified: (seen) => late.models().observe(seen),
    onHandOver: (_id, lane, sinceAcceptedMs) => metrics.handedOver(lane, sinceAcceptedMs),
  });
  const openingModels = openModels(parts, {
    // Who neither classifies nor answers needs no encoder.
    config: config.role === 'scheduler' ? { ...config, encoder: 'none' } : config,
    clock,
    report,
    onChange: (version, before) => log.info({ model: version, before }, 'another champion answers'),
  });
  const [modelsOpened, pipelineOpened] = await Promise.allSettled([openingModels, openingPipeline]);
  if (modelsOpened.status === 'fulfilled') ending.push(() => modelsOpened.value.close());
  if (pipelineOpened.status === 'fulfilled') ending.push(() => pipelineOpened.value.close());
  if (modelsOpened.status === 'rejected') throw modelsOpened.reason;
  if (pipelineOpened.status === 'rejected') throw pipelineOpened.reason;
  const [models, pipeline] = [modelsOpened.value, pipelineOpened.value];
  late.set(models);
  addModelMetrics(metrics.registry, models);
  const degradedAtStart = models.degraded();
  for (const error of models.refused) log.error({ err: plain(error) }, 'a model was refused');
  for (const fault of degradedAtStart) log.warn({ fault }, 'degraded');
  const promotions = createPromotionTrail({
    home: config.home,
    store: pipeline.store,
    trail: pipeline.governance.trail,
    report,
  });
  ending.push(() => promotions.stop());
  // Only now is the folder ours alone.
  const { file: keyFile, key } = openApiKey(config.home);

  let phase: 'starting' | 'serving' | 'stopping' = 'starting';
  const open = accepts(config.role);
  const app = createApp({
    pipeline,
    metrics,
    models,
    clock,
    newId: randomUUID,
    authorized: createKeyCheck(key),
    tenant: DEFAULT_TENANT,
    version: packageVersion(),
    phase: () => phase,
    open,
    readiness: async () => {
      const health = await pipeline.health();
      return {
        ...health,
        ready: health.ready && phase === 'serving' && !drain.begun,
        providers: { ...health.providers },
        model: {
          version: models.version,
          refused: models.refused.map((error) => `${error.code}: ${error.message}`),
        },
        encoder: models.encoder,
        degraded: [
          ...(phase === 'serving' ? [] : [phase]),
          ...(drain.begun ? ['draining'] : []),
          ...models.degraded(),
          ...health.degraded,
        ],
      };
    },
    onRequest: (line) => {
      const quiet = line.status < 400 && !line.path.startsWith('/v1/');
      log[quiet ? 'debug' : line.status >= 500 ? 'error' : 'info'](line, 'request');
    },
    onFault: (error, requestId) => log.error({ err: plain(error), requestId }, 'request failed'),
  });
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server;
  // A stream of messages may take its time; what a single request may hold is bounded by its body.
  server.requestTimeout = 300_000;
  server.keepAliveTimeout = 65_000;
  server.headersTimeout = 10_000;
  const drain = createDrain(server);
  const begin = async (): Promise<void> => {
    await pipeline.start();
    promotions.start();
    phase = 'serving';
  };
  // Who shares a parent's socket is handed requests from the moment it listens: then it must serve.
  if (cluster.isWorker) await begin();
  // A process without clients has a port of its own for probes, so that many fit on one machine.
  const url = await listen(server, config.host, open ? config.port : (config.probePort ?? 0));
  ending.push(async () => {
    await drain.end();
    phase = 'stopping';
  });
  if (!cluster.isWorker) await begin();
  log.info({ role: config.role, url, model: models.version, encoder: models.encoder }, 'serving');

  let closing: Promise<void> | undefined;
  return {
    url,
    keyFile,
    get modelVersion() {
      return models.version;
    },
    degraded: degradedAtStart,
    close() {
      closing ??= opening.endAll().then(() => log.info('stopped'));
      return closing;
    },
  };
}

async function openModels(parts: ServerParts, options: ServingOptions): Promise<ServingModels> {
  return openServingModels({ ...options, opened: await parts.openModel?.() });
}

/** The models for a pipeline that is wired before they are open. */
function createLateModels() {
  let opened: ServingModels | undefined;
  const models = (): ServingModels => {
    if (!opened) throw new Error('asked before the models were open');
    return opened;
  };
  return {
    models,
    set(value: ServingModels) {
      opened = value;
    },
    classifier: {
      get modelVersion() {
        return models().classifier.modelVersion;
      },
      classify: (inputs, options) => models().classifier.classify(inputs, options),
      close: async () => undefined,
    } satisfies Classifier,
    cacheKey: {
      get scope() {
        return models().cacheKey.scope;
      },
      entriesOf: (inputs) => models().cacheKey.entriesOf(inputs),
    } satisfies CacheKeys,
  };
}

function trafficOf(
  { signalsFile }: ServeConfig,
  workers: NonNullable<ServeConfig['workers']>,
  parts: ServerParts,
  log: Logger,
): NonNullable<PipelineConfig['traffic']> {
  return {
    workers,
    ...(signalsFile === undefined ? {} : { signalsFile }),
    onWanted(wanted, why) {
      log.info({ workers: wanted, why }, 'worker processes wanted');
      parts.onWanted?.(wanted, why);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen(port, host, () => {
      const bound = server.address();
      const at = typeof bound === 'object' && bound ? bound.port : port;
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${at}`);
    });
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): LanewayError {
  if (error.code === 'EADDRINUSE') {
    return new LanewayError('PORT_IN_USE', `port ${port} of ${host} is in use by another program`, {
      where: 'PORT',
      fix: `Stop that program, or choose another port: PORT=${port + 1} npm start`,
      cause: error,
    });
  }
  return new LanewayError('PORT_REFUSED', `cannot listen on ${host}:${port}: ${messageOf(error)}`, {
    where: 'PORT',
    fix: 'Choose a port above 1023.',
    cause: error,
  });
}

/** An error for the log. Fields that drivers add are left out: they may quote a row. */
function plain(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack } = error;
  if (!(error instanceof LanewayError)) return { name, message, stack };
  const cause = error.cause === undefined ? {} : { cause: messageOf(error.cause) };
  return { name, code: error.code, message, where: error.where, fix: error.fix, ...cause };
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
