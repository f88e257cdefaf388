import type { CounterFact, Facts } from '../comply/facts.ts';
import type { CounterSpec, RuleSet } from '../comply/types.ts';
import type { CapQuestion } from '../store/caps.ts';
import type { MessageRow } from '../store/messages.ts';
import { saidOf } from './facts.ts';

/** A counter of a frequency rule, for one message. */
export interface Counter {
  readonly id: string;
  readonly key: string;
  readonly lookbackMs: number;
  /** Does this message count under it? `solicitations` count promotional messages only. */
  readonly counts: boolean;
}

function dimension(name: string, message: MessageRow, facts: Facts): string | undefined {
  switch (name) {
    case 'recipient':
      return message.recipient;
    case 'sender':
      return message.sender;
    case 'channel':
      return message.channel;
    case 'brand':
      return facts.sender.brand;
    case 'subject': {
      const { subject } = saidOf(message);
      return typeof subject === 'string' ? subject : undefined;
    }
    default:
      return undefined;
  }
}

function counterOf(spec: CounterSpec, message: MessageRow, facts: Facts): Counter | undefined {
  const parts: string[] = [spec.count];
  for (const name of spec.key) {
    const value = dimension(name, message, facts);
    // A count over something unknown is itself unknown.
    if (value === undefined) return undefined;
    parts.push(`${name}=${value}`);
  }
  const counts = spec.count !== 'solicitations' || facts.message.treatment === 'promotional';
  return { id: spec.id, key: parts.join('|'), lookbackMs: spec.lookbackMs, counts };
}

/** Counters that the rules ask for about this message. */
export function countersOf(ruleset: RuleSet, message: MessageRow, facts: Facts): Counter[] {
  return ruleset
    .needs(facts.recipient.jurisdictions, message.channel)
    .counters.flatMap((spec) => counterOf(spec, message, facts) ?? []);
}

export function questionsOf(message: MessageRow, counters: readonly Counter[], nowMs: number): CapQuestion[] {
  return counters.map(({ key, lookbackMs }) => ({
    tenant: message.tenant,
    key,
    sinceMs: nowMs - lookbackMs,
  }));
}

/** Facts with the counted instants. */
export function withCounters(
  facts: Facts,
  message: MessageRow,
  counters: readonly Counter[],
  nowMs: number,
  timesOf: (tenant: string, key: string, sinceMs: number) => number[],
): Facts {
  if (counters.length === 0) return facts;
  const counted: Record<string, CounterFact> = {};
  for (const { id, key, lookbackMs } of counters) {
    counted[id] = { timesMs: timesOf(message.tenant, key, nowMs - lookbackMs) };
  }
  return { ...facts, counters: counted };
}
