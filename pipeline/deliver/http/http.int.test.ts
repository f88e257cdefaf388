import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { describeProvider, type Fault } from '../contract.fixture.ts';
import type { DeliveryRequest, Provider } from '../provider.ts';
import { secretOf } from '../secret.ts';
import { createHttpProvider } from './http.ts';
import { genericSpec, twilioSpec } from './presets.ts';
import { type HttpPeer, type Reply, type Seen, startHttpPeer } from './server.fixture.ts';
import { CustomHttp, GenericHttp, type HttpSpec, TwilioHttp } from './spec.ts';

const NOW_MS = 1_790_000_000_000;
const KEY = Buffer.from('a webhook key of some length').toString('base64');
const secrets: Record<string, string> = { TOKEN: 'api-token', HOOK: `whsec_${KEY}` };
const open = (spec: HttpSpec): Provider =>
  createHttpProvider('carrier', spec, {
    clock: () => NOW_MS,
    secret: (ref) => secretOf(secrets['env' in ref ? ref.env : ''] ?? ''),
  });
const request: DeliveryRequest = {
  messageId: 'M1',
  tenant: 'acme',
  idempotencyKey: 'M1-1',
  channel: 'sms',
  lane: 'transactional',
  from: 'BANK',
  to: '+12125550123',
  subject: null,
  body: 'hello',
};
const json = (body: unknown, status = 200): Reply => ({ status, body: JSON.stringify(body) });
const generic = (url: string, more: object = {}) =>
  genericSpec(
    GenericHttp.parse({
      kind: 'http',
      preset: 'generic',
      channels: ['sms'],
      url: `${url}/messages`,
      token: { env: 'TOKEN' },
      receiptSecret: { env: 'HOOK' },
      ...more,
    }),
  );
const standardWebhook = (body: string, key = KEY, seconds = NOW_MS / 1_000) => ({
  url: 'https://laneway.example/v1/receipts/carrier',
  headers: {
    'content-type': 'application/json',
    'webhook-id': 'msg_1',
    'webhook-timestamp': String(seconds),
    'webhook-signature': `v1,bm90IHRoaXM= v1,${createHmac('sha256', Buffer.from(key, 'base64')).update(`msg_1.${seconds}.${body}`).digest('base64')}`,
  },
  body: Buffer.from(body),
});
const twilioSignature = (url: string, fields: Record<string, string>, token = 'api-token') =>
  createHmac('sha1', token)
    .update(
      url +
        Object.keys(fields)
          .sort()
          .map((name) => name + fields[name])
          .join(''),
    )
    .digest('base64');

/** A carrier with an API of the generic kind: it knows keys, and may be told to fail once. */
async function genericPeer(batchUrl: boolean) {
  let fault: Fault | undefined;
  const taken = new Map<string, { id: string; body: string }>();
  const take = ({ key, body }: { key: string; body: string }) => {
    const known = taken.get(key) ?? { id: `g-${taken.size + 1}`, body };
    taken.set(key, known);
    return { id: known.id };
  };
  const server = await startHttpPeer(({ path, body }) => {
    const met = fault;
    fault = undefined;
    if (met === 'busy')
      return json({ error: { code: 'unavailable', message: `no route to +12125550123` } }, 503);
    if (met === 'refuse') {
      return json({ error: { code: 'bad_number', message: 'the number +12125550123 is not valid' } }, 422);
    }
    if (met === 'lose') return 'cut';
    const content = JSON.parse(body) as { messages: { key: string; body: string }[] } & {
      key: string;
      body: string;
    };
    return path.endsWith('/batch') ? json({ results: content.messages.map(take) }) : json(take(content), 201);
  });
  const provider = open(generic(server.url, batchUrl ? { batchUrl: `${server.url}/messages/batch` } : {}));
  return {
    server,
    provider,
    request,
    received: () => [...taken.values()].map(({ body }) => body),
    provoke(next: Fault) {
      fault = next;
      return {};
    },
    async receipt(ref: string, status: string) {
      const reading = await provider.readWebhook!(
        standardWebhook(JSON.stringify({ receipts: [{ id: ref, status }] })),
      );
      return reading.kind === 'receipts' ? reading.receipts : [];
    },
    leave: () => server.stop(),
    close: () => server.stop(),
  };
}

describeProvider('http, generic preset', () => genericPeer(false));
describeProvider('http, generic preset with bulk calls', () => genericPeer(true));

