import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runFrom } from '../../models/base/build.mjs';
import { mapStacks } from '../../models/base/stack.mjs';
import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { nodeComplaint } from './node-version.mjs';
import { ensurePostgres } from './postgres.mjs';
import { ensureRedis } from './redis.mjs';
import { MAIN } from './sources.mjs';
import { ensureTestTools } from './test-tools.mjs';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * @param {string} code
 * @param {string} message
 * @returns {never}
 */
function stop(code, message) {
  process.stderr.write(`error ${code}: ${message}\n`);
  process.exit(1);
}

/**
 * Words that mean a command runs the pipeline and so a Redis.
 *
 * @param {readonly string[]} args
 */
export function needsRedis(args) {
  const [command] = args;
  return !args.includes('--help') && ['serve', 'bench', 'lab', 'test'].includes(command ?? '');
}

/**
 * Sets up what a command needs: Node's version, dependencies, redis-server.
 *
 * @param {readonly string[]} args the command and its arguments
 */
export function setUp(args) {
  const complaint = nodeComplaint(process.versions.node);
  if (complaint) stop('NODE_TOO_OLD', complaint);
  ensureDependencies(ROOT);
  const missing = needsRedis(args) ? ensureRedis(process.env) : undefined;
  if (missing) stop('REDIS_NOT_INSTALLED', `redis-server is not on PATH. Fix: ${missing}`);
}

/**
 * Runs a command of the CLI in this process, so that a signal, a kill or a supervisor reaches Laneway itself.
 *
 * @param {readonly string[]} args
 */
export async function runCommand(args) {
  setUp(args);
  const { main } = await loadMain(ROOT);
  await main(args);
}

/**
 * The command line, compiled where that can be, else from its sources.
 *
 * @param {string} root
 * @returns {Promise<{ main: (args: readonly string[]) => Promise<void> }>}
 */
export async function loadMain(root) {
  const build = await ensureBuild(root, (line) => process.stderr.write(`${line}\n`));
  if (build) {
    runFrom(build);
    mapStacks();
    return import(`${build.dir}${build.entries[MAIN]}`);
  }
  const { register } = await import('tsx/esm/api');
  register();
  return import(pathToFileURL(join(root, MAIN)).href);
}

/**
 * @param {readonly string[]} args passed on to vitest
 */
export async function runTestCommand(args) {
  setUp(['test']);
  const skipped = ensurePostgres();
  if (skipped) process.stderr.write(`${skipped}\n`);
  ensureTestTools(process.env);
  // Once, before many tests at the same time run commands.
  await ensureBuild(ROOT);
  const { runTests } = await import('./test-run.mjs');
  process.exitCode = await runTests(ROOT, args);
}
