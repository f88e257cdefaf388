import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createRegistry } from '../models/artifact/registry.ts';
import { systemClock } from '../models/base/clock.ts';
import type { DeliveryOutcome, Provider } from '../pipeline/deliver/provider.ts';
import { createContext } from './cli/context.ts';
import { createProgram } from './cli/program.ts';
import { loadConfig } from './config.ts';
import { type RunningServer, startServer } from './server.ts';
import { askServer } from './testing/ask.ts';
import { smallModel } from './testing/small-model.ts';

/** Noon in New York, moved on where a test needs another day. */
let aheadMs = Date.UTC(2026, 6, 15, 16) - systemClock();
const DAY_MS = 86_400_000;
const home = mkdtempSync(join(tmpdir(), 'laneway-operate-'));
/** What the carrier says, by recipient; it takes the others. */
const says = new Map<string, DeliveryOutcome>();
const carrier: Provider = {
  name: 'scripted',
  channels: ['sms'],
  honoursKeys: true,
  maxBatch: 100,
  deliver: async (requests) =>
    requests.map(({ to, idempotencyKey }) => says.get(to) ?? { kind: 'taken', providerRef: idempotencyKey }),
  onReceipts() {},
  async ping() {},
  async close() {},
};
const config = loadConfig({ LANEWAY_HOME: home, PORT: '0', LANEWAY_RETENTION_DAYS: '1' });
const start = (): Promise<RunningServer> =>
  startServer(config, {
    log: pino({ level: 'silent' }),
    pipeline: { clock: () => systemClock() + aheadMs, providers: [carrier] },
  });
let server: RunningServer;

beforeAll(async () => {
  const registry = createRegistry(home);
  const model = await smallModel();
  registry.save(model);
  registry.promote(model.manifest.version);
  server = await start();
}, 180_000);
afterAll(async () => {
  await server?.close();
  rmSync(home, { recursive: true, force: true });
});

/** Runs `laneway ...` against the running server. @returns what it printed */
async function laneway(...args: string[]): Promise<string[]> {
  const lines: string[] = [];
  const context = {
    ...createContext({ LANEWAY_HOME: home, LANEWAY_URL: server.url }),
    print: (line: string) => void lines.push(line),
    note: () => undefined,
  };
  await createProgram(context).parseAsync(args, { from: 'user' });
  return lines;
}

const ask = (path: string, body?: unknown) => askServer(server, path, body);

async function send(to: string, category = 'otp'): Promise<string> {
  const body = 'Your code is 482913. Do not share it.';
  const { json } = await ask('/v1/messages', { to, from: 'BANK', channel: 'sms', body, category });
  return json.id;
}
const reaches = (id: string, state: string) =>
  vi.waitFor(async () => expect((await ask(`/v1/messages/${id}`)).json.state).toBe(state), {
    timeout: 60_000,
    interval: 50,
  });

test('dead letters by command: list, inspect, receive, redrive, discard', async () => {
  const gone: DeliveryOutcome = { kind: 'refused', code: 'UNREACHABLE_NUMBER', detail: 'not in service' };
  const [one, two] = ['+12125550110', '+12125550111'];
  for (const to of [one, two]) says.set(to, gone);
  const ids = [await send(one), await send(two)];
  for (const id of ids) await reaches(id, 'failed');

  const listed = await laneway('dlq', 'list', '--code', 'UNREACHABLE_NUMBER');
  expect(listed).toHaveLength(2);
  expect(listed[0]).toMatch(/transactional +1 attempts at scripted {2}UNREACHABLE_NUMBER: not in service/);
  expect(await laneway('dlq', 'list', '--transient')).toEqual([]);
  const inspected = (await laneway('dlq', 'inspect', ids[0]!)).join('\n');
  expect(inspected).toContain('UNREACHABLE_NUMBER');
  expect(inspected).toContain('"rulesetVersion"');
  expect(inspected).not.toContain('482913');

  expect(await laneway('dlq', 'receive', '--limit', '10', '--hide', '600')).toHaveLength(2);
  expect(await laneway('dlq', 'receive', '--limit', '10', '--hide', '600')).toEqual([]);
  await expect(laneway('dlq', 'receive', '--hide', '43201')).rejects.toThrow();
  await expect(laneway('dlq', 'redrive')).rejects.toMatchObject({ code: 'INVALID_REQUEST' });

  says.delete(one);
  expect(await laneway('dlq', 'redrive', ids[0]!, '--rate', '5')).toEqual([ids[0]]);
  await reaches(ids[0]!, 'sent');
  expect(await laneway('dlq', 'discard', '--all', '--reason', 'out of service')).toEqual([ids[1]]);
  expect(await laneway('dlq', 'list')).toEqual([]);
  const trail = await laneway(
    'audit',
    'query',
    "select subject, count(*) as n from audit where kind = 'admin' and subject like 'dead-letters.%' group by 1 order by 1",
  );
  expect(trail).toEqual(['subject\tn', 'dead-letters.discard\t1', 'dead-letters.redrive\t1']);
});

