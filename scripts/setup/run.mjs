import { fileURLToPath } from 'node:url';
import { ensureDependencies } from './dependencies.mjs';
import { nodeComplaint } from './node-version.mjs';
import { ensurePostgres } from './postgres.mjs';
import { ensureRedis } from './redis.mjs';
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
  const { register } = await import('tsx/esm/api');
  register();
  const { main } = await import('../../serve/cli/main.ts');
  await main(args);
}

/**
 * @param {readonly string[]} args passed on to vitest
 */
export async function runTestCommand(args) {
  setUp(['test']);
  const skipped = ensurePostgres();
  if (skipped) process.stderr.write(`${skipped}\n`);
  ensureTestTools(process.env);
  const { runTests } = await import('./test-run.mjs');
  process.exitCode = await runTests(ROOT, args);
}
