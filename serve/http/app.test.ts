import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LanewayError } from '../../models/base/errors.ts';
import { problemIn, TEST_KEY, testApp } from '../testing/app.ts';
import { MAX_BODY_BYTES } from './body.ts';

const sms = { to: '+12125550123', from: 'BANK', channel: 'sms', body: 'Your code is 482913' };
const bytes = (...values: number[]) => new Uint8Array(values);

describe('bodies that are no request', () => {
  const { ask, pipeline } = testApp();
  const cases: [string, string | Uint8Array<ArrayBuffer> | undefined, number, string][] = [
    ['nothing', undefined, 400, 'EMPTY_BODY'],
    ['an empty body', '', 400, 'EMPTY_BODY'],
    ['white space', ' \n\t', 400, 'EMPTY_BODY'],
    ['not JSON', '{"text": "hi"', 400, 'INVALID_JSON'],
    ['not JSON at all', 'text=hello', 400, 'INVALID_JSON'],
    ['a trailing comma', '{"text": "hi",}', 400, 'INVALID_JSON'],
    ['bytes that are not UTF-8', bytes(0x22, 0xff, 0xfe, 0x22), 400, 'INVALID_UTF8'],
    ['a UTF-8 encoded surrogate', bytes(0x22, 0xed, 0xa0, 0x80, 0x22), 400, 'INVALID_UTF8'],
    ['100,000 nested lists', '['.repeat(100_000) + ']'.repeat(100_000), 400, 'JSON_TOO_DEEP'],
    ['33 levels', '['.repeat(33) + ']'.repeat(33), 400, 'JSON_TOO_DEEP'],
    ['one byte over the limit', ' '.repeat(MAX_BODY_BYTES + 1), 413, 'BODY_TOO_LARGE'],
    ['null', 'null', 422, 'INVALID_REQUEST'],
    ['a list', '[]', 422, 'INVALID_REQUEST'],
    ['a number', '7', 422, 'INVALID_REQUEST'],
  ];
  test.each(cases)('%s', async (_name, body, status, code) => {
    for (const path of [
      '/v1/classify',
      '/v1/classify/batch',
      '/v1/messages/batch',
      '/v1/consent',
      '/v1/suppressions',
      '/v1/dead-letters/redrive',
    ]) {
      const problem = await problemIn(await ask('POST', path, body));
      expect(problem, path).toMatchObject({ status, code });
      expect(problem.detail).not.toMatch(/\bat .*\.ts/);
    }
    expect(pipeline.seen).toEqual({ classified: 0, accepted: 0 });
  });

  test('a body that says nothing of its length is cut off at the limit', async () => {
    const { app } = testApp();
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 65_536;
        controller.enqueue(new Uint8Array(65_536).fill(32));
      },
    });
    const request = new Request('http://x/v1/classify', {
      method: 'POST',
      headers: { Authorization: `Bearer ${TEST_KEY}`, 'Content-Type': 'application/json' },
      body: endless,
      duplex: 'half',
    } as RequestInit);
    expect(await problemIn(await app.request(request))).toMatchObject({
      status: 413,
      code: 'BODY_TOO_LARGE',
    });
    expect(sent).toBeLessThan(2 * MAX_BODY_BYTES);
  });

  test('a body at the limit is read', async () => {
    const body = JSON.stringify({ text: 'hi' }).padEnd(MAX_BODY_BYTES);
    expect((await ask('POST', '/v1/classify', body)).status).toBe(200);
  });

  test('says where the JSON breaks', async () => {
    const problem = await problemIn(
      await ask('POST', '/v1/classify', '{\n  "text": "a"\n  "sender": "b"\n}'),
    );
    expect(problem.detail).toContain('line 3, column 3');
  });

  test('another content type is refused', async () => {
    const response = await ask('POST', '/v1/classify', '{"text":"hi"}', { 'Content-Type': 'text/plain' });
    expect(await problemIn(response)).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });
});

