import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const STAMP = '.laneway-lock';

/** @param {string} text */
const hashOf = (text) => createHash('sha256').update(text).digest('hex');

/**
 * Whether what is installed is what the lockfile says: by Laneway's stamp, else package by package from npm's own
 * record, so that a tree which npm made or changed without Laneway is not installed anew.
 *
 * @param {{ lock: string, stamp: string | undefined, hidden: string | undefined }} found texts of package-lock.json,
 *   of the stamp and of node_modules/.package-lock.json; undefined where there is none
 * @returns {'current' | 'unstamped' | 'missing' | 'stale'}
 */
export function stateOfInstall({ lock, stamp, hidden }) {
  if (hidden === undefined) return 'missing';
  if (stamp?.trim() === hashOf(lock)) return 'current';
  return sameVersions(lock, hidden) ? 'unstamped' : 'stale';
}

/**
 * Every package that the lockfile wants everywhere is there in its version (optional ones may be missing).
 *
 * @param {string} lock
 * @param {string} hidden
 */
function sameVersions(lock, hidden) {
  const wanted = JSON.parse(lock).packages ?? {};
  const there = JSON.parse(hidden).packages ?? {};
  return Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || entry.peer || there[path]?.version === entry.version,
  );
}

/** @param {string} path */
const readIfThere = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

/**
 * Installs what package-lock.json names, when it is not there already. npm's own output shows the progress, on
 * standard error, so that a command's standard output stays its own.
 *
 * @param {string} root folder of package.json
 */
export function ensureDependencies(root) {
  const modules = join(root, 'node_modules');
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const state = stateOfInstall({
    lock,
    stamp: readIfThere(join(modules, STAMP)),
    hidden: readIfThere(join(modules, '.package-lock.json')),
  });
  if (state === 'missing' || state === 'stale') {
    const why = state === 'missing' ? 'first run' : 'package-lock.json has changed';
    process.stderr.write(`Installing dependencies (${why}; a minute or two) ...\n`);
    // Not `npm ci`: it refuses a lockfile in which a registry lacked some other platform's optional package.
    const npm = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: root,
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (npm.error || npm.status !== 0) {
      process.stderr.write(
        `error INSTALL_FAILED: npm install ended with ${npm.error?.message ?? `code ${npm.status}`}. Fix: read npm's message above; it needs the npm registry (or a filled npm cache) and free disk space.\n`,
      );
      process.exit(1);
    }
  }
  if (state !== 'current') writeFileSync(join(modules, STAMP), `${hashOf(lock)}\n`);
  linkOwnCommand(modules);
}

/**
 * Lets `npx laneway` find the clone's own command: npm links the commands of dependencies only.
 *
 * @param {string} modules
 */
function linkOwnCommand(modules) {
  if (process.platform === 'win32') return;
  const link = join(modules, '.bin', 'laneway');
  if (existsSync(link)) return;
  mkdirSync(join(modules, '.bin'), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync('../../scripts/laneway.mjs', link);
}
