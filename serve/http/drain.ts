import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/** Ends a server without refusing anybody. */
export interface Drain {
  readonly begun: boolean;
  /**
   * Takes no more connections; what comes on those that stand is answered, each time with `Connection: close`, so that
   * the client goes elsewhere with its next request. Connections on which nothing came in the grace time end then,
   * those with an answer in the making when they must.
   */
  end(): Promise<void>;
}

export interface DrainOptions {
  /** How long a silent connection is left to its client, 0 to 60,000 ms, default 1,000. */
  readonly graceMs?: number;
  /** When answers in the making are given up, ms after the start, default 10,000. */
  readonly patienceMs?: number;
}

export function createDrain(server: Server, options: DrainOptions = {}): Drain {
  const { graceMs = 1_000, patienceMs = 10_000 } = options;
  let begun = false;
  // Before the app's own listener, which may have answered by the time that a later one is asked.
  server.prependListener('request', (_request, response) => {
    if (begun) response.setHeader('Connection', 'close');
  });
  return {
    get begun() {
      return begun;
    },
    end() {
      begun = true;
      return new Promise((resolve) => {
        // HTTP's own close ends silent connections at once, in the face of a client that is about to use one.
        const grace = setTimeout(() => server.close(), graceMs);
        const impatient = setTimeout(() => server.closeAllConnections(), patienceMs);
        NetServer.prototype.close.call(server, () => {
          clearTimeout(grace);
          clearTimeout(impatient);
          resolve();
        });
      });
    },
  };
}