describeProvider('http, twilio preset', async () => {
  let fault: Fault | undefined;
  const bodies: string[] = [];
  const server = await startHttpPeer(({ body }) => {
    const met = fault;
    fault = undefined;
    if (met === 'busy') return json({ code: 20429, message: 'Too Many Requests', status: 429 }, 429);
    if (met === 'refuse')
      return json({ code: 21211, message: "The 'To' number +12125550123 is not valid" }, 400);
    if (met === 'lose') return 'cut';
    bodies.push(new URLSearchParams(body).get('Body') ?? '');
    return json({ sid: `SM${bodies.length}`, status: 'queued' }, 201);
  });
  const callback = 'https://laneway.example/v1/receipts/carrier';
  const provider = open(
    twilioSpec(
      TwilioHttp.parse({
        kind: 'http',
        preset: 'twilio',
        account: 'AC42',
        token: { env: 'TOKEN' },
        baseUrl: server.url,
        statusCallback: callback,
      }),
    ),
  );
  return {
    provider,
    request,
    received: () => bodies,
    provoke(next) {
      fault = next;
      return {};
    },
    async receipt(ref, status) {
      const fields = { MessageSid: ref, MessageStatus: status, To: '+12125550123' };
      const reading = await provider.readWebhook!({
        // Behind a proxy Laneway sees another address; the signature is over the public one.
        url: 'http://127.0.0.1:8787/v1/receipts/carrier',
        headers: {
          'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
          'x-twilio-signature': twilioSignature(callback, fields),
        },
        body: Buffer.from(new URLSearchParams(fields).toString()),
      });
      return reading.kind === 'receipts' ? reading.receipts : [];
    },
    leave: () => server.stop(),
    close: () => server.stop(),
  };
});