describe('fields that are wrong are named', () => {
  const { post } = testApp();
  const classify: [string, object, string, string][] = [
    ['no text', {}, '/text', 'MISSING'],
    ['a text that is a number', { text: 7 }, '/text', 'INVALID_TYPE'],
    ['an empty text', { text: '' }, '/text', 'EMPTY'],
    ['a blank text', { text: ' \n ' }, '/text', 'EMPTY'],
    ['a long text', { text: 'a'.repeat(262_145) }, '/text', 'TOO_LONG'],
    ['a lone surrogate', { text: 'hi \ud83d' }, '/text', 'LONE_SURROGATE'],
    ['a NUL', { text: 'hi\u0000' }, '/text', 'CONTROL_CHARACTER'],
    ['an escape', { text: '\u001b[2J' }, '/text', 'CONTROL_CHARACTER'],
    ['an unknown channel', { text: 'hi', channel: 'pigeon' }, '/channel', 'UNKNOWN_CHANNEL'],
    ['an invalid phone', { text: 'hi', recipient: '+1999', channel: 'sms' }, '/recipient', 'INVALID_PHONE'],
    ['an invalid e-mail', { text: 'hi', recipient: 'a@b' }, '/recipient', 'INVALID_EMAIL'],
    ['a time without offset', { text: 'hi', sentAt: '2026-07-15T16:00:00' }, '/sentAt', 'INVALID_VALUE'],
    ['an unknown field', { text: 'hi', 'a/b~c': 1 }, '/a~1b~0c', 'UNKNOWN_FIELD'],
  ];
  test.each(classify)('classify: %s', async (_name, body, field, code) => {
    const problem = await problemIn(await post('/v1/classify', body));
    expect(problem).toMatchObject({ status: 422, code: 'INVALID_REQUEST' });
    expect(problem.errors).toContainEqual(expect.objectContaining({ field, code }));
  });

  const messages: [string, object, string, string][] = [
    ['wrong type', { ...sms, body: ['x'] }, '/body', 'INVALID_TYPE'],
    ['unknown channel', { ...sms, channel: 'fax' }, '/channel', 'UNKNOWN_CHANNEL'],
    ['invalid phone', { ...sms, to: '12125550123' }, '/to', 'INVALID_PHONE'],
    [
      'invalid e-mail',
      { ...sms, channel: 'email', from: 'a@example.org', to: 'nobody' },
      '/to',
      'INVALID_EMAIL',
    ],
    ['unknown field', { ...sms, colour: 'red' }, '/colour', 'UNKNOWN_FIELD'],
    ['lone surrogate', { ...sms, body: 'x\udc00' }, '/body', 'LONE_SURROGATE'],
    ['control character', { ...sms, body: 'x\u0007' }, '/body', 'CONTROL_CHARACTER'],
    ['empty body', { ...sms, body: '' }, '/body', 'EMPTY'],
    ['sendAt in the past', { ...sms, sendAt: '2020-01-01T00:00:00Z' }, '/sendAt', 'SEND_AT_IN_PAST'],
  ];
  test.each(messages)('messages: %s', async (_name, body, field, code) => {
    const problem = await problemIn(await post('/v1/messages', body));
    expect(problem).toMatchObject({ status: 422, code: 'INVALID_MESSAGE' });
    expect(problem.errors).toContainEqual(expect.objectContaining({ field, code }));
  });

  test('consent: level of a revocation, a future instant, an address nobody can have', async () => {
    const consent = { recipient: '+12125550123', kind: 'granted', channel: 'sms' };
    const wrong: [object, string, string][] = [
      [{ ...consent, kind: 'revoked', level: 'express' }, '/level', 'INVALID_VALUE'],
      [{ ...consent, at: '2027-01-01T00:00:00Z' }, '/at', 'IN_FUTURE'],
      [{ ...consent, recipient: '+1' }, '/recipient', 'INVALID_PHONE'],
      [{ ...consent, kind: 'maybe' }, '/kind', 'INVALID_VALUE'],
      [{ ...consent, recipient: '+1212555\u00000123' }, '/recipient', 'CONTROL_CHARACTER'],
    ];
    for (const [body, field, code] of wrong) {
      const problem = await problemIn(await post('/v1/consent', body));
      expect(problem.errors).toContainEqual(expect.objectContaining({ field, code }));
    }
  });
});

