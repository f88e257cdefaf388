import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createRegistry } from '../models/artifact/registry.ts';
import { systemClock } from '../models/base/clock.ts';
import type { Verdict } from '../models/verdict.ts';
import type { MessageView } from '../pipeline/view.ts';
import { createContext } from './cli/context.ts';
import { createProgram } from './cli/program.ts';
import { loadConfig } from './config.ts';
import { type RunningServer, startServer } from './server.ts';
import { smallModel } from './testing/small-model.ts';

/** Noon in New York: quiet hours would hold back what this test waits for. */
const NOON_MS = Date.UTC(2026, 6, 15, 16);
const aheadMs = NOON_MS - systemClock();
const parts = {
  log: pino({ level: 'silent' }),
  pipeline: {
    clock: () => systemClock() + aheadMs,
    sandbox: { latencyMedianMs: 2, receiptMedianMs: 5, undeliveredRate: 0 },
  },
};
const homes: string[] = [];
const configOf = (home: string, port = '0', more: Record<string, string> = {}) =>
  loadConfig({ LANEWAY_HOME: home, PORT: port, ...more });
const code = {
  to: '+12125550123',
  from: 'BANK',
  channel: 'sms',
  body: 'Your code is 482913. Do not share it.',
};
const sale = {
  to: '+12125550124',
  from: '+12125550199',
  channel: 'sms',
  body: 'Acme: 50% off everything this weekend! Shop now: https://acme.example Reply STOP to opt out',
  metadata: { brand: 'Acme' },
};

async function newHome(): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), 'laneway-serve-'));
  homes.push(home);
  const registry = createRegistry(home);
  const model = await smallModel();
  registry.save(model);
  registry.promote(model.manifest.version);
  return home;
}

let home: string;
let server: RunningServer;

beforeAll(async () => {
  home = await newHome();
  server = await startServer(configOf(home), parts);
}, 180_000);

afterAll(async () => {
  await server?.close();
  for (const one of homes) rmSync(one, { recursive: true, force: true });
});

