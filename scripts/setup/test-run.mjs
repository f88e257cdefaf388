import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The last line of a test run, from vitest's JSON report. A file that could not even be loaded counts as one failed
 * test: nothing in it ran.
 *
 * @param {string | undefined} report text of the report; undefined when there is none
 * @returns {{ line: string, failed: number }}
 */
export function summarise(report) {
  if (report === undefined) return { line: '0 passed, 1 failed', failed: 1 };
  const { numPassedTests = 0, numFailedTests = 0, testResults = [] } = JSON.parse(report);
  const unloaded = testResults.filter(
    (/** @type {{ status: string, assertionResults: unknown[] }} */ file) =>
      file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = numFailedTests + unloaded;
  return { line: `${numPassedTests} passed, ${failed} failed`, failed };
}

/**
 * Runs vitest and ends with one plain line.
 *
 * @param {string} root
 * @param {readonly string[]} args passed on to vitest
 * @returns {Promise<number>} exit code
 */
export async function runTests(root, args) {
  const folder = mkdtempSync(join(tmpdir(), 'laneway-test-'));
  const file = join(folder, 'report.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const code = await new Promise((resolve) => {
      const child = spawn(process.execPath, [vitest, 'run', ...reporters, ...args], {
        cwd: root,
        stdio: 'inherit',
      });
      const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
      process.on('SIGINT', pass).on('SIGTERM', pass);
      child.once('error', () => resolve(1));
      child.once('exit', (status) => resolve(status ?? 1));
    });
    let report;
    try {
      report = readFileSync(file, 'utf8');
    } catch {
      report = undefined;
    }
    const { line, failed } = summarise(report);
    process.stdout.write(`\n${line}\n`);
    return failed > 0 ? 1 : Number(code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
