import { monotonicMs } from '../../models/base/clock.ts';
import { contentOf } from '../../pipeline/comply/content/content.ts';
import { evaluate, evaluateRule } from '../../pipeline/comply/evaluate.ts';
import type { Facts } from '../../pipeline/comply/facts.ts';
import { compileRules } from '../../pipeline/comply/language/compile.ts';
import { loadPacks } from '../../pipeline/comply/language/load.ts';
import { candidateZones } from '../../pipeline/comply/place/zones.ts';
import type { CompiledRule, RuleSet } from '../../pipeline/comply/types.ts';

/** What it costs to ask the rules about one message, single thread, warm. */
export interface ComplyBenchRow {
  readonly situation: string;
  /** Rules that bound the message or were looked at for it. */
  readonly rules: number;
  readonly p50Microseconds: number;
  readonly p99Microseconds: number;
  readonly rulesPerMicrosecond: number;
}

const BODY = 'ACME: 20% off everything this week. Reply STOP to end';
const WARM_UP = 8_000;
const RUNS = 10_000;
/** Messages are asked about at moments spread over a year of days, 97 seconds apart within one. */
const START_MS = Date.UTC(2026, 6, 15, 16);

function advertising(to: string): Facts {
  const { jurisdictions, zones, basis } = candidateZones({ to });
  return {
    message: { channel: 'sms', class: 'promotional', treatment: 'promotional', ...contentOf(BODY, 'sms') },
    recipient: { jurisdictions, zones, zoneBasis: basis },
    sender: { id: 'ACME', brand: 'Acme' },
    consent: [
      { channel: 'sms', purpose: 'marketing', status: 'granted', level: 'express-written', sinceMs: 0 },
    ],
    suppression: [],
    registries: { 'in-dnd': { listed: false, checkedAtMs: START_MS } },
    counters: {
      'solicitations:recipient:rolling-24-hours': { timesMs: [] },
      'solicitations:recipient:rolling-7-days': { timesMs: [] },
    },
  };
}

function timed(situation: string, rules: number, run: (index: number) => void): ComplyBenchRow {
  for (let i = 0; i < WARM_UP; i++) run(i);
  const samples = new Float64Array(RUNS);
  for (let i = 0; i < RUNS; i++) {
    const begin = monotonicMs();
    run(i);
    samples[i] = (monotonicMs() - begin) * 1_000;
  }
  samples.sort();
  const p50 = samples[RUNS >> 1]!;
  return {
    situation,
    rules,
    p50Microseconds: Math.round(p50 * 10) / 10,
    p99Microseconds: Math.round(samples[Math.floor(RUNS * 0.99)]! * 10) / 10,
    rulesPerMicrosecond: Math.round((rules / p50) * 100) / 100,
  };
}

/** A rule set of which every message on a channel is asked these 60 rules, wherever they bind. */
const sixtyOf = (ruleset: RuleSet, rules: readonly CompiledRule[]): RuleSet => {
  const sixty = Object.freeze(rules.slice(0, 60));
  return { ...ruleset, select: () => sixty };
};

/** Times the rule engine with the packs that come with Laneway. Takes about two seconds. */
export function benchComply(dir?: string): ComplyBenchRow[] {
  const ruleset = compileRules(loadPacks(dir));
  const row = (
    situation: string,
    facts: Facts,
    startMs: number,
    rulesAsked: RuleSet = ruleset,
  ): ComplyBenchRow => {
    const { verdicts, notApplicable } = evaluate(rulesAsked, facts, startMs);
    const rules = verdicts.length + notApplicable.length;
    return timed(situation, rules, (index) => {
      evaluate(rulesAsked, facts, startMs + (index % 60) * 97_000);
    });
  };
  const receipt: Facts = {
    ...advertising('+12125550147'),
    message: {
      channel: 'sms',
      class: 'transactional',
      treatment: 'transactional',
      ...contentOf('Your code is 445566', 'sms'),
    },
  };
  const night = START_MS + 11 * 3_600_000;
  const to = '+18505550147';
  const bound = ruleset.rules.filter(
    ({ rule }) => rule.channels.includes('sms') && rule.treatment !== 'transactional',
  );
  const known = advertising('+12125550147');
  const first = sixtyOf(ruleset, bound);
  const met = sixtyOf(
    ruleset,
    bound.filter((rule) => (evaluateRule(rule, known, START_MS) ?? 'pass') === 'pass'),
  );
  return [
    row('one-time code, New York', receipt, START_MS),
    row('advertising, New York, open', advertising('+12125550147'), START_MS),
    row('advertising, Florida, two zones, open', advertising(to), START_MS),
    row('advertising, Florida, two zones, deferred', advertising(to), night),
    row(
      'advertising, number of any state, open or deferred',
      advertising('+18005550147'),
      START_MS + 4 * 3_600_000,
    ),
    row('60 rules of many places, all met', known, START_MS, met),
    row('60 rules of many places, deferred', known, START_MS + 9 * 3_600_000, met),
    row('60 rules of many places, half of them not met', known, START_MS, first),
    timed('candidate zones of a number', 0, () => {
      candidateZones({ to });
    }),
    timed('content of a text', 0, () => {
      contentOf(BODY, 'sms');
    }),
  ];
}
