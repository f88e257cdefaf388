import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

/** A PostgreSQL server of its own for tests, in a temporary folder. */
export interface TestServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Folder of the server's programs, the newest version; undefined: there is none. */
export function postgresBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const found = versions
    .map((version) => join(debian, version, 'bin'))
    .find((dir) => existsSync(join(dir, 'initdb')));
  if (found) return found;
  const path = spawnSync('sh', ['-c', 'command -v initdb'], { encoding: 'utf8' }).stdout.trim();
  return path === '' ? undefined : path.slice(0, -'/initdb'.length);
}

/** PostgreSQL refuses to run as root: then some unprivileged user of the machine does. */
export function unprivileged(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string, user: string): number =>
    Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  const user = ['postgres', 'nobody'].find((name) => spawnSync('id', [name]).status === 0);
  return user === undefined ? undefined : { uid: id('-u', user), gid: id('-g', user) };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as { port: number };
  probe.close();
  return port;
}

/** Starts a server, or says why there is none. */
export async function startTestServer(): Promise<TestServer | string> {
  const bin = postgresBinaries();
  if (!bin) return 'no PostgreSQL server on this machine (Debian: apt-get install postgresql)';
  const as = unprivileged();
  if (process.getuid?.() === 0 && !as) return 'PostgreSQL refuses to run as root and there is no other user';
  const dir = mkdtempSync(join(tmpdir(), 'laneway-postgres-'));
  if (as) chownSync(dir, as.uid, as.gid);
  const data = join(dir, 'data');
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'laneway', '--auth=trust', '-E', 'UTF8', '--locale=C'],
    {
      encoding: 'utf8',
      cwd: dir,
      ...as,
    },
  );
  if (made.status !== 0) {
    rmSync(dir, { recursive: true, force: true });
    return `initdb failed: ${made.stderr.trim()}`;
  }
  const port = await freePort();
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, '-p', `${port}`, '-c', 'listen_addresses=127.0.0.1', '-k', dir],
    {
      cwd: dir,
      stdio: 'ignore',
      ...as,
    },
  );
  const url = `postgres://laneway@127.0.0.1:${port}/postgres`;
  const stop = async (): Promise<void> => {
    const ended = once(server, 'exit');
    server.kill('SIGINT');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 400; tries++) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return { url, stop };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await stop();
  return 'the PostgreSQL server did not start';
}
