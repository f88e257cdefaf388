import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../models/base/clock.ts';
import type { DeliveryRequest, Receipt } from '../../../pipeline/deliver/provider.ts';
import { createSandboxProvider } from '../../../pipeline/deliver/sandbox.ts';
import type { CarrierMood } from './carrier.ts';

/**
 * A carrier outside the house, a process that no fault of ours touches: the sandbox's models behind HTTP. Arguments:
 * its ledger, `keys` or `no-keys`, the seed.
 */
const [ledgerFile, keys, seed] = process.argv.slice(2) as [string, string, string];
let mood: CarrierMood = 'fair';
/** Receipts that nobody has confirmed; a receipt that was handed out is handed out again after a while. */
let waiting: { readonly receipt: Receipt; againMs: number }[] = [];
const HAND_OUT_AGAIN_MS = 3_000;

const carrier = createSandboxProvider({
  ledgerFile,
  clock: systemClock,
  seed: Number(seed),
  honoursKeys: keys === 'keys',
  latencyMedianMs: 10,
  ambiguousRate: 0.01,
  transientRate: 0.02,
  undeliveredRate: 0,
  receiptTwiceRate: 0.05,
  receiptForgedRate: 0.01,
  receiptMedianMs: 100,
  weather: () => {
    if (mood === 'flapping') return Math.floor(systemClock() / 700) % 2 === 0 ? 'down' : 'fair';
    return mood === 'lying' ? 'fair' : mood;
  },
});
carrier.onReceipts(async (receipts) => {
  const fresh = receipts.map((receipt) => ({ receipt, againMs: 0 }));
  // A liar's receipts come last first.
  waiting = mood === 'lying' ? [...fresh.reverse(), ...waiting] : [...waiting, ...fresh];
});

const server = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => {
    const text = Buffer.concat(parts).toString();
    void answer(request.url ?? '', text === '' ? undefined : JSON.parse(text)).then((out) => {
      if (out === undefined) request.socket.destroy();
      else response.end(JSON.stringify(out));
    });
  });
});

async function answer(path: string, body: unknown): Promise<unknown> {
  switch (path) {
    case '/mood':
      mood = body as CarrierMood;
      return {};
    case '/send': {
      const outcomes = await carrier.deliver(body as DeliveryRequest[]);
      // Taken, and the answer lost on the way.
      return mood === 'lying' && systemClock() % 3 === 0 ? undefined : outcomes;
    }
    case '/receipts': {
      const nowMs = systemClock();
      const due = waiting.filter((one) => one.againMs <= nowMs).slice(0, 500);
      for (const one of due) one.againMs = nowMs + HAND_OUT_AGAIN_MS;
      return due.map((one) => one.receipt);
    }
    default: {
      const told = new Set((body as Receipt[]).map((one) => `${one.providerRef}/${one.atMs}`));
      waiting = waiting.filter(({ receipt }) => !told.has(`${receipt.providerRef}/${receipt.atMs}`));
      return {};
    }
  }
}

server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