async function ask(path: string, body?: unknown, headers: Record<string, string> = {}, at = server) {
  const key = readFileSync(at.keyFile, 'utf8').trim();
  const response = await fetch(at.url + path, {
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: answers are checked member by member
  return { status: response.status, headers: response.headers, json: (await response.json()) as any };
}

const until = (id: string, state: string): Promise<MessageView> =>
  vi.waitFor(
    async () => {
      const { json } = await ask(`/v1/messages/${id}`);
      expect(json.state).toBe(state);
      return json as MessageView;
    },
    { timeout: 40_000, interval: 50 },
  );

test('a code goes out by the transactional lane and its decision can be read', async () => {
  const sent = await ask('/v1/messages', { ...code, category: 'otp' }, { 'Idempotency-Key': 'k-1' });
  expect(sent.status).toBe(202);
  expect(sent.headers.get('location')).toBe(`/v1/messages/${sent.json.id}`);
  const view = await until(sent.json.id, 'delivered');
  expect(view.lane).toBe('transactional');
  const { json } = await ask(`/v1/decisions/${sent.json.id}`);
  expect(json.decisions[0]).toMatchObject({ outcome: 'send', record: { messageId: sent.json.id } });
  expect(json.decisions[0].record.verdict.modelVersion).toBe(server.modelVersion);
});

test('the same key and body is the same message; another body is a conflict', async () => {
  const first = await ask('/v1/messages', code, { 'Idempotency-Key': 'k-2' });
  const again = await ask('/v1/messages', code, { 'Idempotency-Key': 'k-2' });
  expect(again).toMatchObject({ status: 202, json: { id: first.json.id, repeated: true } });
  const other = await ask('/v1/messages', { ...code, body: 'Your code is 1' }, { 'Idempotency-Key': 'k-2' });
  expect(other).toMatchObject({ status: 409, json: { code: 'IDEMPOTENCY_KEY_REUSED' } });
  const bad = await ask('/v1/messages', code, { 'Idempotency-Key': 'x'.repeat(256) });
  expect(bad).toMatchObject({ status: 400, json: { code: 'INVALID_IDEMPOTENCY_KEY' } });
});

test('a batch sent twice under one key is one batch', async () => {
  const batch = { messages: [code, { ...code, to: 'nobody' }, { ...code, to: '+12125550125' }] };
  const first = await ask('/v1/messages/batch', batch, { 'Idempotency-Key': 'b-1' });
  const again = await ask('/v1/messages/batch', batch, { 'Idempotency-Key': 'b-1' });
  expect(first.json).toMatchObject({
    accepted: 2,
    rejected: 1,
    results: [{}, { error: { code: 'INVALID_MESSAGE' } }, {}],
  });
  const ids = (answer: typeof first) => answer.json.results.map((one: { id?: string }) => one.id);
  expect(ids(again)).toEqual(ids(first));
  expect(again.json.results[0].repeated).toBe(true);
});

test('an advert is blocked without consent and goes out with it, until it is suppressed', async () => {
  const blocked = await ask('/v1/messages', sale);
  const view = await until(blocked.json.id, 'blocked');
  expect(view.lane).toBe('promotional');
  const consent = {
    recipient: sale.to,
    channel: 'sms',
    kind: 'granted',
    level: 'express-written',
    method: 'web-form',
  };
  expect(await ask('/v1/consent', consent)).toMatchObject({
    status: 201,
    json: { state: [{ status: 'granted' }] },
  });
  const sent = await ask('/v1/messages', sale);
  await until(sent.json.id, 'delivered');
  expect((await ask('/v1/suppressions', { recipient: sale.to, purpose: 'marketing' })).status).toBe(201);
  const stopped = await ask('/v1/messages', sale);
  await until(stopped.json.id, 'blocked');
});

test('the cache gives the verdict that the model gave', async () => {
  const text = 'Your parcel 1Z999 arrives today between 10:00 and 12:00';
  const first: Verdict = (await ask('/v1/classify', { text })).json;
  const second: Verdict = (await ask('/v1/classify', { text })).json;
  expect([first.stage, second.stage]).toEqual(['lexical', 'cache-l1']);
  const bare = (verdict: Verdict) => ({ ...verdict, stage: undefined, tookMs: undefined });
  expect(bare(second)).toEqual(bare(first));
  const many = await ask('/v1/classify/batch', {
    messages: [{ text: 'x'.repeat(3) }, { text: 1 }, { text }],
  });
  expect(many.json.results[1].error.errors[0]).toMatchObject({ field: '/text', code: 'INVALID_TYPE' });
  expect(bare(many.json.results[2])).toEqual(bare(first));
});

test('readiness and metrics tell what is there', async () => {
  const ready = await ask('/readyz');
  expect(ready).toMatchObject({
    status: 200,
    json: {
      ready: true,
      store: 'ok',
      redis: 'ok',
      degraded: [],
      model: { version: server.modelVersion, refused: [] },
    },
  });
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/laneway_hand_over_seconds_count\{lane="transactional"\} [1-9]/);
  expect(metrics).toMatch(/laneway_messages\{lane="promotional",state="blocked"\} 2/);
  expect(metrics).toMatch(/laneway_cache_answers_total\{tier="l1"\} [1-9]/);
});

test('a second start on the same folder says who holds it and harms nothing', async () => {
  await expect(startServer(configOf(home), parts)).rejects.toMatchObject({
    code: 'FOLDER_IN_USE',
    message: expect.stringContaining(String(process.pid)),
    fix: expect.stringContaining('LANEWAY_HOME'),
  });
  expect((await ask('/readyz')).status).toBe(200);
});

test('a port in use is named and the folder given back; a damaged champion and an absent Redis degrade', {
  timeout: 180_000,
}, async () => {
  const other = await newHome();
  const registry = createRegistry(other);
  const { version } = (await smallModel()).manifest;
  // The champion is a copy that was damaged after it was promoted; the good one is the previous.
  const damaged = join(other, 'models', 'damaged-0000000000');
  cpSync(join(other, 'models', version), damaged, { recursive: true });
  registry.promote('damaged-0000000000');
  const bytes = Uint8Array.from(readFileSync(join(damaged, 'model.bin')));
  bytes[bytes.length >> 1]! ^= 1;
  writeFileSync(join(damaged, 'model.bin'), bytes);

  const taken = new URL(server.url).port;
  await expect(startServer(configOf(other, taken), parts)).rejects.toMatchObject({
    code: 'PORT_IN_USE',
    message: expect.stringContaining(taken),
  });

  const degraded = await startServer(
    configOf(other, '0', { REDIS_URL: `redis://127.0.0.1:${await closedPort()}` }),
    parts,
  );
  try {
    const ready = await ask('/readyz', undefined, {}, degraded);
    expect(ready).toMatchObject({ status: 200, json: { ready: true, model: { version } } });
    expect(ready.json.model.refused).toHaveLength(1);
    expect(ready.json.degraded.join()).toMatch(/model was refused.*redis is away/);
    expect(await ask('/v1/messages', code, {}, degraded)).toMatchObject({ status: 202 });
    expect((await ask('/v1/classify', { text: 'hello' }, {}, degraded)).status).toBe(200);
  } finally {
    await degraded.close();
  }
});

test('commands state facts and report violations through the running server', async () => {
  const lines: string[] = [];
  const context = {
    ...createContext({ LANEWAY_HOME: home, LANEWAY_URL: server.url }),
    print: (line: string) => lines.push(line),
  };
  const run = (...args: string[]) => createProgram(context).parseAsync(args, { from: 'user' });
  const about = ['--sender', 'ACME'];
  await run('facts', 'set', 'sender.postalAddress', '1 Main Street', ...about, '--source', 'imprint');
  expect(lines.join()).toMatch(/^sender\.postalAddress +"1 Main Street" {2}\(imprint, 2026-07-15T/);
  const file = join(home, 'facts.jsonl');
  const fact = { recipient: '+12125550123', path: 'recipient.age', value: 34, source: 'form' };
  writeFileSync(file, `${JSON.stringify(fact)}\n\n${JSON.stringify({ ...fact, value: 'old' })}\n`);
  await expect(run('facts', 'import', file)).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
    message: expect.stringContaining('recipient.age is a number'),
    where: `${file}:3`,
  });
  writeFileSync(file, `${JSON.stringify(fact)}\n`);
  await run('facts', 'import', file);
  expect(lines.at(-1)).toBe('1 facts recorded');
  await run('facts', 'show', '--recipient', fact.recipient);
  expect(lines.at(-1)).toMatch(/^recipient\.age +34 /);

  const sent = await ask('/v1/messages', code);
  await until(sent.json.id, 'delivered');
  const out = join(home, 'compliance.html');
  await run('rules', 'report', '--out', out);
  const figures = JSON.parse(readFileSync(join(home, 'compliance.json'), 'utf8'));
  expect(figures.decisions).toBeGreaterThan(0);
  expect(readFileSync(out, 'utf8')).toContain(figures.rules[0].ruleId);
});

test('closing finishes; what was accepted is there at the next start, under the same key', {
  timeout: 180_000,
}, async () => {
  const key = readFileSync(server.keyFile, 'utf8');
  expect(statSync(server.keyFile).mode & 0o777).toBe(0o600);
  const sent = await ask('/v1/messages/batch', { messages: Array.from({ length: 20 }, () => code) });
  await Promise.all([server.close(), server.close()]);
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  server = await startServer(configOf(home), parts);
  expect(readFileSync(server.keyFile, 'utf8')).toBe(key);
  for (const { id } of sent.json.results as { id: string }[]) await until(id, 'delivered');
});

function closedPort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const bound = probe.address();
      probe.close(() => resolve(typeof bound === 'object' && bound ? bound.port : 1));
    });
  });
}
