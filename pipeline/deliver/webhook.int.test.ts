import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { keywordClassifier, openCompliance } from '../compose.fixture.ts';
import { createPipeline, type Pipeline } from '../compose.ts';
import { readProviderFile } from './config-file.ts';
import { type HttpPeer, startHttpPeer } from './http/server.fixture.ts';
import { openProviders } from './open.ts';

const dir = mkdtempSync(join(tmpdir(), 'laneway-webhook-'));
const KEY = Buffer.from('a webhook key').toString('base64');
const patiently = <T>(check: () => Promise<T>): Promise<T> =>
  vi.waitFor(check, { timeout: 30_000, interval: 25 });
let carrier: HttpPeer;
let pipeline: Pipeline;

/** From a file of providers to a pipeline: an HTTP carrier that refuses numbers ending in 9. */
beforeAll(async () => {
  carrier = await startHttpPeer(({ body }) => {
    const { key, to } = JSON.parse(body) as { key: string; to: string };
    return to.endsWith('9')
      ? { status: 422, body: '{"error":{"code":"bad_number","message":"not in service"}}' }
      : { status: 201, body: JSON.stringify({ id: `ref-${key}` }) };
  });
  const file = join(dir, 'providers.yaml');
  writeFileSync(
    file,
    `providers:
  - name: carrier
    kind: http
    preset: generic
    channels: [sms]
    url: ${carrier.url}/messages
    token: { env: TOKEN }
    receiptSecret: { env: HOOK }
    rate: { perSecond: 20 }
`,
  );
  const report = (error: unknown): void => console.error(error);
  const opened = await openProviders(readProviderFile(file), {
    clock: () => Date.now(),
    dataDir: dir,
    env: { TOKEN: 'api-token', HOOK: KEY },
    report,
  });
  pipeline = await createPipeline({
    dataDir: join(dir, 'data'),
    classifier: keywordClassifier(),
    compliance: openCompliance(),
    ...opened,
    report,
  });
  await pipeline.start();
});
afterAll(async () => {
  await pipeline.close();
  await carrier.stop();
  rmSync(dir, { recursive: true, force: true });
});

const send = async (to: string): Promise<string> => {
  const request = { to, from: 'BANK', channel: 'sms', body: 'Your code is 482913' };
  const [result] = await pipeline.accept('acme', [{ request }]);
  if (result?.kind !== 'accepted') throw new Error('not accepted');
  return result.id;
};
const stateOf = async (id: string): Promise<string> => (await pipeline.get('acme', id))?.state ?? '';
const call = (receipts: unknown, key = KEY) => {
  const body = typeof receipts === 'string' ? receipts : JSON.stringify({ receipts });
  const at = Math.floor(Date.now() / 1_000);
  const mac = createHmac('sha256', Buffer.from(key, 'base64')).update(`msg.${at}.${body}`).digest('base64');
  return pipeline.receive('carrier', {
    url: 'https://laneway.example/v1/receipts/carrier',
    headers: {
      'content-type': 'application/json',
      'webhook-id': 'msg',
      'webhook-timestamp': String(at),
      'webhook-signature': `v1,${mac}`,
    },
    body: Buffer.from(body),
  });
};

test('a signed receipt is on record when it is answered; what comes after it changes nothing', async () => {
  const id = await send('+12125550123');
  await patiently(async () => expect(await stateOf(id)).toBe('sent'));
  const receipt = { id: `ref-${id}-1`, status: 'delivered' };
  expect(await call([receipt])).toMatchObject({ kind: 'receipts' });
  expect(await stateOf(id)).toBe('delivered');
  await call([receipt]);
  await call([{ ...receipt, status: 'failed' }]);
  expect(await stateOf(id)).toBe('delivered');
});

test('forged, malformed and unknown receipts change nothing and are counted', async () => {
  const id = await send('+12125550124');
  await patiently(async () => expect(await stateOf(id)).toBe('sent'));
  const receipt = { id: `ref-${id}-1`, status: 'failed' };
  expect(await call([receipt], Buffer.from('other').toString('base64'))).toMatchObject({ kind: 'forged' });
  expect(await call('{{{')).toMatchObject({ kind: 'malformed' });
  expect(
    await call([
      { id: 'never-given', status: 'delivered' },
      { ...receipt, status: 'queued' },
    ]),
  ).toMatchObject({
    kind: 'receipts',
    ignored: 1,
  });
  expect(await pipeline.receive('nobody', { url: 'x', headers: {}, body: Buffer.from('') })).toEqual({
    kind: 'no-provider',
  });
  expect(await stateOf(id)).toBe('sent');
  const { webhooks } = await pipeline.stats();
  expect(webhooks).toMatchObject([{ provider: 'carrier', forged: 1, malformed: 1, ignored: 1 }]);
  await patiently(async () => expect((await pipeline.stats()).unknownReceipts).toBe(1));
});

test('a permanent refusal is never asked again; its reason is kept without the number', async () => {
  const id = await send('+12125550129');
  await patiently(async () => expect(await stateOf(id)).toBe('failed'));
  const view = await pipeline.get('acme', id);
  expect(view?.attempts).toMatchObject([{ attempt: 1, provider: 'carrier', outcome: 'failed' }]);
  expect(carrier.seen.filter(({ body }) => body.includes('+12125550129'))).toHaveLength(1);
  expect((await pipeline.deadLetters.list('acme'))[0]).toMatchObject({ code: 'bad_number' });
});

test('no more than the rate goes out in any second, and all of it goes', async () => {
  const before = carrier.seen.length;
  const startedMs = Date.now();
  const ids = await Promise.all(
    Array.from({ length: 50 }, (_, i) => send(`+1212555${String(1_000 + 10 * i)}`)),
  );
  await vi.waitFor(() => expect(carrier.seen.length - before).toBe(50), { timeout: 40_000, interval: 25 });
  // 20, 20 and 10: the third window begins no sooner than two seconds after the first.
  expect(Date.now() - startedMs).toBeGreaterThan(1_900);
  await patiently(async () =>
    expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(['sent'])),
  );
});
