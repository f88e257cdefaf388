import { Agent, request } from 'node:http';
import { messageOf } from '../../../models/base/errors.ts';
import { CHANNELS } from '../../../pipeline/comply/types.ts';
import type {
  DeliveryOutcome,
  Provider,
  Receipt,
  ReceiptListener,
} from '../../../pipeline/deliver/provider.ts';

/**
 * What the lab's carrier is put through. `lying`: a third of its answers are lost after it took the messages, and its
 * receipts come last first; some receipts come twice and some name messages that were never sent at all times.
 */
export type CarrierMood = 'fair' | 'down' | 'hang' | 'slow' | 'busy' | 'flapping' | 'lying';

const POLL_MS = 100;

/** Asks the carrier's process. */
export function askCarrier<T>(port: number, path: string, body: unknown, agent?: Agent): Promise<T> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path, method: 'POST', ...(agent ? { agent } : {}) },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => resolve(JSON.parse(Buffer.concat(parts).toString()) as T));
        response.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(JSON.stringify(body));
  });
}

/** The carrier's process as a provider of a pipeline. */
export function createRemoteCarrier(port: number, honoursKeys: boolean): Provider {
  const agent = new Agent({ keepAlive: true });
  const listeners: ReceiptListener[] = [];
  let closed = false;
  async function poll(): Promise<void> {
    try {
      const receipts = await askCarrier<Receipt[]>(port, '/receipts', null, agent);
      if (receipts.length > 0 && listeners.length > 0) {
        await Promise.all(listeners.map((listener) => listener(receipts)));
        await askCarrier(port, '/confirm', receipts, agent);
      }
    } catch {
      // What was not confirmed is handed out again.
    }
    if (!closed) setTimeout(() => void poll(), POLL_MS).unref();
  }
  void poll();
  return {
    name: 'carrier',
    channels: CHANNELS,
    honoursKeys,
    maxBatch: 250,
    async deliver(requests) {
      try {
        return await askCarrier<DeliveryOutcome[]>(port, '/send', requests, agent);
      } catch (error) {
        const refused = (error as NodeJS.ErrnoException).code === 'ECONNREFUSED';
        const detail = messageOf(error);
        return requests.map(() =>
          refused
            ? { kind: 'retry', code: 'UNREACHABLE', detail }
            : { kind: 'ambiguous', code: 'BROKEN', detail },
        );
      }
    },
    onReceipts(listener) {
      listeners.push(listener);
    },
    async ping() {},
    async close() {
      closed = true;
      agent.destroy();
    },
  };
}
