import { canonicalJson } from '../../models/base/json.ts';
import { refKey } from '../queue/transport.ts';
import { loadMessages, type MessageRef } from '../store/messages.ts';
import { countStall } from '../store/suspects.ts';
import { takeSteps } from '../store/transition.ts';
import { enqueueAlone } from './enqueue.ts';
import type { Workshop } from './ports.ts';

const OPEN = ['accepted', 'queued', 'waiting', 'sending'] as const;

/**
 * What becomes of messages whose worker died over them or never came to an end: each goes again in an envelope of its
 * own, so that one bad message holds up no other; one that has stalled `maxStalls` times becomes a dead letter.
 */
export async function isolate(shop: Workshop, refs: readonly MessageRef[]): Promise<void> {
  const { bulk } = shop.store;
  const nowMs = shop.clock();
  const stalls = await countStall(bulk, refs, nowMs);
  const messages = await loadMessages(bulk, refs, OPEN);
  const most = shop.settings.maxStalls;
  const poisoned = messages.filter((message) => (stalls.get(refKey(message)) ?? 0) >= most);
  await takeSteps(
    bulk,
    poisoned.map(({ tenant, id, version, lane, attempts }) => {
      const detail = `work on it ended ${most} times without an end`;
      return {
        tenant,
        id,
        version,
        lane,
        atMs: nowMs,
        to: 'failed',
        reason: 'POISON',
        frees: true,
        event: 'failed',
        data: canonicalJson({ code: 'POISON', detail }),
        dies: { code: 'POISON', detail, attempts },
      };
    }),
  );
  const dead = new Set(poisoned.map(refKey));
  await enqueueAlone(
    shop.transport,
    messages.filter((message) => !dead.has(refKey(message))),
  );
}
