import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { stateOfInstall } from './dependencies.mjs';
import { nodeComplaint } from './node-version.mjs';
import { planPostgres } from './postgres.mjs';
import { planRedis } from './redis.mjs';
import { needsRedis } from './run.mjs';
import { summarise } from './test-run.mjs';

const lockOf = (version: string) =>
  JSON.stringify({
    packages: { '': {}, 'node_modules/a': { version }, 'node_modules/o': { version: '1', optional: true } },
  });
const stampOf = (lock: string) => `${createHash('sha256').update(lock).digest('hex')}\n`;

describe('dependencies', () => {
  it.each([
    ['missing', { lock: lockOf('1'), stamp: undefined, hidden: undefined }],
    ['current', { lock: lockOf('1'), stamp: stampOf(lockOf('1')), hidden: lockOf('1') }],
    ['unstamped', { lock: lockOf('1'), stamp: undefined, hidden: lockOf('1') }],
    ['unstamped', { lock: lockOf('2'), stamp: stampOf(lockOf('1')), hidden: lockOf('2') }],
    ['stale', { lock: lockOf('2'), stamp: stampOf(lockOf('1')), hidden: lockOf('1') }],
    [
      'unstamped',
      {
        lock: lockOf('1'),
        stamp: undefined,
        hidden: JSON.stringify({ packages: { 'node_modules/a': { version: '1' } } }),
      },
    ],
  ] as const)('are %s', (state, found) => {
    expect(stateOfInstall(found)).toBe(state);
  });
});

describe('Node', () => {
  it.each(['20.18.0', '20.20.2', '22.0.0'])('%s will do', (version) => {
    expect(nodeComplaint(version)).toBeUndefined();
  });
  it.each(['18.20.4', '20.17.0', '8.0.0'])('%s is too old', (version) => {
    expect(nodeComplaint(version)).toContain(`this is ${version}`);
  });
});

describe('redis-server', () => {
  const only = (tool: string) => (asked: string) => asked === tool;
  it('is installed by root, or by sudo that asks nothing', () => {
    const asRoot = planRedis({ has: only('apt-get'), isRoot: true, canSudo: false });
    expect(asRoot.kind === 'install' && asRoot.steps.at(-1)).toContain('redis-server');
    const bySudo = planRedis({ has: only('dnf'), isRoot: false, canSudo: true });
    expect(bySudo.kind === 'install' && bySudo.steps[0]!.slice(0, 3)).toEqual(['sudo', '-n', 'dnf']);
    expect(planRedis({ has: only('brew'), isRoot: false, canSudo: false }).kind).toBe('install');
  });
  it('is asked for in one sentence where it cannot be installed', () => {
    const noRoot = planRedis({ has: only('apt-get'), isRoot: false, canSudo: false });
    expect(noRoot.kind === 'advise' && noRoot.sentence).toMatch(
      /^Run: sudo apt-get update .* && sudo apt-get install/,
    );
    const nothing = planRedis({ has: () => false, isRoot: true, canSudo: false });
    expect(nothing.kind === 'advise' && nothing.sentence).toContain('REDIS_URL');
  });
  it('is needed by what runs the pipeline only', () => {
    expect(needsRedis(['serve'])).toBe(true);
    expect(needsRedis(['serve', '--help'])).toBe(false);
    expect(needsRedis(['classify', '--data', 'serve'])).toBe(false);
    expect(needsRedis([])).toBe(false);
  });
});

describe('the last line of a test run', () => {
  it('counts a file that could not be loaded as a failed test', () => {
    const report = {
      numPassedTests: 5,
      numFailedTests: 1,
      testResults: [
        { status: 'failed', assertionResults: [] },
        { status: 'failed', assertionResults: [{}] },
        { status: 'passed', assertionResults: [{}] },
      ],
    };
    expect(summarise(JSON.stringify(report))).toEqual({ line: '5 passed, 2 failed', failed: 2 });
  });
  it('is a failure when there is no report', () => {
    expect(summarise(undefined)).toEqual({ line: '0 passed, 1 failed', failed: 1 });
  });
});

it('a PostgreSQL server is installed where that can be done without asking, and nowhere else', () => {
  const apt = (tool: string): boolean => tool === 'apt-get';
  const asRoot = planPostgres({ has: apt, isRoot: true, canSudo: false });
  expect(asRoot?.at(-1)).toEqual([
    'apt-get',
    'install',
    '-y',
    '-qq',
    '--no-install-recommends',
    'postgresql',
  ]);
  expect(planPostgres({ has: apt, isRoot: false, canSudo: true })?.[0]?.slice(0, 2)).toEqual(['sudo', '-n']);
  expect(planPostgres({ has: apt, isRoot: false, canSudo: false })).toBeUndefined();
  expect(planPostgres({ has: () => false, isRoot: true, canSudo: true })).toBeUndefined();
});
