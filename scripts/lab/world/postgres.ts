import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort, postgresBinaries, unprivileged } from '../../../pipeline/store/server.fixture.ts';

/** A PostgreSQL server that the lab may kill and start again on the same data. */
export interface LabPostgres {
  readonly port: number;
  readonly pid: number;
  /** Starts it, again too; resolves when it answers. */
  start(): Promise<void>;
  /** Every process of it at once, as when the machine dies. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** Makes a standby the primary. */
  promote(): Promise<void>;
}

export const LAB_USER = 'laneway';
export const labUrl = (port: number): string => `postgres://${LAB_USER}@127.0.0.1:${port}/postgres`;

const QUIET = ['-c', 'listen_addresses=127.0.0.1', '-c', 'max_connections=200'];

/**
 * Makes a cluster in `dir`, a new one or a copy that follows `primaryPort`; not started yet.
 *
 * @param settings more settings, `name=value`
 * @throws Error when there is no PostgreSQL on this machine
 */
export async function makePostgres(
  dir: string,
  settings: readonly string[] = [],
  primaryPort?: number,
): Promise<LabPostgres> {
  const bin = postgresBinaries();
  if (!bin) throw new Error('no PostgreSQL server on this machine (Debian: apt-get install postgresql)');
  const as: { uid?: number; gid?: number } = unprivileged() ?? {};
  mkdirSync(dir, { recursive: true });
  chmodSync(dir, 0o755);
  if (as.uid !== undefined && as.gid !== undefined) chownSync(dir, as.uid, as.gid);
  const data = join(dir, 'data');
  const run = (program: string, args: readonly string[]): void => {
    const done = spawnSync(join(bin, program), args, { encoding: 'utf8', cwd: dir, ...as });
    if (done.status !== 0) throw new Error(`${program} failed: ${done.stderr}`);
  };
  if (primaryPort === undefined) {
    run('initdb', ['-D', data, '-U', LAB_USER, '--auth=trust', '-E', 'UTF8', '--locale=C']);
  } else {
    run('pg_basebackup', ['-D', data, '-R', '-X', 'stream', '-c', 'fast', '-d', labUrl(primaryPort)]);
  }
  const port = await freePort();
  let server: ChildProcess | undefined;

  async function answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: labUrl(port), connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select 1');
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    if (signal === 'SIGKILL') killTree(server.pid!);
    else server.kill(signal);
    await ended;
  }

  return {
    port,
    get pid() {
      return server?.pid ?? 0;
    },
    async start() {
      const extra = settings.flatMap((one) => ['-c', one]);
      for (let tries = 0; tries < 600; tries++) {
        if (!server || server.exitCode !== null || server.signalCode !== null) {
          server = spawn(
            join(bin, 'postgres'),
            ['-D', data, '-p', `${port}`, '-k', dir, ...QUIET, ...extra],
            {
              cwd: dir,
              stdio: 'ignore',
              ...as,
            },
          );
        }
        if (await answers()) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error('PostgreSQL did not start');
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
    async promote() {
      run('pg_ctl', ['promote', '-D', data, '-w']);
    },
  };
}

/** The postmaster first, so that it cannot tidy up, then its children. */
function killTree(pid: number): void {
  const children = spawnSync('ps', ['-o', 'pid=', '--ppid', `${pid}`], { encoding: 'utf8' }).stdout ?? '';
  process.kill(pid, 'SIGKILL');
  for (const child of children
    .split('\n')
    .map(Number)
    .filter((one) => one > 0)) {
    try {
      process.kill(child, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}
