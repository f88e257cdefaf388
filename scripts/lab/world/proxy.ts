import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A wire between two processes that can be cut. */
export interface Wire {
  readonly port: number;
  /** `open`: passes; `cut`: breaks what stands and refuses what comes; `silent`: takes everything and passes nothing. */
  set(state: 'open' | 'cut' | 'silent'): void;
  /** Leads elsewhere from now on; what stands is broken. */
  lead(targetPort: number): void;
  close(): Promise<void>;
}

/** Listens on a free port of loopback and passes all on to `targetPort`. */
export async function openProxy(targetPort: number): Promise<Wire> {
  let target = targetPort;
  let state: 'open' | 'cut' | 'silent' = 'open';
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((near) => {
    near.on('error', () => undefined);
    if (state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(target, '127.0.0.1');
    far.on('error', () => near.destroy());
    near.setNoDelay(true);
    far.setNoDelay(true);
    const pair = [near, far] as const;
    pairs.add(pair);
    const pass = (from: Socket, to: Socket) => {
      from.on('data', (bytes) => {
        if (state !== 'silent') to.write(bytes);
      });
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    };
    pass(near, far);
    pass(far, near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const breakAll = (): void => {
    for (const [near, far] of pairs) {
      near.destroy();
      far.destroy();
    }
  };
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      // What was swallowed in silence is gone: the connections it was on cannot go on.
      if (next === 'cut' || state === 'silent') breakAll();
      state = next;
    },
    lead(next) {
      target = next;
      breakAll();
    },
    async close() {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
