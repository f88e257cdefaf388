import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { messageOf } from '../../models/base/errors.ts';

/** What the thread of the embedded database says. */
export type ThreadReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  /** The server's answer in PostgreSQL's wire protocol. */
  | { readonly kind: 'answer'; readonly bytes: Uint8Array };

/** What it is told: messages of the wire protocol, or to end. */
export type ThreadRequest = { readonly kind: 'ask'; readonly bytes: Uint8Array } | { readonly kind: 'close' };

const port = parentPort!;
const say = (reply: ThreadReply, transfer: ArrayBuffer[] = []): void => port.postMessage(reply, transfer);

async function serve(client: PGlite): Promise<void> {
  let last: Promise<void> = Promise.resolve();
  const answer = async (bytes: Uint8Array): Promise<void> => {
    // What goes wrong in a statement is in the answer; only a broken database throws, and that ends the thread.
    const out = await client.execProtocolRaw(bytes, { throwOnError: false });
    const own = out.slice();
    say({ kind: 'answer', bytes: own }, [own.buffer]);
  };
  port.on('message', (request: ThreadRequest) => {
    if (request.kind === 'ask') {
      last = last.then(() => answer(request.bytes));
      return;
    }
    last = last.then(async () => {
      await client.close();
      port.close();
    });
  });
  say({ kind: 'ready' });
}

try {
  await serve(await PGlite.create({ dataDir: (workerData as { dataDir: string }).dataDir }));
} catch (error) {
  say({ kind: 'failed', message: messageOf(error) });
}
