import { LRUCache } from 'lru-cache';
import type { Clock } from '../../models/base/clock.ts';
import { createRandom, type Random, seedOf } from '../../models/base/random.ts';
import { sha256 } from '../../models/base/sha256.ts';
import { CHANNELS } from '../comply/types.ts';
import type { DeliveryOutcome, DeliveryRequest, Provider, Receipt, ReceiptListener } from './provider.ts';
import { type LedgerLine, openLedger, readLedger } from './sandbox-ledger.ts';
import type { WeatherState } from './sandbox-weather.ts';

/** How the simulated carrier behaves. All draws come from `seed` and the message's key: a repeat run is equal. */
export interface SandboxOptions {
  /** Its own book, one JSON line an event; survives `kill -9` of Laneway as a real carrier's would. */
  readonly ledgerFile: string;
  readonly clock: Clock;
  /** Default `sandbox`. */
  readonly name?: string;
  readonly seed?: number;
  /** Median time to answer a call, ms, default 15; log-normal with `latencySpread`. */
  readonly latencyMedianMs?: number;
  /** Sigma of the log of the latency, 0 to 2, default 0.35. */
  readonly latencySpread?: number;
  /** Share of first calls that fail transiently (`503`), 0 to 1, default 0. */
  readonly transientRate?: number;
  /** Share of numbers that are refused for good, 0 to 1, default 0. */
  readonly refusedRate?: number;
  /** Share of calls that deliver but whose answer is lost, 0 to 1, default 0. */
  readonly ambiguousRate?: number;
  /** Share of messages that are taken and reach nobody, without a receipt, 0 to 1, default 0. */
  readonly lossRate?: number;
  /** Does it recognise a repeat? Default true. */
  readonly honoursKeys?: boolean;
  /** Share of taken messages for which a receipt comes, 0 to 1, default 1. */
  readonly receiptRate?: number;
  /** Share of receipts that say `undelivered`, 0 to 1, default 0.01. */
  readonly undeliveredRate?: number;
  /** Share of receipts that come twice, 0 to 1, default 0. */
  readonly receiptTwiceRate?: number;
  /** Share of receipts that are followed by one for a message that was never sent, 0 to 1, default 0. */
  readonly receiptForgedRate?: number;
  /** Median delay of a receipt, ms, default 200. */
  readonly receiptMedianMs?: number;
  /** What it is put through at the moment; default fair. */
  readonly weather?: () => WeatherState;
}

const RECEIPT_BATCH = 500;
const RECEIPT_TICK_MS = 50;
/** Keys remembered in memory; the carrier forgets the oldest beyond that. */
const MAX_KEYS = 1_000_000;
const SLOW_TIMES = 10;

/** Log-normal with the given median: exp(sigma z), z by Box-Muller. */
function logNormal(random: Random, median: number, sigma: number): number {
  const z = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
  return median * Math.exp(sigma * z);
}

const refOf = (text: string): string => `sb_${sha256(text).slice(0, 24)}`;

/**
 * A carrier that delivers to nobody: the documented default. It takes time, fails, answers ambiguously and
 * sends receipts by the models in its options, honours idempotency keys, and writes what it delivered to its
 * own ledger, so that "delivered twice" can be counted from outside.
 */