describe('batches', () => {
  test('a bad item is named, the others are answered in their place', async () => {
    const { post } = testApp();
    const response = await post('/v1/classify/batch', {
      messages: [{ text: 'a' }, { text: 7 }, null, { text: 'ccc' }],
    });
    expect(response.status).toBe(200);
    const { results } = (await response.json()) as {
      results: { fingerprint?: string; error?: { code: string } }[];
    };
    expect(results.map((one) => one.error?.code ?? Number(one.fingerprint))).toEqual([
      1,
      'INVALID_REQUEST',
      'INVALID_REQUEST',
      3,
    ]);
  });

  test('messages: accepted and rejected are counted, each in its place', async () => {
    const { post } = testApp();
    const response = await post('/v1/messages/batch', { messages: [sms, { ...sms, to: '1' }, 'hello', sms] });
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({
      accepted: 2,
      rejected: 2,
      results: [
        { id: 'm1' },
        { error: { code: 'INVALID_MESSAGE', errors: [{ field: '/to', code: 'INVALID_PHONE' }] } },
        { error: { code: 'INVALID_MESSAGE' } },
        { id: 'm2' },
      ],
    });
  });

  test('none, 1,000 and 1,001', async () => {
    const { post, pipeline } = testApp();
    const of = (n: number) => ({ messages: Array.from({ length: n }, () => ({ text: 'x' })) });
    expect(await problemIn(await post('/v1/classify/batch', of(0)))).toMatchObject({
      status: 422,
      errors: [{ field: '/messages', code: 'EMPTY' }],
    });
    expect((await post('/v1/classify/batch', of(1_000))).status).toBe(200);
    for (const path of ['/v1/classify/batch', '/v1/messages/batch']) {
      expect(await problemIn(await post(path, of(1_001)))).toMatchObject({
        status: 422,
        code: 'BATCH_TOO_LARGE',
        errors: [{ field: '/messages', code: 'TOO_MANY' }],
      });
    }
    expect(pipeline.seen).toEqual({ classified: 1_000, accepted: 0 });
  });
});

describe('the key', () => {
  const { app } = testApp();
  const wrong: [string, string | undefined][] = [
    ['missing', undefined],
    ['empty', ''],
    ['another', `Bearer lw_${'x'.repeat(43)}`],
    ['a prefix of it', `Bearer ${TEST_KEY.slice(0, -1)}`],
    ['more than it', `Bearer ${TEST_KEY}k`],
    ['by another scheme', `Basic ${TEST_KEY}`],
    ['bare', TEST_KEY],
  ];
  test.each(wrong)('%s', async (_name, authorization) => {
    for (const [method, path] of [
      ['POST', '/v1/messages'],
      ['GET', '/v1/messages/x'],
      ['GET', '/v1/nowhere'],
    ] as const) {
      const response = await app.request(path, {
        method,
        headers: authorization === undefined ? {} : { authorization },
      });
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="laneway"');
      expect(await problemIn(response)).toMatchObject({ status: 401, code: 'UNAUTHORIZED' });
    }
  });

  test('is not asked for where nothing is given away', async () => {
    for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/docs']) {
      expect((await app.request(path)).status, path).toBe(200);
    }
  });
});

