import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** What tests talk to that is no npm package, and the Debian package that brings it. */
const TOOLS = [
  { package: 'libnet-smpp-perl', there: () => runs('perl', ['-MNet::SMPP', '-e', '1']) },
  {
    package: 'exim4-daemon-light',
    there: () => ['/usr/sbin/exim4', '/usr/sbin/exim'].some((path) => existsSync(path)),
  },
  { package: 'openssl', there: () => runs('openssl', ['version']) },
];

/**
 * @param {string} command
 * @param {readonly string[]} args
 */
function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

/**
 * Installs what the tests of carriers need where that asks nobody anything (Debian, as root or with `sudo` without a
 * password). Elsewhere those tests say that they were skipped, and why.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]} packages that are still missing
 */
export function ensureTestTools(env) {
  const missing = () => TOOLS.filter((tool) => !tool.there()).map((tool) => tool.package);
  const wanted = missing();
  if (wanted.length === 0 || !runs('sh', ['-c', 'command -v apt-get'])) return wanted;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && !runs('sudo', ['-n', 'true'])) return wanted;
  process.stderr.write(`Installing what tests talk to: ${wanted.join(', ')} ...\n`);
  const steps = [
    ['apt-get', 'update', '-qq'],
    [
      'apt-get',
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      '-o',
      'DPkg::Lock::Timeout=300',
      ...wanted,
    ],
  ];
  for (const step of steps) {
    const [command = '', ...args] = isRoot ? step : ['sudo', '-n', ...step];
    // Packages of some systems start the service they install; tests start their own.
    const environment = { ...env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    spawnSync(command, args, { stdio: ['ignore', 2, 2], env: environment });
  }
  return missing();
}