test('lanes by command: pause, resume, drain', async () => {
  expect((await laneway('lanes')).map((line) => line.split(/ +/).slice(0, 2))).toEqual([
    ['transactional', 'running'],
    ['promotional', 'running'],
  ]);
  const [paused] = await laneway('lanes', 'pause', 'transactional', '--reason', 'wrong template');
  expect(paused).toMatch(/^transactional +paused .* by cli:.*: wrong template$/);
  const id = await send('+12125550112');
  expect((await laneway('lanes'))[0]).toMatch(/ 1 open/);
  await laneway('lanes', 'resume', 'transactional');
  await reaches(id, 'sent');
  await laneway('lanes', 'drain', 'promotional');
  const refused = await ask('/v1/messages', {
    to: '+12125550113',
    from: 'BANK',
    channel: 'sms',
    body: 'Sale!',
    category: 'marketing',
  });
  expect(refused).toMatchObject({ status: 503, json: { code: 'LANE_DRAINING' } });
  await laneway('lanes', 'resume', 'promotional');
  await expect(laneway('lanes', 'pause', 'express')).rejects.toThrow();
});

test('what retention took out of the store is asked for in SQL, beside the trail, by command and by door', {
  timeout: 180_000,
}, async () => {
  const id = await send('+12125550114');
  await reaches(id, 'sent');
  await server.close();
  aheadMs += 3 * DAY_MS;
  server = await start();
  await vi.waitFor(async () => expect((await ask(`/v1/messages/${id}`)).status).toBe(404), {
    timeout: 60_000,
    interval: 50,
  });
  const query = `select m.state, a.outcome, m.channel, e.n, a.at > m.accepted_at as later from archived_messages m join audit a on a.subject = m.id
    join (select message_id, count(*) as n from archived_events group by 1) e on e.message_id = m.id
    where m.id = '${id}' and a.kind = 'decision'`;
  expect(await laneway('audit', 'query', query)).toEqual([
    'state\toutcome\tchannel\tn\tlater',
    expect.stringMatching(/^sent\tsend\tsms\t[3-9]\ttrue$/),
  ]);
  const counted = await ask('/v1/audit/query', { query: 'select count(*) as n from archived_messages' });
  // Four messages were sent or discarded; whatever stood as a dead letter is gone with it.
  expect(counted).toMatchObject({ status: 200, json: { columns: ['n'], rows: [{ n: 4 }], more: false } });
  expect(await laneway('archive', 'select count(*) as n from archived_attempts')).toEqual(['{"n":5}']);
  for (const bad of [
    `select * from read_csv('/etc/passwd'), archived_messages`,
    'select * from archived_messages, duckdb_settings',
  ]) {
    expect(await ask('/v1/audit/query', { query: bad })).toMatchObject({
      json: { code: 'AUDIT_QUERY_REFUSED' },
    });
  }
  const file = join(home, 'api-key');
  for (const place of [file, `${home}/archive/messages/*/*.parquet`])
    expect(
      await ask('/v1/audit/query', { query: `select * from archived_messages, '${place}' as other` }),
    ).toMatchObject({ json: { code: 'AUDIT_QUERY_FAILED' } });
});