describe('what is not there', () => {
  const { ask } = testApp();
  test('unknown ids and paths', async () => {
    for (const path of ['/v1/messages/nope', '/v1/decisions/nope', '/v1/nope', '/nope', '/']) {
      expect(await problemIn(await ask('GET', path)), path).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
  });
  test('other methods are told which there are', async () => {
    for (const [method, path, allow] of [
      ['GET', '/v1/messages', 'POST'],
      ['PUT', '/v1/suppressions', 'POST, GET, DELETE'],
      ['DELETE', '/v1/messages/x', 'GET'],
      ['POST', '/docs', 'GET'],
    ] as const) {
      const response = await ask(method, path);
      expect(response.headers.get('allow')).toBe(allow);
      expect(await problemIn(response)).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    }
  });
  test('queries are checked', async () => {
    for (const path of [
      '/v1/dead-letters?limit=0',
      '/v1/dead-letters?limit=x',
      '/v1/dead-letters?colour=red',
      '/v1/consent',
    ]) {
      expect(await problemIn(await ask('GET', path)), path).toMatchObject({
        status: 400,
        code: 'INVALID_QUERY',
      });
    }
  });
});

describe('faults of Laneway itself', () => {
  test('say nothing of their inside, and are told to the log under the request id', async () => {
    const { pipeline } = testApp();
    const { post, faults } = testApp({
      pipeline: {
        ...pipeline,
        classify: () => Promise.reject(new Error('secret: row (+12125550123)')),
        accept: () =>
          Promise.reject(
            new LanewayError('STORE_UNAVAILABLE', 'no space for (+12125550123)', { fix: 'Free disk space.' }),
          ),
      },
    });
    const internal = await post('/v1/classify', { text: 'hi' }, { 'X-Request-Id': 'abc-1' });
    const problem = await problemIn(internal);
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', requestId: 'abc-1' });
    expect(internal.headers.get('x-request-id')).toBe('abc-1');
    const store = await post('/v1/messages', sms);
    expect(store.headers.get('retry-after')).toBe('1');
    const stored = await problemIn(store);
    expect(stored).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE', fix: 'Free disk space.' });
    expect(JSON.stringify([problem, stored])).not.toMatch(/secret|2125550123|stack|\.ts/);
    expect(faults).toHaveLength(2);
  });

  test('while starting and stopping nothing is taken, but health is told', async () => {
    for (const [phase, code] of [
      ['starting', 'STARTING'],
      ['stopping', 'SHUTTING_DOWN'],
    ] as const) {
      const { post, ask, pipeline } = testApp({ phase: () => phase });
      expect(await problemIn(await post('/v1/messages', sms))).toMatchObject({ status: 503, code });
      expect((await ask('GET', '/healthz')).status).toBe(200);
      expect(pipeline.seen.accepted).toBe(0);
    }
  });
});

describe('answers', () => {
  test('where and when only count with a place that is certain', async () => {
    const { post } = testApp();
    const hourOf = async (body: object) =>
      ((await (await post('/v1/classify', { text: 'hi', ...body })).json()) as { probability: number })
        .probability * 100;
    const sentAt = '2026-07-15T16:30:00Z';
    expect(await hourOf({ recipient: '+442079460123', sentAt })).toBeCloseTo(17);
    expect(await hourOf({ recipient: '+442079460123' })).toBe(0);
    expect(await hourOf({ recipient: 'someone@example.org', sentAt })).toBe(0);
  });

  test('where reasons stand in the text is said on request alone', async () => {
    const { post } = testApp();
    const plain = (await (await post('/v1/classify', { text: 'Big sale' })).json()) as object;
    expect(plain).not.toHaveProperty('spans');
    const explained = await (await post('/v1/classify', { text: 'Big sale', explain: true })).json();
    expect(explained).toMatchObject({
      reasons: [{ feature: 'word:sale' }],
      spans: [{ start: 4, end: 8, contribution: 0.25, features: ['word:sale'] }],
    });
    const batch = await post('/v1/classify/batch', {
      messages: [{ text: 'sale', explain: true }, { text: 'sale' }],
    });
    const { results } = (await batch.json()) as { results: object[] };
    expect(results[0]).toMatchObject({ spans: [{ start: 0, end: 4 }] });
    expect(results[1]).not.toHaveProperty('spans');
  });

  test('a message is answered with its place', async () => {
    const { post } = testApp();
    const response = await post('/v1/messages', sms);
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/v1/messages/m1');
    expect(await response.json()).toEqual({ id: 'm1', state: 'accepted', repeated: false });
  });

  test('consent is recorded under the address that messages have, and read back by a number with a bare +', async () => {
    const { post, ask } = testApp();
    const recorded = await post('/v1/consent', {
      recipient: '+1 (212) 555-0123',
      channel: 'sms',
      kind: 'granted',
      level: 'express-written',
    });
    expect(recorded.status).toBe(201);
    expect(await recorded.json()).toMatchObject({
      recipient: '+12125550123',
      eventId: 'event-1',
      state: [
        {
          channel: 'sms',
          purpose: 'marketing',
          status: 'granted',
          level: 'express-written',
          since: '2026-07-15T16:00:00.000Z',
        },
      ],
    });
    const read = await ask('GET', '/v1/consent?recipient=+12125550123');
    expect(await read.json()).toMatchObject({ recipient: '+12125550123', state: [{ status: 'granted' }] });
  });

  test('a suppression that is ended stays on record; ending it twice is told', async () => {
    const { post, ask } = testApp();
    await post('/v1/suppressions', { recipient: '+12125550123', purpose: 'marketing' });
    await post('/v1/suppressions', { recipient: '+12125550123', purpose: 'all', reason: 'complaint' });
    const path = '/v1/suppressions?recipient=%2B12125550123&purpose=marketing';
    const ended = await ask('DELETE', path);
    expect(await ended.json()).toMatchObject({
      ended: 1,
      entries: [
        { purpose: 'marketing', until: '2026-07-15T16:00:00.000Z' },
        { purpose: 'all', reason: 'complaint' },
      ],
    });
    expect((await problemIn(await ask('DELETE', path))).status).toBe(404);
  });

  test('metrics tell queues, cache tiers, states and latency, and no path that a client made up', async () => {
    const { post, ask } = testApp();
    await post('/v1/classify', { text: 'hi' });
    await ask('GET', '/v1/messages/some-id');
    await ask('GET', '/made-up');
    const text = await (await ask('GET', '/metrics')).text();
    for (const line of [
      'laneway_queue_jobs{queue="transactional-0",state="waiting"} 3',
      'laneway_cache_answers_total{tier="l1"} 5',
      'laneway_cache_answers_total{tier="l2"} 4',
      'laneway_messages{lane="promotional",state="queued"} 7',
      'laneway_classify_seconds_count{stage="lexical"} 1',
      'laneway_http_request_seconds_count{method="GET",route="/v1/messages/{id}",status="404"} 1',
      'laneway_http_request_seconds_count{method="GET",route="other",status="404"} 1',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).not.toMatch(/some-id|made-up/);
  });

  test('the log has no body, no key, no query and no link that stands for a person', async () => {
    const { post, ask, lines } = testApp();
    await post('/v1/messages', sms);
    await ask('GET', '/v1/consent?recipient=%2B12125550123');
    await ask('GET', '/u/mail/sealed-token');
    await ask('POST', '/u/mail/sealed-token/and-more');
    expect(lines).toMatchObject([
      { method: 'POST', path: '/v1/messages', status: 202 },
      { path: '/v1/consent', status: 200 },
      { method: 'GET', path: '/u/{provider}/{token}', status: 404 },
      { method: 'POST', path: '/u/{provider}/{token}', status: 404 },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/482913|2125550123|lw_|sealed-token/);
  });

  test('the reference names every operation and asks no other host', async () => {
    const { ask } = testApp();
    const document = (await (await ask('GET', '/openapi.json')).json()) as {
      openapi: string;
      paths: Record<string, Record<string, { security?: unknown[]; responses: Record<string, unknown> }>>;
    };
    expect(document.openapi).toBe('3.1.0');
    expect(Object.keys(document.paths).sort()).toEqual([
      '/healthz',
      '/metrics',
      '/readyz',
      '/u/{provider}/{token}',
      '/v1/audit/checkpoints',
      '/v1/audit/export',
      '/v1/audit/query',
      '/v1/audit/replay',
      '/v1/audit/verify',
      '/v1/audit/violations',
      '/v1/classify',
      '/v1/classify/batch',
      '/v1/classify/stream',
      '/v1/consent',
      '/v1/consent/events',
      '/v1/consent/imports',
      '/v1/consent/imports/{id}/finish',
      '/v1/consent/imports/{id}/rows',
      '/v1/dead-letters',
      '/v1/dead-letters/discard',
      '/v1/dead-letters/receive',
      '/v1/dead-letters/redrive',
      '/v1/dead-letters/{id}',
      '/v1/decide',
      '/v1/decisions/{id}',
      '/v1/denylist',
      '/v1/denylist/{id}',
      '/v1/erasures',
      '/v1/facts',
      '/v1/feedback',
      '/v1/feedback/candidates',
      '/v1/inbound',
      '/v1/lanes',
      '/v1/lanes/{lane}',
      '/v1/messages',
      '/v1/messages/batch',
      '/v1/messages/{id}',
      '/v1/models',
      '/v1/models/disagreements',
      '/v1/models/drift',
      '/v1/receipts/{provider}',
      '/v1/recipients/{recipient}/facts',
      '/v1/registries',
      '/v1/registries/lookup',
      '/v1/registries/{name}/activate',
      '/v1/registries/{name}/entries',
      '/v1/registries/{name}/http',
      '/v1/rules',
      '/v1/rules/diff',
      '/v1/rules/orders',
      '/v1/rules/rollback',
      '/v1/rules/shadow',
      '/v1/rules/versions',
      '/v1/senders/{id}/facts',
      '/v1/suppressions',
    ]);
    expect(document.paths['/v1/messages']!['post']).toMatchObject({
      security: [{ apiKey: [] }],
      responses: { 202: {}, 401: {}, 409: {}, 413: {}, 422: {} },
      requestBody: {
        content: {
          'application/json': {
            schema: { additionalProperties: false, required: ['to', 'from', 'channel', 'body'] },
          },
        },
      },
    });
    const page = await (await ask('GET', '/docs')).text();
    for (const path of Object.keys(document.paths)) expect(page).toContain(path);
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\/|<script/);
  });
});

test('whatever JSON comes, the answer is an answer or a problem, never a fault', async () => {
  const { post, faults } = testApp();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        '/v1/classify',
        '/v1/classify/batch',
        '/v1/messages',
        '/v1/messages/batch',
        '/v1/consent',
        '/v1/suppressions',
      ),
      fc.oneof(
        fc.jsonValue(),
        fc.record(
          {
            text: fc.jsonValue(),
            messages: fc.array(fc.jsonValue(), { maxLength: 3 }),
            recipient: fc.jsonValue(),
          },
          { requiredKeys: [] },
        ),
        fc.record({
          messages: fc.array(
            fc.record({
              ...Object.fromEntries(Object.keys(sms).map((key) => [key, fc.jsonValue()])),
              metadata: fc.jsonValue(),
            }),
            { maxLength: 2 },
          ),
        }),
      ),
      async (path, value) => {
        const response = await post(path, value);
        expect(response.status).toBeLessThan(500);
        if (response.status >= 400) await problemIn(response);
      },
    ),
    { numRuns: 400, seed: 7 },
  );
  expect(faults).toEqual([]);
});
