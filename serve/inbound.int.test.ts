import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createRegistry } from '../models/artifact/registry.ts';
import { createRandom } from '../models/base/random.ts';
import { openCompliance } from '../pipeline/compose.fixture.ts';
import { secretOf } from '../pipeline/deliver/secret.ts';
import { noPeer, type SmppPeer, startSmppPeer, textsOf } from '../pipeline/deliver/smpp/peer.fixture.ts';
import { createSmppProvider, SmppSpec } from '../pipeline/deliver/smpp/smpp.ts';
import { type MailServer, noMailServer, startMailServer } from '../pipeline/deliver/smtp/server.fixture.ts';
import { createSmtpProvider, SmtpSpec } from '../pipeline/deliver/smtp/smtp.ts';
import { loadConfig } from './config.ts';
import { type RunningServer, startServer } from './server.ts';
import { askServer } from './testing/ask.ts';
import { smallModel } from './testing/small-model.ts';

const missing = noPeer() ?? noMailServer();
const home = mkdtempSync(join(tmpdir(), 'laneway-inbound-'));
const PUBLIC = 'https://laneway.example.org/mail';
let peer: SmppPeer;
let mail: MailServer;
let server: RunningServer;

beforeAll(async () => {
  if (missing !== undefined) return;
  peer = await startSmppPeer();
  mail = await startMailServer();
  const registry = createRegistry(home);
  const model = await smallModel();
  registry.save(model);
  registry.promote(model.manifest.version);
  const clock = Date.now;
  const smpp = { kind: 'smpp', host: '127.0.0.1', port: peer.port, systemId: 'lw', password: { env: 'X' } };
  const smtp = { kind: 'smtp', host: '127.0.0.1', port: mail.port, security: 'none' };
  const unsubscribe = { hosted: `${PUBLIC}/`, secret: { env: 'LINKS' } };
  server = await startServer(loadConfig({ LANEWAY_HOME: home, PORT: '0' }), {
    log: pino({ level: 'silent' }),
    pipeline: {
      compliance: openCompliance(),
      providers: [
        createSmppProvider('carrier', SmppSpec.parse(smpp), {
          clock,
          random: createRandom(1),
          password: secretOf('hush'),
          report: () => undefined,
        }),
        createSmtpProvider('mail', SmtpSpec.parse({ ...smtp, unsubscribe }), {
          clock,
          secret: () => secretOf('of the links'),
        }),
      ],
    },
  });
}, 240_000);
afterAll(async () => {
  await server?.close();
  await peer?.stop();
  await mail?.stop();
  rmSync(home, { recursive: true, force: true });
}, 120_000);

const ask = (path: string, body?: unknown) => askServer(server, path, body);
const suppressions = async (
  recipient: string,
): Promise<{ reason: string; purpose: string; until?: string }[]> =>
  (await ask(`/v1/suppressions?recipient=${encodeURIComponent(recipient)}`)).json.entries;
const patiently = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 60_000, interval: 50 });

test.skipIf(missing !== undefined)(
  'a STOP that comes over SMPP is in the ledger, in force, and confirmed once over the same session',
  { timeout: 200_000 },
  async () => {
    const hex = Buffer.from('Stop please').toString('hex');
    for (let n = 0; n < 2; n++) await peer.order(`write 12125550123 12125550100 0 0 ${hex}`);
    await patiently(async () =>
      expect(await suppressions('+12125550123')).toMatchObject([{ purpose: 'marketing', channel: 'sms' }]),
    );
    const { json } = await ask(`/v1/consent?recipient=${encodeURIComponent('+12125550123')}`);
    expect(json.state).toMatchObject([{ status: 'revoked', channel: 'sms' }]);
    await patiently(async () => {
      await peer.order('spare 0');
      expect(textsOf(peer.submissions())).toHaveLength(1);
    });
    expect(peer.submissions()[0]!.fields.slice(1, 4)).toEqual(['12125550100', '1', '12125550123']);
    // A text from a name is acknowledged and reported; it stops nobody.
    await peer.order(`write INFO 12125550100 0 0 ${hex}`);
    await patiently(() => {
      const acknowledged = peer.log.filter(([kind]) => kind === 'acknowledged');
      expect(acknowledged).toEqual([
        ['acknowledged', '0'],
        ['acknowledged', '0'],
        ['acknowledged', '0'],
      ]);
    });
  },
);

test.skipIf(missing !== undefined)(
  'marketing mail is left by its own link: a page for people, one post for programs, a record in the ledger',
  { timeout: 200_000 },
  async () => {
    const sent = await ask('/v1/messages', {
      to: 'ann@example.org',
      from: 'news@shop.example',
      channel: 'email',
      subject: 'Sale',
      body: 'Big sale: 50% off everything this weekend, shop now!',
      category: 'marketing',
    });
    expect(sent.status).toBe(202);
    const letter = await patiently(async () => {
      const found = (await mail.arrived()).find(({ subject }) => subject === 'Sale');
      if (!found) throw new Error('the mail has not arrived');
      return found;
    });
    const [header] = letter.headers('list-unsubscribe');
    expect(letter.headers('list-unsubscribe-post')).toEqual(['List-Unsubscribe=One-Click']);
    const link = header!.replace(/\s/g, '').slice(1, -1);
    expect(link).toMatch(new RegExp(`^${PUBLIC}/u/mail/[A-Za-z0-9_-]{60,}$`));
    expect(link).not.toContain('ann');
    const path = server.url + link.slice(PUBLIC.length);

    const page = await fetch(path);
    const text = await page.text();
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toMatch(/^text\/html/);
    expect(text).toContain('a•••@example.org');
    expect(text).toContain('<form method="post">');
    expect(await suppressions('ann@example.org')).toEqual([]);

    const post = (to: string, body: string, type = 'application/x-www-form-urlencoded') =>
      fetch(to, { method: 'POST', body, headers: { 'Content-Type': type } });
    expect((await post(path, 'hello=1')).status).toBe(422);
    expect((await post(path, '{}', 'application/json')).status).toBe(422);
    const turned = `${path.slice(0, -3)}${path.endsWith('AAA') ? 'BBB' : 'AAA'}`;
    expect((await post(turned, 'List-Unsubscribe=One-Click')).status).toBe(404);
    expect((await fetch(turned)).status).toBe(404);
    expect(await suppressions('ann@example.org')).toEqual([]);

    for (let n = 0; n < 2; n++) expect((await post(path, 'List-Unsubscribe=One-Click')).status).toBe(200);
    expect(await suppressions('ann@example.org')).toMatchObject([
      { reason: 'unsubscribe', purpose: 'marketing', channel: 'email' },
    ]);
    const { json } = await ask('/v1/consent?recipient=ann%40example.org');
    expect(json.state).toMatchObject([{ status: 'revoked', channel: 'email', purpose: 'marketing' }]);

    // Who came back and clicks the old link again leaves again.
    const ended = await fetch(
      `${server.url}/v1/suppressions?recipient=ann%40example.org&reason=unsubscribe`,
      {
        method: 'DELETE',
        headers: { Authorization: `Bearer ${readFileSync(server.keyFile, 'utf8').trim()}` },
      },
    );
    expect(ended.status).toBe(200);
    const form = new FormData();
    form.set('List-Unsubscribe', 'One-Click');
    expect((await fetch(path, { method: 'POST', body: form })).status).toBe(200);
    const again = (await suppressions('ann@example.org')).filter(({ until }) => until === undefined);
    expect(again).toMatchObject([{ reason: 'unsubscribe' }]);
  },
);
