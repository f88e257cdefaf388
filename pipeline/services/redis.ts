import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { type Clock, monotonicMs } from '../../models/base/clock.ts';
import { LanewayError, messageOf } from '../../models/base/errors.ts';

/** How to reach a Redis, as `ioredis` takes it. */
export type RedisAddress = { readonly path: string } | { readonly host: string; readonly port: number };

export interface EmbeddedRedis {
  readonly address: RedisAddress;
  readonly pid: number;
  /** True when the server was already running on this folder, left behind by a killed process. */
  readonly adopted: boolean;
  /** Writes out what it holds and ends it. */
  stop(): Promise<void>;
}

export interface EmbeddedRedisOptions {
  /** Folder for socket, log, pid file and append-only file; made when missing. */
  readonly dir: string;
  /**
   * `queue`: append-only file synced every second, never evicts. `cache`: memory only, least recently used
   * entries go when `maxMemoryMb` is full; a full cache can never hurt a queue.
   */
  readonly use: 'queue' | 'cache';
  /** Bound of a `cache`, 1 to 4096, default 64. */
  readonly maxMemoryMb?: number;
  /** Longest wait for the server to answer, default 15,000 (a large append-only file takes time to read). */
  readonly startTimeoutMs?: number;
  /** Where to listen, to come back where clients look for it; default: chosen. */
  readonly address?: RedisAddress;
  readonly clock?: Clock;
}

/** A Unix socket's path may have 107 bytes (`sun_path`); deeper folders get a TCP port on loopback. */
const MAX_SOCKET_PATH = 100;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Where `redis-server` is, or undefined. */
export function findRedisServer(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, 'redis-server')).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function answers(address: RedisAddress): Promise<boolean> {
  const client = new Redis({
    ...address,
    lazyConnect: true,
    retryStrategy: () => null,
    connectTimeout: 1_000,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    client.disconnect();
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 0));
    });
  });
}

function pidFrom(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    const isRedis = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('redis-server');
    return isRedis ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Is this process there and not a zombie? */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

async function end(pid: number, clock: Clock): Promise<void> {
  if (!isRunning(pid)) return;
  process.kill(pid, 'SIGTERM');
  const deadline = clock() + 5_000;
  while (isRunning(pid) && clock() < deadline) await pause(20);
  if (isRunning(pid)) process.kill(pid, 'SIGKILL');
}

function settings(options: EmbeddedRedisOptions, dir: string, address: RedisAddress): string[] {
  const where =
    'path' in address
      ? ['--port', '0', '--unixsocket', address.path, '--unixsocketperm', '700']
      : ['--bind', address.host, '--port', String(address.port)];
  const keep =
    options.use === 'queue'
      ? ['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction']
      : [
          '--appendonly',
          'no',
          '--maxmemory',
          `${options.maxMemoryMb ?? 64}mb`,
          '--maxmemory-policy',
          'allkeys-lru',
        ];
  const files = ['--dir', dir, '--pidfile', join(dir, 'redis.pid'), '--logfile', join(dir, 'redis.log')];
  return [...where, ...keep, ...files, '--save', '', '--daemonize', 'no'];
}

/**
 * Starts a Redis in a folder, or adopts the one that a killed process left running there. The caller must
 * hold the data folder's lock: two owners of one Redis would stop it under each other.
 *
 * @throws LanewayError `REDIS_NOT_INSTALLED`, `REDIS_START_FAILED`
 */
export async function startEmbeddedRedis(options: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const clock = options.clock ?? monotonicMs;
  const { dir } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const socket = join(dir, 'redis.sock');
  const address: RedisAddress =
    options.address ??
    (Buffer.byteLength(socket) <= MAX_SOCKET_PATH
      ? { path: socket }
      : { host: '127.0.0.1', port: await freePort() });
  const left = pidFrom(join(dir, 'redis.pid'));
  if (left !== undefined) {
    if ('path' in address && existsSync(socket) && (await answers(address))) {
      return { address, pid: left, adopted: true, stop: () => end(left, clock) };
    }
    await end(left, clock);
  }
  rmSync(socket, { force: true });
  rmSync(join(dir, 'redis.pid'), { force: true });
  const binary = findRedisServer();
  if (!binary) {
    throw new LanewayError('REDIS_NOT_INSTALLED', 'redis-server is not on PATH', {
      fix: 'Install it (Debian, Ubuntu: sudo apt-get install redis-server; macOS: brew install redis) or set REDIS_URL.',
    });
  }
  // Detached: Ctrl-C reaches only Laneway, which ends Redis after the work in hand is finished.
  const child = spawn(binary, settings(options, dir, address), { stdio: 'ignore', detached: true });
  await untilReady(child, address, dir, clock, options.startTimeoutMs ?? 15_000);
  child.unref();
  const pid = child.pid!;
  return { address, pid, adopted: false, stop: () => end(pid, clock) };
}

async function untilReady(
  child: ChildProcess,
  address: RedisAddress,
  dir: string,
  clock: Clock,
  timeoutMs: number,
): Promise<void> {
  let failure: string | undefined;
  child.once('error', (error) => {
    failure = messageOf(error);
  });
  child.once('exit', (code, signal) => {
    failure ??= `ended with ${signal ?? `code ${code}`}`;
  });
  const deadline = clock() + timeoutMs;
  while (failure === undefined) {
    const listens = !('path' in address) || existsSync(address.path);
    if (listens && (await answers(address))) return;
    if (clock() > deadline) failure = `did not answer within ${timeoutMs} ms`;
    else await pause(15);
  }
  child.kill('SIGKILL');
  throw new LanewayError('REDIS_START_FAILED', `redis-server ${failure}`, {
    where: join(dir, 'redis.log'),
    fix: `Read the end of ${join(dir, 'redis.log')}; a damaged append-only file may be removed, nothing is lost by it.`,
  });
}
