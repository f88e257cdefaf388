import { spawnSync } from 'node:child_process';
import { isOnPath as has } from './on-path.mjs';

/**
 * How a machine gets a redis-server.
 *
 * @typedef {{ kind: 'install', steps: string[][] } | { kind: 'advise', sentence: string }} RedisPlan
 */

/** @type {ReadonlyArray<{ tool: string, needsRoot: boolean, steps: string[][] }>} */
const MANAGERS = [
  {
    tool: 'apt-get',
    needsRoot: true,
    steps: [
      ['apt-get', 'update', '-qq'],
      ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'redis-server'],
    ],
  },
  { tool: 'apk', needsRoot: true, steps: [['apk', 'add', '--no-cache', 'redis']] },
  { tool: 'dnf', needsRoot: true, steps: [['dnf', 'install', '-y', '-q', 'redis']] },
  { tool: 'yum', needsRoot: true, steps: [['yum', 'install', '-y', '-q', 'redis']] },
  { tool: 'pacman', needsRoot: true, steps: [['pacman', '-S', '--noconfirm', '--needed', 'redis']] },
  { tool: 'zypper', needsRoot: true, steps: [['zypper', '--non-interactive', 'install', 'redis']] },
  { tool: 'brew', needsRoot: false, steps: [['brew', 'install', '--quiet', 'redis']] },
];

/**
 * Chooses a way that asks nobody anything: a package manager that is there and may be used, `sudo` only where it needs
 * no password; else the sentence that says what to run.
 *
 * @param {{ has: (tool: string) => boolean, isRoot: boolean, canSudo: boolean }} machine
 * @returns {RedisPlan}
 */
export function planRedis({ has, isRoot, canSudo }) {
  const manager = MANAGERS.find(({ tool }) => has(tool));
  if (!manager) {
    return {
      kind: 'advise',
      sentence:
        'Install redis-server 6.2 or newer (https://redis.io/docs/latest/operate/oss_and_stack/install/), or set REDIS_URL to a running one.',
    };
  }
  const { steps, needsRoot } = manager;
  if (!needsRoot || isRoot) return { kind: 'install', steps };
  if (canSudo) return { kind: 'install', steps: steps.map((step) => ['sudo', '-n', ...step]) };
  const line = steps.map((step) => `sudo ${step.join(' ')}`).join(' && ');
  return { kind: 'advise', sentence: `Run: ${line} (or set REDIS_URL to a running Redis).` };
}

/**
 * Makes sure that Laneway can start a Redis of its own. Does nothing where REDIS_URL names a server.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} what to tell the person when there is none; undefined when all is well
 */
export function ensureRedis(env) {
  if (env['REDIS_URL'] || has('redis-server')) return undefined;
  const isRoot = process.getuid?.() === 0;
  const canSudo =
    !isRoot && has('sudo') && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  const plan = planRedis({ has, isRoot, canSudo });
  if (plan.kind === 'advise') return plan.sentence;
  process.stderr.write(`Installing redis-server (${plan.steps.at(-1)?.join(' ')}) ...\n`);
  for (const [command = '', ...args] of plan.steps) {
    // Packages of some systems start the service they install; Laneway runs a Redis of its own in its data folder.
    const environment = { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    spawnSync(command, args, { stdio: ['ignore', 2, 2], env: environment });
  }
  if (has('redis-server')) return undefined;
  const line = plan.steps.map((step) => step.join(' ')).join(' && ');
  return `Installing redis-server failed (see above). Run: ${line} (or set REDIS_URL to a running Redis).`;
}
