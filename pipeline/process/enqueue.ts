import { type QueueName, refKey, type Transport } from '../queue/transport.ts';
import type { Lane, MessageState } from '../store/schema.ts';
import type { ProcessSettings } from './ports.ts';

/** What is needed to know a message's queue. */
export interface Placeable {
  readonly tenant: string;
  readonly id: string;
  readonly state: MessageState;
  readonly lane: Lane;
  readonly order_key: string;
}

export function chunks<T>(items: readonly T[], size: number): T[][] {
  const out: T[][] = [];
  for (let from = 0; from < items.length; from += size) out.push(items.slice(from, from + size));
  return out;
}

/** Where a message belongs: to its lane, from acceptance on; until it is classified, to the one of its claim. */
export function queueFor(transport: Transport, message: Placeable): QueueName {
  return transport.laneQueue(message.lane, message.order_key);
}

/** Puts each message into an envelope of its own. @throws LanewayError `QUEUE_UNAVAILABLE` */
export async function enqueueAlone(
  transport: Transport,
  messages: readonly Placeable[],
  as: 'suspects' | undefined,
): Promise<void> {
  await Promise.all(messages.map((message) => transport.add(queueFor(transport, message), [[message]], as)));
}

/**
 * Puts messages into their queues, packed into envelopes in the order given.
 *
 * @throws LanewayError `QUEUE_UNAVAILABLE`; the messages are safe in the store
 */
export async function enqueue(
  transport: Transport,
  settings: Pick<ProcessSettings, 'envelope'>,
  messages: readonly Placeable[],
): Promise<void> {
  const byQueue = new Map<QueueName, { lane: Lane; members: Placeable[] }>();
  const seen = new Set<string>();
  for (const message of messages) {
    const key = refKey(message);
    if (seen.has(key)) continue;
    seen.add(key);
    const name = queueFor(transport, message);
    const there = byQueue.get(name);
    if (there) there.members.push(message);
    else byQueue.set(name, { lane: message.lane, members: [message] });
  }
  await Promise.all(
    [...byQueue].map(([name, { lane, members }]) =>
      transport.add(name, chunks(members, settings.envelope[lane])),
    ),
  );
}
