import pLimit from 'p-limit';
import { createSuppressionList } from '../store/contacts.ts';
import { lacksBody } from '../store/large-bodies.ts';
import { type LoadedMessage, loadForRelease, type MessageRef, nextInLine } from '../store/messages.ts';
import { IN_LINE_STATES, type Lane } from '../store/schema.ts';
import { type Transition, takeSteps } from '../store/transition.ts';
import { classifyArrivals } from './arrivals.ts';
import { callProviders } from './call.ts';
import { dispatch } from './dispatch.ts';
import { chunks, enqueue } from './enqueue.ts';
import { type Judged, judge } from './judge.ts';
import { stepAfter } from './outcome.ts';
import type { Workshop } from './ports.ts';

/** Each round somebody gets the place that all want; who goes without in all of them is taken up by the reconciler. */
const MOST_ROUNDS = 200;
/** Messages with large texts of their own that a lane works on together, and how often side by side. */
const LARGE_IN_HAND = 8;
const LARGE_SIDE_BY_SIDE = 2;

/** Takes messages of one lane out of the house: classify what is new, comply at the moment of release, deliver, record. */
export function createLaneWorker(shop: Workshop, lane: Lane): (refs: MessageRef[]) => Promise<void> {
  const db = lane === 'transactional' ? shop.store.urgent : shop.store.bulk;
  /** Short steps where an urgent message may come, the whole envelope at once where none has for a while. */
  const sliceSize = (): number => {
    const { envelope, bulkSlice } = shop.settings;
    if (lane === 'transactional') return envelope.transactional;
    return shop.pressure.quiet ? Math.max(bulkSlice, envelope.promotional) : bulkSlice;
  };
  const largeAtOnce = pLimit(LARGE_SIDE_BY_SIDE);
  const pass = async (): Promise<void> => {
    if (lane === 'promotional') await shop.pressure.pass();
  };

  return async (refs) => {
    await Promise.all(chunks(refs, sliceSize()).map(work));
  };

  /** Large texts go few at a time, or an envelope of them would be in memory at once. */
  async function work(slice: readonly MessageRef[]): Promise<void> {
    await pass();
    const loaded = await loadForRelease(db, slice);
    const large = chunks(
      loaded.filter((message) => message.body_ref !== null),
      LARGE_IN_HAND,
    );
    await Promise.all([
      release(loaded.filter((message) => message.body_ref === null)),
      ...large.map((some) => largeAtOnce(() => again(some))),
    ]);
  }

  async function again(refs: readonly MessageRef[], round = 0): Promise<void> {
    await pass();
    await release(await shop.bodies.fill(db, await loadForRelease(db, refs)), round);
  }

  async function release(messages: readonly LoadedMessage[], round = 0): Promise<void> {
    if (messages.length === 0) return;
    const arrivals = await classifyArrivals(shop, db, messages);
    const { ready, stopped } = sort(shop, arrivals.here);
    const judged = await judge(shop, db, ready, shop.clock(), pass);
    const { aside, out } = await dispatch(shop, lane, judged);
    await pass();
    const first = [...arrivals.elsewhere, ...stopped, ...aside, ...out.map((leaving) => leaving.step)];
    const taken = await takeSteps(db, first.map(arrivals.withVerdict), shop.audit.writers);
    arrivals.tell(taken);
    const leaving = out.filter(({ step }) => taken.has(step.id));
    const outcomes = await callProviders(shop, leaving);
    await pass();
    const after = leaving.map((one, i) => stepAfter(shop, one, outcomes[i]!));
    const recorded = await takeSteps(db, after);
    await settle(
      messages,
      [...arrivals.elsewhere, ...stopped, ...aside, ...after],
      new Set([...taken, ...recorded]),
    );
    await suppress(judged);
    // A counter moved under these, or the recipient said something: their rules are asked again.
    const crowded = out.filter(({ step }) => !taken.has(step.id));
    if (crowded.length > 0 && round < MOST_ROUNDS) {
      await again(
        crowded.map(({ message }) => message),
        round + 1,
      );
    }
  }

  /** What follows for others: the next in line goes, a reclassified message changes lanes, nobody is hurried. */
  async function settle(
    messages: readonly LoadedMessage[],
    steps: readonly Transition[],
    taken: ReadonlySet<string>,
  ): Promise<void> {
    const byId = new Map(messages.map((message) => [message.id, message]));
    const done = steps.filter((step) => taken.has(step.id));
    for (const step of done) shop.pressure.leave(step.id);
    const onward = done.flatMap((step) => {
      const message = byId.get(step.id)!;
      return step.to === 'queued' ? [{ ...message, state: step.to, lane: step.lane }] : [];
    });
    const left = done.filter(
      (step) => step.lane !== lane || !(IN_LINE_STATES as readonly string[]).includes(step.to),
    );
    const moved = left.map((step) => ({ tenant: step.tenant, order_key: byId.get(step.id)!.order_key }));
    const freed = moved.length > 0 && shop.line.mayWait() ? await nextInLine(db, moved) : [];
    // One that has just begun to wait may have missed the moment when the line moved: it is asked again.
    const begun = done.filter((step) => step.to === 'waiting');
    const again = begun.length > 0 ? await loadForRelease(db, begun) : [];
    await enqueue(shop.transport, shop.settings, [
      ...onward,
      ...freed.map((next) => ({ ...next, state: 'waiting' as const })),
      ...again.filter((message) => !message.behind && message.state === 'waiting'),
    ]);
  }

  async function suppress(judged: readonly Judged[]): Promise<void> {
    const list = createSuppressionList(db);
    for (const { message, evaluation } of judged) {
      const { outcome } = evaluation;
      if (outcome.kind !== 'block' || !outcome.suppressRecipient) continue;
      await list.add(message.tenant, message.recipient, {
        purpose: 'marketing',
        channel: message.channel,
        sinceMs: evaluation.atMs,
        reason: outcome.ruleIds[0] ?? 'rule',
      });
    }
  }
}

