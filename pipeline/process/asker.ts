import { heldTooLong, heldWithNews, noticeNews, tellOfRules } from '../store/held.ts';
import type { OpenMessage } from '../store/messages.ts';
import { takeSteps } from '../store/transition.ts';
import { enqueue } from './enqueue.ts';
import { createLoop, type Loop } from './loop.ts';
import type { Workshop } from './ports.ts';

const PAGE = 500;
const EVERY_MS = 500;
/** How often what no news tells is looked for. */
const LONG_EVERY_MS = 30_000;
/** Another process's clock may be behind. */
const OVERLAP_MS = 5_000;

/**
 * Puts messages on hold back to their lanes when what they may wait for has come: consent, a fact, a registry, other
 * rules. All their rules are asked again; one piece of news asks each of them once.
 */
export function createAsker(shop: Workshop, leads: () => boolean = () => true): Loop {
  const db = shop.store.bulk;
  /** When the news was noticed that was looked through to its end. */
  let lookedMs = 0;
  let longMs = -Infinity;

  async function back(find: () => Promise<OpenMessage[]>): Promise<void> {
    for (;;) {
      await shop.pressure.pass();
      const held = await find();
      const moved = await takeSteps(
        db,
        held.map(({ tenant, id, version, lane }) => ({
          tenant,
          id,
          version,
          lane,
          to: 'queued',
          atMs: shop.clock(),
          event: 'asked-again',
        })),
      );
      const going = held.filter(({ id }) => moved.has(id));
      await enqueue(
        shop.transport,
        shop.settings,
        going.map((message) => ({ ...message, state: 'queued' })),
      );
      if (held.length < PAGE) return;
    }
  }

  return createLoop('asking again', shop.report, async () => {
    if (!leads()) {
      // Whoever leads meanwhile may end with news in hand: then all that is kept is looked through.
      lookedMs = 0;
      return EVERY_MS;
    }
    const nowMs = shop.clock();
    if (nowMs < lookedMs) lookedMs = 0;
    await tellOfRules(db, shop.compliance.ruleset(nowMs).version);
    await noticeNews(db, nowMs, lookedMs);
    await back(() => heldWithNews(db, nowMs, lookedMs, lookedMs - OVERLAP_MS, PAGE));
    lookedMs = nowMs;
    if (nowMs - longMs >= LONG_EVERY_MS || nowMs < longMs) {
      longMs = nowMs;
      await back(() => heldTooLong(db, nowMs, PAGE));
    }
    return EVERY_MS;
  });
}
