import { messageOf } from '../../models/base/errors.ts';
import type { DeliveryOutcome, Provider } from '../deliver/provider.ts';
import type { LoadedMessage } from '../store/messages.ts';
import type { Transition } from '../store/transition.ts';
import { chunks } from './enqueue.ts';
import type { Workshop } from './ports.ts';

/** A message whose attempt is on record. */
export interface Leaving {
  readonly message: LoadedMessage;
  readonly provider: Provider;
  readonly step: Transition;
}

/** Calls the providers, each in batches of its size; answers in the order of the messages. Never throws. */
export async function callProviders(shop: Workshop, leaving: readonly Leaving[]): Promise<DeliveryOutcome[]> {
  const outcomes = new Map<string, DeliveryOutcome>();
  const byProvider = new Map<Provider, Leaving[]>();
  for (const one of leaving) {
    const there = byProvider.get(one.provider);
    if (there) there.push(one);
    else byProvider.set(one.provider, [one]);
  }
  await Promise.all(
    [...byProvider].flatMap(([provider, members]) =>
      chunks(members, provider.maxBatch).map(async (batch) => {
        const answers = await callOne(shop, provider, batch);
        for (const [i, { message }] of batch.entries()) outcomes.set(message.id, answers[i]!);
      }),
    ),
  );
  return leaving.map(({ message }) => outcomes.get(message.id)!);
}

async function callOne(
  shop: Workshop,
  provider: Provider,
  batch: readonly Leaving[],
): Promise<readonly DeliveryOutcome[]> {
  const requests = batch.map(({ message, step }) => ({
    messageId: message.id,
    tenant: message.tenant,
    idempotencyKey: step.opens!.providerKey,
    channel: message.channel,
    lane: message.lane,
    from: message.sender,
    to: message.recipient,
    subject: message.subject,
    body: message.body,
  }));
  const nowMs = shop.clock();
  for (const { message } of batch) {
    shop.pressure.leave(message.id);
    shop.onHandOver?.(message.id, message.lane, nowMs - message.accepted_at_ms);
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), shop.settings.providerTimeoutMs);
  });
  const all = (code: string, detail: string): DeliveryOutcome[] =>
    batch.map(() => ({ kind: 'ambiguous', code, detail }));
  try {
    const answers = await Promise.race([shop.providers.deliver(provider, requests), late]);
    if (answers === 'late') return all('TIMEOUT', `no answer within ${shop.settings.providerTimeoutMs} ms`);
    if (answers.length === batch.length) return answers;
    return all('BAD_ANSWER', `${answers.length} answers for ${batch.length} messages`);
  } catch (error) {
    shop.report(error, `calling ${provider.name}`);
    return all('PROVIDER_FAULT', messageOf(error));
  } finally {
    clearTimeout(timer);
  }
}
