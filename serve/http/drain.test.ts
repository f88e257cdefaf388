import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createDrain } from './drain.ts';

async function serving() {
  const server = createServer((request, response) => {
    if (request.url === '/slow') setTimeout(() => response.end('late'), 200);
    else response.end('now');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask = (agent: Agent, path = '/'): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      get({ host: '127.0.0.1', port, agent, path }, (response) => {
        response.resume();
        response.on('end', () => resolve(response));
      }).on('error', reject);
    });
  return { server, ask };
}

test('an open connection is still served, told to end, and then new ones are refused', async () => {
  const { server, ask } = await serving();
  const drain = createDrain(server, { graceMs: 30_000 });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  expect((await ask(agent)).headers.connection).toBe('keep-alive');
  const ended = drain.end();
  const answer = await ask(agent);
  expect([answer.statusCode, answer.headers.connection, answer.socket.remotePort]).toEqual([
    200,
    'close',
    answer.socket.remotePort,
  ]);
  await ended;
  await expect(ask(new Agent())).rejects.toThrow('ECONNREFUSED');
});

test('an answer in the making is waited for, a silent connection only for the grace time', async () => {
  const { server, ask } = await serving();
  const drain = createDrain(server, { graceMs: 50 });
  const silent = new Agent({ keepAlive: true });
  await ask(silent);
  const slow = ask(new Agent({ keepAlive: true }), '/slow');
  await once(server, 'request');
  await drain.end();
  expect((await slow).statusCode).toBe(200);
  silent.destroy();
});
