import type { Receipt } from '../deliver/provider.ts';
import { storeReceipts } from '../store/receipts.ts';
import { createLoop, type Loop } from './loop.ts';
import type { Workshop } from './ports.ts';

const GROUP = 250;
const IDLE_MS = 200;
/** A receipt may overtake the record of its own attempt; it is matched again this often before it counts as unknown. */
const TRIES = 10;
/** Receipts held in memory; beyond that the oldest unknown ones are dropped (a provider sends nonsense). */
const MAX_HELD = 100_000;

interface Held {
  readonly provider: string;
  readonly receipt: Receipt;
  readonly tries: number;
  /** Told when it is on record, or first matched nothing. */
  readonly seen: () => void;
}

export interface ReceiptDesk extends Loop {
  /** Resolves when they are on record; those that match nothing are tried again for a while from memory. */
  take(provider: string, receipts: readonly Receipt[]): Promise<void>;
  /** Receipts that matched no message of ours. */
  readonly unknown: number;
}

/** Takes receipts from all providers and writes them down in groups, never before urgent work. */
export function createReceiptDesk(shop: Workshop): ReceiptDesk {
  let held: Held[] = [];
  let unknown = 0;
  /** Writes one group down. @returns how many of it matched nothing yet and are held again */
  async function recordGroup(): Promise<number> {
    const group = held.slice(0, GROUP);
    held = held.slice(GROUP);
    let retried = 0;
    try {
      for (const provider of new Set(group.map((one) => one.provider))) {
        const mine = group.filter((one) => one.provider === provider);
        const receipts = mine.map((one) => one.receipt);
        const unmatched = new Set(await storeReceipts(shop.store.bulk, provider, receipts, shop.clock()));
        const again = mine.filter((one) => unmatched.has(one.receipt) && one.tries < TRIES);
        unknown += unmatched.size - again.length;
        retried += again.length;
        held.push(...again.map((one) => ({ ...one, tries: one.tries + 1 })));
        for (const one of mine) one.seen();
      }
    } catch (error) {
      held.unshift(...group);
      throw error;
    }
    return retried;
  }
  const loop = createLoop('recording receipts', shop.report, async () => {
    if (held.length === 0) return IDLE_MS;
    await shop.pressure.pass();
    const retried = await recordGroup();
    return held.length > retried ? 0 : IDLE_MS;
  });
  function take(provider: string, receipts: readonly Receipt[]): Promise<void> {
    return new Promise((resolve) => {
      if (receipts.length === 0) resolve();
      let unseen = receipts.length;
      const seen = (): void => {
        if (--unseen === 0) resolve();
      };
      held.push(...receipts.map((receipt) => ({ provider, receipt, tries: 0, seen })));
      if (held.length > MAX_HELD) {
        unknown += held.length - MAX_HELD;
        for (const one of held.slice(0, -MAX_HELD)) one.seen();
        held = held.slice(-MAX_HELD);
      }
      loop.poke();
    });
  }
  for (const provider of shop.providers.providers) {
    provider.onReceipts((receipts) => take(provider.name, receipts));
  }
  return {
    ...loop,
    take,
    async stop() {
      await loop.stop();
      // A provider says a receipt once: what is in hand is written down, each at most once more.
      try {
        for (let left = held.length; left > 0; left -= GROUP) await recordGroup();
      } catch (error) {
        shop.report(error, 'recording the last receipts');
      }
    },
    get fault() {
      return loop.fault;
    },
    get unknown() {
      return unknown;
    },
  };
}
