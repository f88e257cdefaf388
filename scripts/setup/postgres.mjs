import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isOnPath as has } from './on-path.mjs';

/** Debian keeps the server's programs off PATH, by version. */
const DEBIAN = '/usr/lib/postgresql';

/** Is there a PostgreSQL server to start on this machine? */
export function hasPostgres() {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  return versions.some((version) => existsSync(`${DEBIAN}/${version}/bin/initdb`)) || has('initdb');
}

/**
 * What installs one, if that can be done without asking anybody.
 *
 * @param {{ has: (tool: string) => boolean, isRoot: boolean, canSudo: boolean }} machine
 * @returns {string[][] | undefined}
 */
export function planPostgres({ has, isRoot, canSudo }) {
  if (!has('apt-get') || (!isRoot && !canSudo)) return undefined;
  const steps = [
    ['apt-get', 'update', '-qq'],
    ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'postgresql'],
  ];
  return isRoot ? steps : steps.map((step) => ['sudo', '-n', ...step]);
}

/**
 * Makes sure that tests can start a PostgreSQL server of their own: the store's contract holds on PGlite and on a
 * server, and is tested on both.
 *
 * @returns {string | undefined} what is missing; undefined when all is well
 */
export function ensurePostgres() {
  if (hasPostgres()) return undefined;
  const isRoot = process.getuid?.() === 0;
  const canSudo =
    !isRoot && has('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  const plan = planPostgres({ has, isRoot, canSudo });
  if (plan) {
    process.stderr.write(`Installing a PostgreSQL server for tests (${plan.at(-1)?.join(' ')}) ...\n`);
    for (const [command = '', ...args] of plan) {
      // RUNLEVEL: the package must not start a service; tests start servers of their own in temporary folders.
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
      spawnSync(command, args, { stdio: ['ignore', 2, 2], env });
    }
  }
  if (hasPostgres()) return undefined;
  return 'There is no PostgreSQL server: tests on one are skipped. Debian: sudo apt-get install postgresql';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = ensurePostgres();
  if (missing) process.stderr.write(`error POSTGRES_NOT_INSTALLED: ${missing}\n`);
  process.exitCode = missing ? 1 : 0;
}
