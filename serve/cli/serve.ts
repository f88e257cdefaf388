import cluster from 'node:cluster';
import type { OpenedModel } from '../../models/artifact/registry.ts';
import { monotonicMs } from '../../models/base/clock.ts';
import { accepts, checkServers, type Role } from '../../pipeline/fleet/role.ts';
import type { FleetSize, ServeConfig } from '../config.ts';
import type { ChildLetter } from '../fleet/children.ts';
import type { RunningServer } from '../server.ts';
import type { CliContext } from './context.ts';
import { openModel } from './open-model.ts';
import { ensureEncoder } from './prepared-encoder.ts';

/** A signal this soon after the first one is the same Ctrl-C, told twice (by the terminal and by npm). */
const SAME_SIGNAL_MS = 1_000;
const PARENT_CHECK_MS = 500;

export interface ServeFlags {
  readonly role?: Role;
  readonly api?: string;
  readonly workers?: string;
}

/** `laneway serve`: serves until told to stop, then finishes the work in hand. */
export async function serveCommand(context: CliContext, flags: ServeFlags = {}): Promise<void> {
  const { note } = context;
  const { loadConfig } = await import('../config.ts');
  const env = {
    ...context.env,
    ...(flags.role === undefined ? {} : { LANEWAY_ROLE: flags.role }),
    ...(flags.api === undefined ? {} : { LANEWAY_API_PROCESSES: flags.api }),
    ...(flags.workers === undefined ? {} : { LANEWAY_WORKERS: flags.workers }),
  };
  const config = loadConfig(env);
  const stopping = untilTold();
  const running = config.fleet
    ? await serveAsParent(context, config, config.fleet, env)
    : await serveAlone(context, config);
  const signal = await stopping;
  note(`${signal}: finishing the work in hand (Ctrl-C again to stop at once) ...`);
  await running.close();
  note('Stopped.');
  // The line to the parent would keep a child alive.
  if (process.connected) process.disconnect();
}

/** The model to serve, made where there is none, and its encoder, built where it is not. */
async function prepareModel(context: CliContext, config: ServeConfig): Promise<OpenedModel> {
  const opened = await openModel({ ...context, home: config.home }, config.model);
  const { encoderId } = opened.model.manifest;
  if (encoderId?.startsWith('minilm-') && config.encoder !== 'none')
    await ensureEncoder(context, config.encoder === 'auto' ? encoderId : config.encoder);
  return opened;
}

async function serveAlone(context: CliContext, config: ServeConfig): Promise<Pick<RunningServer, 'close'>> {
  const { print, note } = context;
  const { startServer } = await import('../server.ts');
  // A child's words are its parent's to print.
  const parent = process.send && tellParent;
  if (!parent) note('Starting the store, Redis and the workers ...');
  const server = await startServer(config, {
    // A parent has looked already.
    ...(config.role === 'scheduler' || parent ? {} : { openModel: () => prepareModel(context, config) }),
    onWanted: (workers, why) => parent?.({ kind: 'wanted', workers, why }),
  });
  const { url, keyFile, degraded } = server;
  if (parent) {
    parent({ kind: 'serving', url, keyFile, degraded });
    return server;
  }
  if (accepts(config.role)) announce(context, server, server.modelVersion);
  else print(`Laneway    ${config.role}, probes at ${url}/readyz`);
  for (const fault of degraded) note(`warning: ${fault}`);
  print('stop       Ctrl-C');
  return server;
}

/** A parent that is gone hears nothing. */
function tellParent(letter: ChildLetter): void {
  if (process.connected) process.send?.(letter);
}

async function serveAsParent(
  context: CliContext,
  config: ServeConfig,
  size: FleetSize,
  env: CliContext['env'],
): Promise<Pick<RunningServer, 'close'>> {
  const { print, note } = context;
  const { createSpawn } = await import('../fleet/children.ts');
  const { startFleet } = await import('../fleet/parent.ts');
  checkServers('api', config);
  await prepareModel(context, config);
  note('Starting the processes ...');
  const starting = startFleet({ size, spawn: createSpawn(env), clock: monotonicMs, note });
  // Heard from the first moment: unheard, the signal would end this process.
  process.on('SIGUSR2', () => void starting.then((fleet) => fleet.restart()).catch(() => undefined));
  const fleet = await starting;
  announce(context, fleet.serving, undefined);
  for (const fault of fleet.serving.degraded) note(`warning: ${fault}`);
  const { min, max } = size.workers;
  print(`processes  ${size.api} api, ${min === max ? min : `${min} to ${max}`} worker, 1 scheduler`);
  print(`restart    kill -USR2 ${process.pid}   (one process after the other, no request refused)`);
  print('stop       Ctrl-C');
  return fleet;
}

function announce(
  { print }: CliContext,
  { url, keyFile }: Pick<RunningServer, 'url' | 'keyFile'>,
  model: string | undefined,
): void {
  print(`Laneway    ${url}   (reference: ${url}/docs)`);
  if (model !== undefined) print(`model      ${model}`);
  print(`key file   ${keyFile}`);
  print(`try        ${curlLine(url, keyFile)}`);
}

/** One line to paste; the shell reads the key, so it stays out of the screen and the history. */
export function curlLine(url: string, keyFile: string): string {
  const quoted = /^[\w./-]+$/.test(keyFile) ? keyFile : `'${keyFile.replaceAll("'", "'\\''")}'`;
  const body = '{"text":"Your code is 482913. Do not share it."}';
  return `curl -s ${url}/v1/classify -H "Authorization: Bearer $(cat ${quoted})" -H 'Content-Type: application/json' -d '${body}'`;
}

/** The first signal to stop; a later one ends the process at once. */
function untilTold(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let firstMs: number | undefined;
    const heard = (signal: NodeJS.Signals) => {
      const nowMs = monotonicMs();
      if (firstMs === undefined) {
        firstMs = nowMs;
        resolve(signal);
      } else if (nowMs - firstMs > SAME_SIGNAL_MS) process.exit(130);
    };
    if (process.send) {
      childIsTold(resolve);
      return;
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, heard);
    // `kill` of npm ends the shell between npm and us, and nobody tells us.
    const { ppid } = process;
    if (process.env['npm_lifecycle_event'] !== 'start' || ppid <= 1) return;
    const watch = setInterval(() => {
      if (process.ppid === ppid) return;
      clearInterval(watch);
      heard('SIGTERM');
    }, PARENT_CHECK_MS);
    watch.unref();
  });
}

/** A child hears its parent alone: Ctrl-C reaches the whole group, and the parent knows the order. */
function childIsTold(resolve: (signal: NodeJS.Signals) => void): void {
  // Else Node ends a process of a cluster at once, in the middle of its answers, when the parent is gone.
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
  process.on('SIGINT', () => undefined);
  process.on('SIGHUP', () => undefined);
  process.on('SIGTERM', () => resolve('SIGTERM'));
  // Another parent will start children of its own; this one finishes its work.
  process.once('disconnect', () => resolve('SIGTERM'));
}
