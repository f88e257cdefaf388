import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readProviderFile } from './config-file.ts';
import { openProviders } from './open.ts';
import { secretOf } from './secret.ts';

const dir = mkdtempSync(join(tmpdir(), 'laneway-providers-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const read = (text: string, name = 'providers.yaml') => {
  writeFileSync(join(dir, name), text);
  return readProviderFile(join(dir, name));
};
const parts = { clock: () => 0, dataDir: dir, report: () => undefined };

test('a file of every kind is read, opened and closed', async () => {
  writeFileSync(join(dir, 'token'), 'from-a-file\n');
  const file = read(`
providers:
  - { name: main, kind: http, preset: twilio, account: AC1, token: { env: TOKEN }, countries: [US, CA], cost: 0.0079 }
  - name: spare
    kind: http
    preset: generic
    channels: [sms, push]
    url: https://sms.example/messages
    batchUrl: https://sms.example/messages/batch
    token: { file: token }
    cost: { default: 0.02, countries: { GB: 0.03 } }
    rate: { perSecond: 50, promotionalShare: 0.5 }
    breaker: { openMs: 2000 }
  - { name: carrier, kind: smpp, host: 127.0.0.1, port: 9, systemId: me, password: { env: TOKEN } }
  - { name: mail, kind: smtp, host: mx.example, classes: [transactional] }
  - { name: try, kind: sandbox, transientRate: 0.02, only: [voice] }
`);
  const { providers, policies } = await openProviders(file, { ...parts, env: { TOKEN: 'secret' } });
  expect(providers.map(({ name, channels, maxBatch }) => [name, channels[0], maxBatch > 1])).toEqual([
    ['main', 'sms', true],
    ['spare', 'sms', true],
    ['carrier', 'sms', true],
    ['mail', 'email', true],
    ['try', 'sms', true],
  ]);
  expect(policies).toMatchObject({
    main: { countries: ['US', 'CA'], cost: { default: 0.0079 } },
    spare: {
      cost: { default: 0.02, countries: { GB: 0.03 } },
      rate: { perSecond: 50 },
      breaker: { openMs: 2000 },
    },
    try: { channels: ['voice'] },
  });
  await Promise.all(providers.map((provider) => provider.close()));
});

test('everything wrong is named at once, with its line and without its value', () => {
  const wrong = () =>
    read(`providers:
  - name: Main
    kind: http
    preset: twilio
    account: AC1
    token: sk_live_hush
  - name: spare
    kind: smoke
  - name: mail
    kind: smtp
    host: mx.example
    rate: { perSecond: 0 }
    colour: red
`);
  expect(wrong).toThrow(/line 2, providers\/0\/name must be/);
  expect(wrong).toThrow(/line 6, providers\/0\/token must be \{ env: NAME \} or \{ file: PATH \}/);
  expect(wrong).toThrow(/line 8, providers\/1\/kind must be sandbox, http, smpp or smtp/);
  expect(wrong).toThrow(/line 12, providers\/2\/rate\/perSecond/);
  expect(wrong).toThrow(/line 13, providers\/2\/colour is not a setting here/);
  expect(wrong).not.toThrow(/hush/);
});

test('promotional mail without unsubscription, plain HTTP and unknown places are refused', () => {
  expect(() => read('providers: [{ name: mail, kind: smtp, host: mx.example }]')).toThrow(
    /unsubscribe is missing/,
  );
  const http = (url: string) =>
    read(
      `providers: [{ name: a, kind: http, preset: generic, channels: [sms], token: { env: T }, url: "${url}" }]`,
    );
  expect(() => http('http://sms.example/x')).toThrow(/url must begin with https/);
  expect(() => http('https://sms.example/{{recipient}}')).toThrow(/asks for \{\{recipient\}\}; known are to/);
  expect(() => read('providers: [')).toThrow(/is not YAML/);
  expect(() => read('{"providers": []}', 'p.json')).toThrow(/providers/);
  expect(() => readProviderFile(join(dir, 'none.yaml'))).toThrow(/cannot be read/);
});

test('a missing secret is told by its field and place', async () => {
  const file = read(
    'providers: [{ name: main, kind: http, preset: twilio, account: AC1, token: { env: TOKEN } }]',
  );
  await expect(openProviders(file, { ...parts, env: {} })).rejects.toMatchObject({
    code: 'SECRET_MISSING',
    where: 'providers/0/token',
    message: expect.stringContaining('TOKEN is not set'),
  });
});

test('a secret does not print itself', () => {
  const secret = secretOf('hush');
  expect(`${secret} ${JSON.stringify({ secret })}`).toBe('*** {"secret":"***"}');
  expect(secret.reveal()).toBe('hush');
});
