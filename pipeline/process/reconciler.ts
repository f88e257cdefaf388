import { refKey } from '../queue/transport.ts';
import { openMessages, voidLeases } from '../store/messages.ts';
import { enqueue } from './enqueue.ts';
import { createLoop, type Loop } from './loop.ts';
import { isolate } from './poison.ts';
import type { Workshop } from './ports.ts';

const PAGE = 1_000;
const EVERY_MS = 5_000;
/** While Redis is away its return is looked for this often. */
const WATCH_MS = 250;
/** A message that moved since cannot have been forgotten yet. */
const UNTOUCHED_MS = 15_000;
const VACUUM_EVERY_STEPS = 12;

export interface Reconciler extends Loop {
  /**
   * At start: what a predecessor left. The only process on an exclusive store starts from empty queues and
   * ends its predecessor's leases; one among several leaves both alone.
   */
  recover(): Promise<number>;
  /** Looks now, and at everything: processes are gone, and what they had in hand may move at once. */
  hurry(): void;
}

/**
 * Whatever the store says is open and no queue holds goes back in. Runs at start, when Redis is back after
 * envelopes were missed, and every few seconds for what vanished unseen.
 */
export function createReconciler(shop: Workshop, leads: () => boolean = () => true): Reconciler {
  let missedBefore = shop.transport.missed;
  let runs = 0;
  let recovered = false;
  let hurried = false;

  const loop = createLoop('reconciling', shop.report, async () => {
    if (!shop.transport.ready || !leads()) return WATCH_MS;
    if (!recovered) {
      await recover();
      return EVERY_MS;
    }
    const missed = shop.transport.missed;
    const startedMs = shop.clock();
    const all = hurried || missed !== missedBefore;
    hurried = false;
    await bringBack(all ? startedMs : startedMs - UNTOUCHED_MS);
    missedBefore = missed;
    if (++runs % VACUUM_EVERY_STEPS === 0 && shop.pressure.urgentInFlight === 0) await shop.store.vacuum();
    // A long scan of a long backlog earns a longer rest.
    return Math.max(EVERY_MS, 10 * (shop.clock() - startedMs));
  });

  async function bringBack(untouchedSinceMs: number): Promise<number> {
    let held: Set<string> | undefined;
    let brought = 0;
    for (let afterSeq = 0; ; ) {
      await shop.pressure.pass();
      const open = await openMessages(shop.store.bulk, untouchedSinceMs, shop.clock(), afterSeq, PAGE);
      const last = open.at(-1);
      if (!last) return brought;
      afterSeq = last.seq;
      held ??= await shop.transport.held();
      const lost = open.filter((message) => !held!.has(refKey(message)));
      await enqueue(shop.transport, shop.settings, lost);
      brought += lost.length;
    }
  }

  async function recover(): Promise<number> {
    if (shop.store.exclusive) {
      await voidLeases(shop.store.urgent);
      // The predecessor died over these: one of them may be why.
      const inHand = await shop.transport.inHand();
      await shop.transport.wipe();
      await isolate(shop, inHand, 'suspects');
    }
    recovered = true;
    return bringBack(shop.clock());
  }

  return {
    start: loop.start,
    stop: loop.stop,
    get fault() {
      return loop.fault;
    },
    poke: loop.poke,
    recover,
    hurry() {
      hurried = true;
      loop.poke();
    },
  };
}
