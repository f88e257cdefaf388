import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askHttpRegistry, HttpRegistrySettings } from './http-registry.ts';

const NOW = Date.parse('2026-07-15T16:00:00Z');
const [LISTED, FREE] = ['+12125550123', '+12125550124'];
type Answerer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A registry on this machine that behaves as each test says. */
describe('a registry over HTTP', () => {
  let answer: Answerer;
  let url: string;
  const asked: { authorization: string | undefined; recipients: string[] }[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    const { recipients } = JSON.parse(body) as { recipients: string[] };
    asked.push({ authorization: request.headers.authorization, recipients });
    answer(request, response, body);
  });
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/lookup`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const says = (value: unknown, status = 200): void => {
    answer = (_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(typeof value === 'string' ? value : JSON.stringify(value));
    };
  };
  const ask = (more: object = {}, env: NodeJS.ProcessEnv = {}) =>
    askHttpRegistry('dnc', HttpRegistrySettings.parse({ url, ...more }), [LISTED, FREE], NOW, env);
  const failure = async (more: object = {}, env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const error = await ask(more, env).then(
      () => undefined,
      (failed: unknown) => failed as Error & { code: string },
    );
    expect(error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(error!.message).not.toContain('2125550');
    return error!.message;
  };

  test('answers with its dates; what it leaves out has no answer, what nobody asked for is dropped', async () => {
    says({
      answers: [
        {
          recipient: LISTED,
          listed: true,
          listedSince: '2026-01-02T00:00:00Z',
          asOf: '2026-07-14T00:00:00Z',
        },
        { recipient: '+12125559999', listed: true },
      ],
    });
    const answers = await ask({ tokenEnv: 'LANEWAY_REGISTRY_DNC' }, { LANEWAY_REGISTRY_DNC: 'secret' });
    expect([...answers]).toEqual([
      [
        LISTED,
        {
          listed: true,
          listedSinceMs: Date.parse('2026-01-02T00:00:00Z'),
          asOfMs: Date.parse('2026-07-14T00:00:00Z'),
          checkedAtMs: NOW,
        },
      ],
    ]);
    expect(asked.at(-1)).toEqual({ authorization: 'Bearer secret', recipients: [LISTED, FREE] });
  });

  test('a silent one, and one that begins and never ends, are given up in time', async () => {
    answer = () => undefined;
    expect(await failure({ timeoutMs: 60 })).toContain('nothing within 60 ms');
    answer = (_, response) => {
      response.writeHead(200);
      response.write('{"answers":[');
    };
    expect(await failure({ timeoutMs: 60 })).toContain('nothing within 60 ms');
  });

  test('a slow one is waited for', async () => {
    answer = (_, response) => {
      setTimeout(() => response.end(JSON.stringify({ answers: [{ recipient: FREE, listed: false }] })), 80);
    };
    expect((await ask({ timeoutMs: 20_000 })).get(FREE)).toMatchObject({ listed: false });
  });

  test.each<[string, unknown, number, string]>([
    ['a fault', { answers: [] }, 503, 'it answered 503'],
    ['no JSON', '<html>', 200, 'not of the form'],
    ['another form', { listed: true }, 200, 'not of the form'],
    ['a word for yes', { answers: [{ recipient: LISTED, listed: 'no' }] }, 200, 'not of the form'],
    ['a date that is none', { answers: [{ recipient: LISTED, listed: true, asOf: 'May' }] }, 200, 'not of'],
    ['too much', `{"answers":[],"more":"${'x'.repeat(1_100_000)}"}`, 200, 'larger than'],
  ])('%s is no answer', async (_, value, status, why) => {
    says(value, status);
    expect(await failure()).toContain(why);
  });

  test('a redirect is not followed, a broken connection and a missing token are said', async () => {
    answer = (_, response) => {
      response.writeHead(307, { location: url });
      response.end();
    };
    await failure();
    answer = (request) => request.socket.destroy();
    await failure();
    expect(await failure({ tokenEnv: 'LANEWAY_REGISTRY_NONE' })).toContain('is not set');
  });
});
