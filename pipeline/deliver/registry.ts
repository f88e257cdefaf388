import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../models/base/clock.ts';
import type { Random } from '../../models/base/random.ts';
import type { Channel } from '../comply/types.ts';
import type { RedisClient } from '../services/redis-place.ts';
import type { Lane } from '../store/schema.ts';
import { type Circuit, createHealth, type Health } from './health.ts';
import { breakerOf, type ProviderPolicy } from './policy.ts';
import type { DeliveryOutcome, DeliveryRequest, Provider } from './provider.ts';
import { createRateLimit, type RateLimit, type Room } from './rate.ts';

/** What a route is asked for. */
export interface RouteQuery {
  readonly channel: Channel;
  readonly lane: Lane;
  readonly recipient: string;
  /** Names of providers to pass over while another one can be had. */
  readonly avoid?: readonly string[];
}

export type RouteAnswer =
  | { readonly kind: 'go'; readonly provider: Provider }
  /** All that serve it are down or want us to wait. */
  | { readonly kind: 'wait'; readonly untilMs: number }
  /** None serves it. */
  | { readonly kind: 'none' };

export interface ProviderStatus {
  readonly name: string;
  readonly circuit: Circuit;
  readonly suspect: boolean;
  readonly share: number;
  /** Messages by outcome, since start. */
  readonly outcomes: Readonly<Record<DeliveryOutcome['kind'], number>>;
}

/** All providers, who serves what, and how they are. */
export interface ProviderRegistry {
  readonly providers: readonly Provider[];
  byName(name: string): Provider | undefined;
  /** The provider for a message now: by channel, class and country, then priority and cost, among the healthy. */
  route(query: RouteQuery): RouteAnswer;
  /** As {@link route}, for one that must go to this provider and no other. */
  routeTo(provider: Provider): RouteAnswer;
  /** Is there a healthy one besides those to avoid? */
  elsewhere(query: RouteQuery): boolean;
  /** Room under a provider's rate limit. */
  room(provider: Provider, lane: Lane, wanted: number): Promise<Room>;
  /** Hands messages over and learns how the provider is. */
  deliver(provider: Provider, requests: readonly DeliveryRequest[]): Promise<readonly DeliveryOutcome[]>;
  status(): readonly ProviderStatus[];
}

export interface RegistryOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** By provider's name. */
  readonly policies?: Readonly<Record<string, ProviderPolicy>>;
  /** Shares rate limits between processes; absent: this one is alone. */
  readonly redis?: RedisClient;
  readonly onCircuit?: (provider: string, circuit: Circuit) => void;
}

interface Member {
  readonly provider: Provider;
  readonly policy: ProviderPolicy;
  readonly health: Health;
  readonly rate: RateLimit | undefined;
  readonly outcomes: Record<DeliveryOutcome['kind'], number>;
}

const DEFAULT_PRIORITY = 100;
const COUNTRIES_REMEMBERED = 20_000;

export function createProviderRegistry(
  providers: readonly Provider[],
  options: RegistryOptions,
): ProviderRegistry {
  const { clock, random, policies = {} } = options;
  const members = providers.map((provider): Member => {
    const policy = policies[provider.name] ?? {};
    return {
      provider,
      policy,
      health: createHealth(breakerOf(policy.breaker), clock, (circuit) =>
        options.onCircuit?.(provider.name, circuit),
      ),
      rate: policy.rate && createRateLimit(provider.name, policy.rate, options.redis),
      outcomes: { taken: 0, retry: 0, refused: 0, ambiguous: 0 },
    };
  });
  const byName = new Map(members.map((member) => [member.provider.name, member]));
  const asksCountry = members.some(({ policy }) => policy.countries ?? policy.cost?.countries);
  const countries = new LRUCache<string, string>({ max: COUNTRIES_REMEMBERED });
  const rankings = new Map<string, readonly Member[]>();

  function countryOf({ channel, recipient }: RouteQuery): string {
    if (!asksCountry || channel === 'email' || channel === 'push') return '';
    const known = countries.get(recipient);
    if (known !== undefined) return known;
    const found = parsePhoneNumberFromString(recipient)?.country ?? '';
    countries.set(recipient, found);
    return found;
  }

  /** Everyone that serves it, the preferred first; the order of the configuration decides among equals. */
  function ranked(query: RouteQuery): readonly Member[] {
    const country = countryOf(query);
    const key = `${query.channel} ${query.lane} ${country}`;
    const known = rankings.get(key);
    if (known) return known;
    const costOf = ({ policy }: Member): number =>
      policy.cost?.countries?.[country] ?? policy.cost?.default ?? 0;
    const priorityOf = ({ policy }: Member): number => policy.priority ?? DEFAULT_PRIORITY;
    const able = members
      .filter(
        ({ provider, policy }) =>
          provider.channels.includes(query.channel) &&
          (policy.channels?.includes(query.channel) ?? true) &&
          (policy.classes?.includes(query.lane) ?? true) &&
          (policy.countries?.includes(country) ?? true),
      )
      .sort((a, b) => priorityOf(a) - priorityOf(b) || costOf(a) - costOf(b));
    rankings.set(key, able);
    return able;
  }

  const isWell = ({ health }: Member): boolean =>
    health.circuit === 'closed' && !health.suspect && health.readyAtMs <= clock();

  return {
    providers,
    byName: (name) => byName.get(name)?.provider,
    route(query) {
      const able = ranked(query);
      const passedOver: Member[] = [];
      for (const [i, member] of able.entries()) {
        const { health, provider } = member;
        if (query.avoid?.includes(provider.name) || (health.circuit === 'closed' && health.suspect)) {
          passedOver.push(member);
          continue;
        }
        // One that has just come back gets a part of its traffic, if there is somebody for the rest.
        if (health.circuit === 'closed' && health.share < 1 && random.next() >= health.share) {
          const others = able.filter((other, j) => j !== i && !query.avoid?.includes(other.provider.name));
          if (others.some(isWell)) {
            passedOver.push(member);
            continue;
          }
        }
        if (health.claim()) return { kind: 'go', provider };
      }
      for (const { health, provider } of passedOver) if (health.claim()) return { kind: 'go', provider };
      if (able.length === 0) return { kind: 'none' };
      return { kind: 'wait', untilMs: Math.min(...able.map(({ health }) => health.readyAtMs)) };
    },
    routeTo(provider) {
      const { health } = byName.get(provider.name)!;
      return health.claim() ? { kind: 'go', provider } : { kind: 'wait', untilMs: health.readyAtMs };
    },
    elsewhere: (query) =>
      ranked(query).some((member) => !query.avoid?.includes(member.provider.name) && isWell(member)),
    async room(provider, lane, wanted) {
      const { rate } = byName.get(provider.name)!;
      return rate === undefined ? { granted: wanted, waitMs: 0 } : rate.take(lane, wanted);
    },
    async deliver(provider, requests) {
      const { health, outcomes } = byName.get(provider.name)!;
      const answers = await health.watch(() => provider.deliver(requests));
      for (const { kind } of answers) outcomes[kind]++;
      return answers;
    },
    status: () =>
      members.map(({ provider, health, outcomes }) => ({
        name: provider.name,
        circuit: health.circuit,
        suspect: health.suspect,
        share: health.share,
        outcomes: { ...outcomes },
      })),
  };
}