test('a consent file with 3 bad lines: those are listed with their line, the rest is in the ledger with its proof', async () => {
  const row = (n: number) => `+1202555${1000 + n},2026-01-02T03:04:05Z,sms,marketing,express,signature`;
  const lines = [
    'recipient,at,channel,purpose,level,evidence',
    ...Array.from({ length: 1_200 }, (_, n) => row(n)),
  ];
  lines[100] = '12,2026-01-02T03:04:05Z,sms,marketing,express,';
  lines[600] = '+12025552100,yesterday,sms,marketing,express,';
  lines[1_100] = '+12025552101,2026-01-02T03:04:05Z,sms';
  const file = join(home, 'consents.csv');
  writeFileSync(file, `${lines.join('\r\n')}\r\n`);
  const dry = await laneway('consent', 'import', file, '--dry-run');
  expect(dry.at(-1)).toBe('1200 rows, 3 bad; nothing was recorded');
  expect((await laneway('consent', 'list')).join()).not.toContain('+12025551000');
  const said = await laneway('consent', 'import', file, '--by', 'ann');
  expect(said.slice(0, 3).map((line) => line.slice(home.length + 1))).toEqual([
    expect.stringMatching(/^consents\.csv:101: recipient /),
    expect.stringMatching(/^consents\.csv:601: at /),
    expect.stringMatching(/^consents\.csv:1101: /),
  ]);
  expect(said[3]).toMatch(
    /^import-[0-9a-f]{16}: 1197 recorded, 0 recorded before, 3 bad \(SHA-256 .*[0-9a-f]{64}\)$/,
  );
  const [id] = said[3]!.split(':');
  const { imports } = (await ask('/v1/consent/imports')).json;
  expect(imports).toMatchObject([
    { id, fileName: 'consents.csv', importedBy: 'ann', recorded: 1_197, bad: 3 },
  ]);
  const shown = (await laneway('consent', 'show', '+12025552000')).join('');
  expect(JSON.parse(shown)).toMatchObject({
    state: [{ status: 'granted', method: 'import', evidence: ['signature'], imported: `${id}#1002` }],
  });
  const again = await laneway('consent', 'import', file, '--by', 'ann');
  expect(again[3]).toContain('0 recorded, 1197 recorded before, 3 bad');
  await expect(laneway('consent', 'import', file, '--max-bad', '0.001')).rejects.toMatchObject({
    code: 'TOO_MANY_BAD_ROWS',
  });
  const out = join(home, 'ledger.jsonl');
  await laneway('consent', 'export', '--out', out);
  const exported = readFileSync(out, 'utf8').trimEnd().split('\n');
  expect(exported.filter((line) => line.includes(`${id}#`))).toHaveLength(1_197);
});

test('a registry is loaded from a file, looked up, and an older copy is refused', async () => {
  const file = join(home, 'dnc.txt');
  writeFileSync(file, '+12025553000\n+12025553001\n');
  await laneway('registry', 'load', 'us-ndnc', file, '--as-of', '2026-07-01T00:00:00Z', '--source', 'FTC');
  expect((await laneway('registry', 'status')).join()).toMatch(
    /us-ndnc .* 2 .*as of 2026-07-01T00:00:00.*FTC/,
  );
  const answer = async (to: string) => JSON.parse((await laneway('registry', 'lookup', to)).join(''));
  expect(await answer('+12025553001')).toMatchObject({ answers: { 'us-ndnc': { listed: true } } });
  expect(await answer('+12025553002')).toMatchObject({ answers: { 'us-ndnc': { listed: false } } });
  await expect(
    laneway('registry', 'load', 'us-ndnc', file, '--as-of', '2026-06-01T00:00:00Z'),
  ).rejects.toMatchObject({ code: 'REGISTRY_OLDER' });
  writeFileSync(file, 'not a number\n');
  await expect(laneway('registry', 'load', 'us-ndnc', file)).rejects.toMatchObject({
    code: 'REGISTRY_FILE_INVALID',
  });
  const { rows } = (
    await ask('/v1/audit/query', {
      query: "select subject from audit where kind = 'admin' and subject like 'registries.%'",
    })
  ).json;
  expect(rows).toEqual([{ subject: 'registries.activate' }]);
});
