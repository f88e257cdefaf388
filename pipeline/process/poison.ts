import pLimit from 'p-limit';
import { canonicalJson } from '../../models/base/json.ts';
import { refKey } from '../queue/transport.ts';
import { loadMessages, type MessageRef } from '../store/messages.ts';
import { beginSuspects, endSuspects } from '../store/suspects.ts';
import { takeSteps } from '../store/transition.ts';
import { enqueueAlone } from './enqueue.ts';
import type { Workshop } from './ports.ts';

const OPEN = ['accepted', 'queued', 'waiting', 'sending'] as const;

/**
 * What becomes of messages whose worker died over them or never came to an end: each goes again in an envelope of its
 * own, so that one bad message holds up no other. One that had gone alone already is suspected, no more: others were in
 * the same hands, and on a machine that has too much to do work ends without an end though no message is bad.
 *
 * @param as `suspects`: all of them, as when the only process died over them
 */
export async function isolate(
  shop: Workshop,
  refs: readonly MessageRef[],
  as: 'suspects' | undefined = refs.length === 1 ? 'suspects' : undefined,
): Promise<void> {
  await enqueueAlone(shop.transport, await loadMessages(shop.store.bulk, refs, OPEN), as);
}

/**
 * Works on suspects one at a time in this process. Each beginning is written down before and taken back at the end: a
 * process that dies does so over one of them, and that one alone has begun. What has begun `maxStalls` times and never
 * ended becomes a dead letter.
 */
export function createQuarantine(
  shop: Workshop,
  work: (refs: MessageRef[]) => Promise<void>,
): (refs: MessageRef[]) => Promise<void> {
  const one = pLimit(1);
  const { bulk } = shop.store;
  const { maxStalls, leaseMs } = shop.settings;
  /** Its fault is the store's or the queue's, as with any envelope: the reconciler brings it again. */
  const attempt = (refs: MessageRef[]): Promise<void> =>
    work(refs).catch((error: unknown) => shop.report(error, 'working on suspects'));
  return (refs) =>
    one(async () => {
      const begun = await beginSuspects(bulk, refs, shop.clock());
      const worst = refs.filter((ref) => (begun.get(refKey(ref)) ?? 0) > maxStalls);
      if (worst.length > 0) return bury(shop, worst);
      // Work that hangs stays counted, and holds up the other suspects no longer than a lease.
      if (await withinMs(leaseMs, attempt(refs))) await endSuspects(bulk, refs);
    });
}

/** @returns whether it came to an end within the time */
async function withinMs(ms: number, work: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function bury(shop: Workshop, refs: readonly MessageRef[]): Promise<void> {
  const messages = await loadMessages(shop.store.bulk, refs, OPEN);
  const most = shop.settings.maxStalls;
  const detail = `work on it began ${most} times and never ended`;
  await takeSteps(
    shop.store.bulk,
    messages.map(({ tenant, id, version, lane, attempts }) => ({
      tenant,
      id,
      version,
      lane,
      atMs: shop.clock(),
      to: 'failed',
      reason: 'POISON',
      frees: true,
      event: 'failed',
      data: canonicalJson({ code: 'POISON', detail }),
      dies: { code: 'POISON', detail, attempts },
    })),
  );
  await endSuspects(shop.store.bulk, refs);
}