describe('an HTTP carrier', () => {
  let server: HttpPeer;
  let provider: Provider;
  const start = async (reply: (request: Seen) => Reply, make: (url: string) => HttpSpec = generic) => {
    server = await startHttpPeer(reply);
    provider = open(make(server.url));
  };
  afterEach(async () => {
    await provider.close();
    await server.stop();
  });

  test('is asked with key, class and bearer token', async () => {
    await start(() => json({ id: 'x' }));
    expect(await provider.deliver([request])).toEqual([{ kind: 'taken', providerRef: 'x' }]);
    expect(server.seen[0]!.headers).toMatchObject({
      authorization: 'Bearer api-token',
      'idempotency-key': 'M1-1',
    });
    expect(JSON.parse(server.seen[0]!.body)).toMatchObject({
      key: 'M1-1',
      class: 'transactional',
      to: '+12125550123',
    });
  });

  test.each([
    [
      { status: 200, body: '<html>All fine</html>' },
      { kind: 'ambiguous', code: 'BAD_ANSWER' },
    ],
    [
      { status: 200, body: '' },
      { kind: 'ambiguous', code: 'BAD_ANSWER' },
    ],
    [
      { status: 200, body: '{"ok":true}' },
      { kind: 'ambiguous', code: 'BAD_ANSWER' },
    ],
    [
      { status: 200, body: '[1,2' },
      { kind: 'ambiguous', code: 'BAD_ANSWER' },
    ],
    [
      { status: 200, body: '{"error":{"code":"busy"}}' },
      { kind: 'retry', code: 'busy' },
    ],
    [
      { status: 200, body: '{"error":{"code":"spam"}}' },
      { kind: 'refused', code: 'spam' },
    ],
    [
      { status: 400, body: 'no such number' },
      { kind: 'refused', code: 'HTTP_400' },
    ],
    [
      { status: 401, body: '{}' },
      { kind: 'retry', code: 'HTTP_401' },
    ],
    [
      { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' },
      { kind: 'retry', code: 'HTTP_302' },
    ],
    [
      { status: 500, body: 'oops' },
      { kind: 'ambiguous', code: 'HTTP_500' },
    ],
    [
      { status: 504, body: '' },
      { kind: 'ambiguous', code: 'HTTP_504' },
    ],
    [
      { status: 503, headers: { 'retry-after': '7' }, body: '' },
      { kind: 'retry', retryAfterMs: 7_000 },
    ],
    [
      { status: 429, headers: { 'retry-after': new Date(NOW_MS + 9_000).toUTCString() }, body: '' },
      { kind: 'retry', cause: 'rate', retryAfterMs: 9_000 },
    ],
    [
      { status: 429, headers: { 'retry-after': 'soon' }, body: '' },
      { kind: 'retry', cause: 'rate' },
    ],
  ] as const)('the answer %j means %j', async (answer, outcome) => {
    await start(() => answer);
    expect((await provider.deliver([request]))[0]).toMatchObject(outcome);
  });

  test('an answer that does not come in time may have been a yes', async () => {
    await start(
      () => 'silence',
      (url) => generic(url, { timeoutMs: 150 }),
    );
    expect(await provider.deliver([request])).toMatchObject([{ kind: 'ambiguous', code: 'TIMEOUT' }]);
  });

  test('an endless answer is not read to its end', async () => {
    await start(() => ({ status: 200, body: `{"id":"${'x'.repeat(2_000_000)}"}` }));
    expect(await provider.deliver([request])).toMatchObject([{ kind: 'ambiguous', code: 'BAD_ANSWER' }]);
  });

  test('a bulk call has an outcome for each; a missing one is open, a refused call is asked singly', async () => {
    let refuse = false;
    await start(
      ({ path, body }) => {
        if (!path.endsWith('/batch'))
          return json({ id: `single-${(JSON.parse(body) as { key: string }).key}` });
        return refuse
          ? json({ error: { code: 'too_many' } }, 413)
          : json({
              results: [{ id: 'b1' }, { error: { code: 'bad', message: 'no' } }, { error: { code: 'busy' } }],
            });
      },
      (url) => generic(url, { batchUrl: `${url}/messages/batch` }),
    );
    const four = Array.from({ length: 4 }, (_, i) => ({ ...request, idempotencyKey: `k${i}` }));
    expect(await provider.deliver(four)).toMatchObject([
      { kind: 'taken', providerRef: 'b1' },
      { kind: 'refused', code: 'bad' },
      { kind: 'retry', code: 'busy' },
      { kind: 'ambiguous', code: 'BAD_ANSWER' },
    ]);
    refuse = true;
    expect(await provider.deliver(four)).toMatchObject(four.map((_, i) => ({ providerRef: `single-k${i}` })));
  });

  test('a value never leaves its place in a template, whatever it holds', async () => {
    await start(
      () => json({ message: { ref: 7 } }),
      (url) =>
        CustomHttp.parse({
          kind: 'http',
          preset: 'custom',
          channels: ['sms'],
          request: {
            url: `${url}/send/{{toDigits}}?from={{from}}`,
            headers: { 'X-Text': '{{body}}' },
            auth: { kind: 'header', name: 'X-Api-Key', value: { env: 'TOKEN' } },
            json: { to: ['{{to}}'], text: 'Dear: {{body}}', flash: false },
          },
          answer: { ref: '/message/ref' },
        }),
    );
    const body = '"},"to":"evil\r\nX-Evil: 1';
    expect(await provider.deliver([{ ...request, from: 'A&b=c/..', body }])).toEqual([
      { kind: 'taken', providerRef: '7' },
    ]);
    const [seen] = server.seen;
    expect(seen!.path).toBe('/send/12125550123?from=A%26b%3Dc%2F..');
    expect(JSON.parse(seen!.body)).toEqual({ to: ['+12125550123'], text: `Dear: ${body}`, flash: false });
    expect(seen!.headers).toMatchObject({ 'x-api-key': 'api-token', 'x-text': '"},"to":"evilX-Evil: 1' });
    expect(seen!.headers['x-evil']).toBeUndefined();
  });

  test('receipts: forged, stale, foreign and malformed ones are told apart', async () => {
    await start(() => json({ id: 'x' }));
    const read = (call: ReturnType<typeof standardWebhook>) => provider.readWebhook!(call);
    const body = JSON.stringify({
      receipts: [
        { id: 'a', status: 'delivered', at: '2026-09-21T14:13:20Z' },
        { id: 'b', status: 'queued' },
        { id: 'c', status: 'failed', reason: 'number +12125550123 unknown' },
      ],
    });
    expect(await read(standardWebhook(body))).toEqual({
      kind: 'receipts',
      ignored: 1,
      receipts: [
        { providerRef: 'a', status: 'delivered', atMs: Date.parse('2026-09-21T14:13:20Z') },
        { providerRef: 'c', status: 'undelivered', atMs: NOW_MS, detail: 'number [number] unknown' },
      ],
    });
    const good = standardWebhook(body);
    expect(await read({ ...good, body: Buffer.from(body.replace('failed', 'delivered')) })).toMatchObject({
      kind: 'forged',
    });
    expect(await read(standardWebhook(body, Buffer.from('another').toString('base64')))).toMatchObject({
      kind: 'forged',
    });
    expect(await read(standardWebhook(body, KEY, NOW_MS / 1_000 - 301))).toMatchObject({ kind: 'forged' });
    const { 'webhook-signature': _, ...unsigned } = good.headers;
    expect(await read({ ...good, headers: unsigned as typeof good.headers })).toMatchObject({
      kind: 'forged',
    });
    expect(await read(standardWebhook('not JSON'))).toMatchObject({ kind: 'malformed' });
    expect(await read(standardWebhook('{"receipts":[{"status":"delivered"}]}'))).toMatchObject({
      kind: 'malformed',
    });
    expect(await read(standardWebhook('{"receipts":{}}'))).toMatchObject({ kind: 'malformed' });
  });
});
