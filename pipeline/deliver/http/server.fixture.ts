import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A request as it reached the server. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** How to answer; `cut`: the connection ends without an answer. */
export type Reply =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body: string }
  | 'cut'
  | 'silence';

export interface HttpPeer {
  readonly url: string;
  readonly seen: readonly Seen[];
  stop(): Promise<void>;
}

/** @param reply decides on each request */
export async function startHttpPeer(reply: (request: Seen) => Reply): Promise<HttpPeer> {
  const seen: Seen[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    seen.push(one);
    const answer = reply(one);
    if (answer === 'cut') return void request.socket.destroy();
    if (answer === 'silence') return;
    response.writeHead(answer.status, answer.headers ?? { 'content-type': 'application/json' });
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
    seen,
    async stop() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
