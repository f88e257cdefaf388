import { canonicalJson } from '../../models/base/json.ts';
import type { Provider } from '../deliver/provider.ts';
import type { RouteQuery } from '../deliver/registry.ts';
import type { LoadedMessage } from '../store/messages.ts';
import type { Lane } from '../store/schema.ts';
import type { Transition } from '../store/transition.ts';
import type { Leaving } from './call.ts';
import { type Judged, stepAside, stepOut } from './judge.ts';
import type { Workshop } from './ports.ts';

/** Longest wait in a worker's hands for room under a rate limit; well within the margin kept before windows end. */
const PATIENCE_MS: Readonly<Record<Lane, number>> = { transactional: 3_000, promotional: 20_000 };
/** Longest until a message is offered again while nobody can take it; grows with its age up to here. */
const LONGEST_WAIT_MS: Readonly<Record<Lane, number>> = { transactional: 15_000, promotional: 300_000 };

interface Routed {
  readonly one: Judged;
  readonly provider: Provider;
}

/** Messages that stop here, and those that leave, each with its provider and within the provider's rate. */
export async function dispatch(
  shop: Workshop,
  lane: Lane,
  judged: readonly Judged[],
): Promise<{ aside: Transition[]; out: Leaving[] }> {
  const aside: Transition[] = [];
  let routed: Routed[] = [];
  for (const one of judged) {
    const away = stepAside(one, shop.clock());
    if (away) {
      aside.push(away);
      continue;
    }
    const answer = routeOf(shop, one.message);
    if (answer.kind === 'none') aside.push(unserved(one, shop.clock()));
    else if (answer.kind === 'wait') aside.push(postponed(shop, one, answer.untilMs, 'provider-down'));
    else routed.push({ one, provider: answer.provider });
  }
  const out: Leaving[] = [];
  const full: string[] = [];
  const deadlineMs = shop.clock() + PATIENCE_MS[lane];
  while (routed.length > 0) {
    const { going, left, waitMs } = await takeRoom(shop, lane, routed);
    out.push(...going.map((one) => leave(shop, one)));
    full.push(...left.map(({ provider }) => provider.name));
    // A code goes to whoever has room; a campaign waits for the one that it was meant for.
    routed = lane === 'transactional' ? left.map((one) => elsewhere(shop, one, full)) : left;
    if (routed.some(({ provider }) => !full.includes(provider.name)) || routed.length === 0) continue;
    const untilMs = shop.clock() + waitMs;
    if (untilMs > deadlineMs) {
      aside.push(...routed.map(({ one }) => postponed(shop, one, untilMs, 'rate-limit')));
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    full.length = 0;
  }
  return { aside, out };
}

/** What a route is asked for on behalf of a message. */
export function queryFor(message: LoadedMessage, avoid: readonly (string | null)[] = []): RouteQuery {
  const { channel, lane, recipient } = message;
  const names = avoid.filter((name) => name !== null);
  return { channel, lane, recipient, ...(names.length === 0 ? {} : { avoid: names }) };
}

/** An attempt that may have got through is repeated where it was made; after a failure another provider goes first. */
function routeOf(shop: Workshop, message: LoadedMessage): ReturnType<Workshop['providers']['route']> {
  const bound = message.open_provider === null ? undefined : shop.providers.byName(message.open_provider);
  return bound
    ? shop.providers.routeTo(bound)
    : shop.providers.route(queryFor(message, [message.last_provider]));
}

async function takeRoom(
  shop: Workshop,
  lane: Lane,
  routed: readonly Routed[],
): Promise<{ going: Routed[]; left: Routed[]; waitMs: number }> {
  const byProvider = new Map<Provider, Routed[]>();
  for (const one of routed) {
    const there = byProvider.get(one.provider);
    if (there) there.push(one);
    else byProvider.set(one.provider, [one]);
  }
  const rooms = await Promise.all(
    [...byProvider].map(async ([provider, members]) => {
      const { granted, waitMs } = await shop.providers.room(provider, lane, members.length);
      return { going: members.slice(0, granted), left: members.slice(granted), waitMs };
    }),
  );
  return {
    going: rooms.flatMap(({ going }) => going),
    left: rooms.flatMap(({ left }) => left),
    waitMs: Math.max(0, ...rooms.map(({ waitMs }) => waitMs)),
  };
}

function elsewhere(shop: Workshop, { one, provider }: Routed, full: readonly string[]): Routed {
  const query = queryFor(one.message, full);
  if (one.message.open_provider !== null || !shop.providers.elsewhere(query)) return { one, provider };
  const answer = shop.providers.route(query);
  return { one, provider: answer.kind === 'go' ? answer.provider : provider };
}

function leave(shop: Workshop, { one, provider }: Routed): Leaving {
  const { message } = one;
  const key = message.open_key ?? `${message.id}-${message.attempts + 1}`;
  const step = stepOut(one, provider.name, key, shop.clock(), shop.settings.leaseMs);
  return { message, provider, step };
}

function unserved({ message }: Judged, atMs: number): Transition {
  const { tenant, id, version, lane, channel } = message;
  const data = canonicalJson({ channel });
  return { tenant, id, version, lane, atMs, to: 'held', reason: 'no-provider', event: 'held', data };
}

/** Nobody can take it now: it keeps its place in line, costs no attempt, and its rules are asked again. */
function postponed(
  shop: Workshop,
  { message }: Judged,
  untilMs: number,
  reason: 'provider-down' | 'rate-limit',
): Transition {
  const { tenant, id, version, lane } = message;
  const atMs = shop.clock();
  const ageMs = Math.max(0, atMs - message.accepted_at_ms);
  const spreadMs = shop.random.next() * Math.min(LONGEST_WAIT_MS[lane], Math.max(500, ageMs / 2));
  const dueAtMs = Math.ceil(Math.max(untilMs, atMs) + spreadMs);
  // An attempt that surely failed took a place under the counters that is not needed while it waits.
  const frees = message.attempts > 0 && message.open_key === null;
  return {
    tenant,
    id,
    version,
    lane,
    atMs,
    to: 'retrying',
    dueAtMs,
    reason,
    event: 'postponed',
    data: canonicalJson({ reason, dueAtMs }),
    ...(frees ? { frees } : {}),
  };
}
