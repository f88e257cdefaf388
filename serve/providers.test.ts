import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadConfig } from './config.ts';
import { configuredProviders, providerFileOf } from './providers.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'laneway-config-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test('the file named, else the one that lies there, else none', () => {
  const config = loadConfig({ LANEWAY_HOME: join(dir, 'home') });
  expect(providerFileOf(config, dir)).toBeUndefined();
  writeFileSync(join(dir, 'laneway.config.yaml'), 'providers: []');
  expect(providerFileOf(config, dir)).toBe(join(dir, 'laneway.config.yaml'));
  const named = loadConfig({ LANEWAY_PROVIDERS: 'other.json' });
  expect(providerFileOf(named, dir)).toBe(join(dir, 'other.json'));
});

test('a process that calls no provider opens only those that call in', async () => {
  const file = join(dir, 'all.yaml');
  writeFileSync(
    file,
    `providers:
  - { name: web, kind: http, preset: twilio, account: AC1, token: { env: TOKEN } }
  - { name: simulated, kind: sandbox }
`,
  );
  const namesOf = async (role: string): Promise<string[] | undefined> => {
    const config = loadConfig({
      LANEWAY_PROVIDERS: file,
      LANEWAY_ROLE: role,
      LANEWAY_HOME: dir,
      DATABASE_URL: 'postgres://h/d',
      REDIS_URL: 'redis://h:1',
    });
    const parts = { cwd: dir, env: { TOKEN: 't' }, clock: () => 0, report: () => undefined };
    const opened = await configuredProviders(config, parts);
    await Promise.all(opened?.providers.map((provider) => provider.close()) ?? []);
    return opened?.providers.map(({ name }) => name);
  };
  expect(await namesOf('worker')).toEqual(['web', 'simulated']);
  expect(await namesOf('api')).toEqual(['web']);
});