export function createSandboxProvider(options: SandboxOptions): Provider {
  const { clock, seed = 1, honoursKeys = true, weather = () => 'fair' } = options;
  // Bounded by size: by number it would take all of its memory, and half a second, at every start.
  const bounds = { maxSize: MAX_KEYS, sizeCalculation: () => 1 };
  const refs = new LRUCache<string, string>(bounds);
  const calls = new LRUCache<string, number>(bounds);
  const past = readLedger(options.ledgerFile);
  const receipted = new Set(past.filter((line) => line.kind === 'receipt').map((line) => line.ref));
  const ledger = openLedger(options.ledgerFile);
  let pending: Receipt[] = [];
  let listeners: readonly ReceiptListener[] = [];
  const hanging = new Set<() => void>();
  let closed = false;

  function scheduleReceipt(key: string, ref: string, takenMs: number): void {
    const random = createRandom(seedOf(`${seed}/receipt/${key}`));
    if (random.next() >= (options.receiptRate ?? 1)) return;
    const status = random.next() < (options.undeliveredRate ?? 0.01) ? 'undelivered' : 'delivered';
    const delayMs = Math.ceil(logNormal(random, options.receiptMedianMs ?? 200, 0.5));
    const receipt: Receipt = { providerRef: ref, status, atMs: takenMs + delayMs };
    pending.push(receipt);
    if (random.next() < (options.receiptTwiceRate ?? 0)) pending.push(receipt);
    if (random.next() < (options.receiptForgedRate ?? 0)) {
      pending.push({ ...receipt, providerRef: refOf(`${seed}/forged/${key}`) });
    }
  }

  for (const line of past) {
    if (line.kind !== 'delivered') continue;
    refs.set(line.key, line.ref);
    if (!receipted.has(line.ref)) scheduleReceipt(line.key, line.ref, line.atMs);
  }

  function sendReceipts(): void {
    if (listeners.length === 0) return;
    const nowMs = clock();
    const due: Receipt[] = [];
    pending = pending.filter((receipt) => {
      if (receipt.atMs > nowMs || due.length >= RECEIPT_BATCH) return true;
      due.push(receipt);
      return false;
    });
    if (due.length === 0) return;
    ledger.append(
      due.map(
        ({ providerRef, status, atMs }): LedgerLine => ({ kind: 'receipt', ref: providerRef, status, atMs }),
      ),
    );
    for (const listener of listeners) void listener(due);
  }
  const ticking = setInterval(sendReceipts, RECEIPT_TICK_MS);
  ticking.unref();

  function answer(request: DeliveryRequest, lines: LedgerLine[]): DeliveryOutcome {
    const key = request.idempotencyKey;
    const call = (calls.get(key) ?? 0) + 1;
    calls.set(key, call);
    const known = refs.get(key);
    const atMs = clock();
    if (known !== undefined && honoursKeys) {
      lines.push({ kind: 'repeat', ref: known, key, atMs });
      return { kind: 'taken', providerRef: known };
    }
    const random = createRandom(seedOf(`${seed}/call/${key}/${call}`));
    const draw = random.next();
    const refusedAt = options.refusedRate ?? 0;
    const transientAt = refusedAt + (options.transientRate ?? 0);
    if (draw < refusedAt) {
      return { kind: 'refused', code: 'UNREACHABLE_NUMBER', detail: 'the number is not in service' };
    }
    if (draw < transientAt) {
      return { kind: 'retry', code: 'CARRIER_BUSY', detail: 'the carrier answered 503' };
    }
    const ref = refOf(honoursKeys ? `${seed}/${key}` : `${seed}/${key}/${call}`);
    refs.set(key, ref);
    if (random.next() >= (options.lossRate ?? 0)) {
      lines.push({ kind: 'delivered', ref, key, messageId: request.messageId, atMs });
      scheduleReceipt(key, ref, atMs);
    }
    return draw < transientAt + (options.ambiguousRate ?? 0)
      ? { kind: 'ambiguous', code: 'ANSWER_LOST', detail: 'the connection broke before the answer' }
      : { kind: 'taken', providerRef: ref };
  }

  /** What bad weather makes of a call; undefined: it is answered. */
  async function spoiled(state: WeatherState): Promise<DeliveryOutcome | undefined> {
    switch (state) {
      case 'down':
        return { kind: 'retry', code: 'UNREACHABLE', detail: 'the carrier refused the connection' };
      case 'busy':
        return {
          kind: 'retry',
          code: 'TOO_MANY_REQUESTS',
          detail: 'the carrier answered 429',
          retryAfterMs: 1_000,
          cause: 'rate',
        };
      case 'hang':
        await new Promise<void>((resolve) => hanging.add(resolve));
        return { kind: 'ambiguous', code: 'ANSWER_LOST', detail: 'the connection ended without an answer' };
      case 'fair':
      case 'slow':
        return undefined;
    }
  }

  return {
    name: options.name ?? 'sandbox',
    channels: CHANNELS,
    honoursKeys,
    maxBatch: 500,
    async deliver(requests) {
      const first = requests[0];
      if (first === undefined) return [];
      if (closed) {
        const shut = { kind: 'retry', code: 'CLOSED', detail: 'this process is stopping' } as const;
        return requests.map(() => shut);
      }
      const state = weather();
      const bad = await spoiled(state);
      if (bad) return requests.map(() => bad);
      const lines: LedgerLine[] = [];
      const outcomes = requests.map((request) => answer(request, lines));
      // On paper before the answer leaves: the carrier never forgets what it said.
      ledger.append(lines);
      const random = createRandom(seedOf(`${seed}/latency/${first.idempotencyKey}`));
      const latencyMs = logNormal(random, options.latencyMedianMs ?? 15, options.latencySpread ?? 0.35);
      await new Promise((resolve) => setTimeout(resolve, latencyMs * (state === 'slow' ? SLOW_TIMES : 1)));
      return outcomes;
    },
    onReceipts(listener) {
      listeners = [...listeners, listener];
    },
    async ping() {
      if (closed) throw new Error('the sandbox carrier is closed');
      const state = weather();
      if (state === 'down' || state === 'hang') throw new Error(`the sandbox carrier is ${state}`);
    },
    async close() {
      if (closed) return;
      closed = true;
      clearInterval(ticking);
      for (const end of hanging) end();
      ledger.close();
    },
  };
}