/** Those that may be judged now, and those that stop here: expired, or behind another. */
function sort(
  shop: Workshop,
  messages: readonly LoadedMessage[],
): { ready: LoadedMessage[]; stopped: Transition[] } {
  const nowMs = shop.clock();
  const ready: LoadedMessage[] = [];
  const stopped: Transition[] = [];
  for (const message of messages) {
    const { tenant, id, version, lane } = message;
    const base = { tenant, id, version, lane, atMs: nowMs };
    if (message.state === 'sending' && (message.lease_until_ms ?? 0) > nowMs) continue;
    if (lacksBody(message)) {
      stopped.push(withoutBody(message, nowMs));
      continue;
    }
    if (message.open_key !== null && !mayRepeat(shop, message)) {
      const closes = { attempt: message.attempts, outcome: 'ambiguous' as const };
      stopped.push({ ...base, to: 'unknown', reason: 'ambiguous-attempt', event: 'unknown', closes });
    } else if (message.expires_at_ms !== null && message.expires_at_ms <= nowMs) {
      stopped.push({ ...base, to: 'expired', reason: 'ttl', event: 'expired', frees: true });
    } else if (message.behind) {
      shop.line.waits();
      if (message.state !== 'waiting') stopped.push({ ...base, to: 'waiting', event: 'waiting' });
    } else {
      ready.push(message);
    }
  }
  return { ready, stopped };
}

/** Its large text is not in the store: a part of the store was restored without the other. */
function withoutBody({ tenant, id, version, lane, attempts }: LoadedMessage, atMs: number): Transition {
  const [code, detail] = ['BODY_MISSING', 'its text is not in the store'];
  const dies = { code, detail, attempts };
  return { tenant, id, version, lane, atMs, to: 'failed', reason: code, frees: true, event: 'failed', dies };
}

/** May an attempt that perhaps got through be made again? Under the same key, or if policy says so. */
function mayRepeat(shop: Workshop, message: LoadedMessage): boolean {
  const provider = shop.providers.byName(message.open_provider ?? '');
  if (provider?.honoursKeys) return true;
  return shop.settings.ambiguous[message.lane] === 'resend';
}
