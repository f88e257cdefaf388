import { request } from 'node:http';
import { monotonicMs } from '../../models/base/clock.ts';
import type { LabNode } from './world/world.ts';

export interface Acknowledged {
  readonly id: string;
  readonly lane: 'transactional' | 'promotional';
}

export interface Client {
  readonly acknowledged: readonly Acknowledged[];
  /** Batches that had to be sent again: refused, broken off or unanswered. */
  readonly repeats: number;
  /** Sends `count` messages; resolves when all are acknowledged. */
  send(count: number, options: SendOptions): Promise<void>;
}

export interface SendOptions {
  /** Messages in a request. */
  readonly batch: number;
  /** Messages a second; absent: as fast as they are taken. */
  readonly perSecond?: number;
  /** Share of adverts, 0 to 1. */
  readonly promotional: number;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const ANSWER_MS = 8_000;
const AT_ONCE = 3;

/** A caller that behaves: a batch without an answer is sent again under the same keys, to whoever serves. */
export function createClient(nodes: readonly LabNode[], run: string): Client {
  const acknowledged: Acknowledged[] = [];
  let repeats = 0;
  let next = 0;

  async function post(items: readonly object[]): Promise<(string | null)[]> {
    for (let tries = 0; ; tries++) {
      const open = nodes.filter((node) => node.kind === 'api' && node.port !== undefined);
      const node = open[tries % Math.max(1, open.length)];
      try {
        if (node?.port !== undefined) return await ask(node.port, items);
      } catch {
        // The next one, then.
      }
      repeats++;
      await pause(Math.min(500, 50 * (tries + 1)));
    }
  }

  async function sendBatch(size: number, promotional: number): Promise<void> {
    const made = Array.from({ length: size }, () => {
      const n = next++;
      const lane = (n * 7919) % 1_000 < promotional * 1_000 ? 'promotional' : 'transactional';
      return { lane, item: itemOf(run, n, lane) } as const;
    });
    const ids = await post(made.map(({ item }) => item));
    for (const [i, id] of ids.entries()) {
      if (id !== null && /^[0-9A-Z]{26}$/.test(id)) acknowledged.push({ id, lane: made[i]!.lane });
      else throw new Error(`a message was refused: ${id}`);
    }
  }

  return {
    acknowledged,
    get repeats() {
      return repeats;
    },
    async send(count, { batch, perSecond, promotional }) {
      const startedMs = monotonicMs();
      let left = count;
      const one = async (): Promise<void> => {
        while (left > 0) {
          const size = Math.min(batch, left);
          left -= size;
          await sendBatch(size, promotional);
          if (perSecond === undefined) continue;
          const dueMs = startedMs + ((count - left) * 1_000) / perSecond;
          await pause(Math.max(0, dueMs - monotonicMs()));
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    },
  };
}

function itemOf(run: string, n: number, lane: Acknowledged['lane']): object {
  const promotional = lane === 'promotional';
  return {
    idempotencyKey: `${run}-${n}`,
    request: {
      to: `+1212${2_000_000 + ((n * 37) % 7_999_999)}`,
      from: promotional ? 'SHOP' : 'BANK',
      channel: 'sms',
      category: promotional ? 'marketing' : 'receipt',
      body: promotional ? `Big sale: ${n % 60}% off` : `Your code is ${100_000 + (n % 899_999)}`,
    },
  };
}

function ask(port: number, items: readonly object[]): Promise<(string | null)[]> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { host: '127.0.0.1', port, path: '/', method: 'POST', timeout: ANSWER_MS },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(parts).toString();
          if (response.statusCode === 200) resolve(JSON.parse(text) as (string | null)[]);
          else reject(new Error(text));
        });
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', reject);
    asked.end(JSON.stringify(items));
  });
}
