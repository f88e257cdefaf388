import type { Clock } from '../../models/base/clock.ts';
import { dueMessages, nextDueMs } from '../store/messages.ts';
import { type Transition, takeSteps } from '../store/transition.ts';
import { enqueue } from './enqueue.ts';
import { createLoop, type Loop } from './loop.ts';
import type { Workshop } from './ports.ts';

const PAGE = 500;
/** Other processes may store something that falls due sooner than what was seen here. */
const MAX_SLEEP_MS = 500;

/** Brings messages back when their time has come: each to its lane. */
export function createReleaser(shop: Workshop, leads: () => boolean = () => true): Loop {
  return createLoop('releasing', shop.report, async () => {
    if (!leads()) return MAX_SLEEP_MS;
    const released = await releaseDue(shop, shop.clock);
    if (released === PAGE) return 0;
    const nextMs = await nextDueMs(shop.store.bulk);
    if (nextMs === undefined) return MAX_SLEEP_MS;
    return Math.min(MAX_SLEEP_MS, Math.max(1, nextMs - shop.clock()));
  });
}

async function releaseDue(shop: Workshop, clock: Clock): Promise<number> {
  await shop.pressure.pass();
  const due = await dueMessages(shop.store.bulk, clock(), PAGE);
  const steps = due.map(
    ({ tenant, id, version, lane, state }): Transition => ({
      tenant,
      id,
      version,
      lane,
      to: state === 'scheduled' ? 'accepted' : 'queued',
      atMs: clock(),
      event: 'released',
    }),
  );
  const moved = await takeSteps(shop.store.bulk, steps);
  const going = due.flatMap((message, i) =>
    moved.has(message.id) ? [{ ...message, state: steps[i]!.to }] : [],
  );
  await enqueue(shop.transport, shop.settings, going);
  return due.length;
}
