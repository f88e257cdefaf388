import type { Channel } from '../comply/types.ts';
import type { Lane } from '../store/schema.ts';

/** What a provider is used for, and how hard. Everything has a default: a provider for all, without limits. */
export interface ProviderPolicy {
  /** Of the provider's own channels those it is used for; default all. */
  readonly channels?: readonly Channel[] | undefined;
  /** ISO 3166-1 alpha-2 codes of recipients' numbers; default all. Addresses without a country match none. */
  readonly countries?: readonly string[] | undefined;
  /** Classes of messages; default both. */
  readonly classes?: readonly Lane[] | undefined;
  /** Lower goes first, 0 to 1000, default 100; among equals the cheaper one. */
  readonly priority?: number | undefined;
  /** Price of a message in any one currency, by country where it differs; default 0. */
  readonly cost?:
    | { readonly default: number; readonly countries?: Readonly<Record<string, number>> }
    | undefined;
  readonly rate?: RatePolicy | undefined;
  readonly breaker?: { readonly [K in keyof BreakerPolicy]?: BreakerPolicy[K] | undefined } | undefined;
}

/** One limit per provider, over all lanes and processes. */
export interface RatePolicy {
  /** Messages a second, 1 to 1,000,000. */
  readonly perSecond: number;
  /** What a process keeps to while Redis is away, messages a second; default half of `perSecond`. */
  readonly perSecondAlone?: number | undefined;
  /** Share that promotional messages may use, over 0 to 1, default 0.8: the rest is always free for codes. */
  readonly promotionalShare?: number | undefined;
}

export interface BreakerPolicy {
  /** Failed calls in a row that open the circuit, 1 to 100. */
  readonly consecutive: number;
  /** Share of failed ones among the latest 20 calls that opens it, over 0 to 1. */
  readonly failedShare: number;
  /** A call without an answer for so long counts as failed, ms, 100 to 300,000. */
  readonly slowMs: number;
  /** How long it stays open before one call tries again, ms, 100 to 600,000; doubles up to 8 times as long. */
  readonly openMs: number;
  /** How long a provider that is back takes to get all of its traffic, from a tenth of it on, ms, 0 to 3,600,000. */
  readonly returnMs: number;
}

/** What is given, the rest by default. */
export function breakerOf(given: ProviderPolicy['breaker']): BreakerPolicy {
  const said = Object.entries(given ?? {}).filter(([, value]) => value !== undefined);
  return { ...DEFAULT_BREAKER, ...Object.fromEntries(said) };
}

export const DEFAULT_BREAKER: BreakerPolicy = {
  consecutive: 3,
  failedShare: 0.5,
  slowMs: 1_500,
  openMs: 5_000,
  returnMs: 30_000,
};
