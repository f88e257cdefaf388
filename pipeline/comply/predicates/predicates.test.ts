import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConsentState } from '../consent/consent.ts';
import type { Facts, SuppressionEntry } from '../facts.ts';
import type { Compiled, CounterSpec, PredicateNode, Truth } from '../types.ts';
import { PREDICATES } from './index.ts';
import { whyUnsafe } from './pattern.ts';

const needs: unknown[] = [];
function compile(node: PredicateNode): Compiled {
  const [name, args] = Object.entries(node)[0]!;
  return PREDICATES.get(name)!.compile(args, {
    compile,
    calendar: () => (date) => date === '2026-07-04',
    latencyMarginMs: 60_000,
    need: (what) => needs.push(what),
  });
}

const at = (text: string): number => Date.parse(text);
const bare: Facts = {
  message: { channel: 'sms', class: 'promotional', treatment: 'promotional' },
  recipient: { jurisdictions: ['US'], zones: ['America/New_York'] },
  sender: { id: '12345', brand: 'Acme' },
};
const NOW = at('2026-07-15T16:00:00Z');

describe('three-valued logic', () => {
  const leaf: Record<Truth, PredicateNode> = {
    pass: { messageIs: { channel: 'sms' } },
    fail: { messageIs: { channel: 'email' } },
    unknown: { notSuppressed: { purposes: ['all'] } },
  };
  const order: Truth[] = ['fail', 'unknown', 'pass'];

  it.each(order.flatMap((a) => order.map((b) => [a, b] as const)))('%s with %s', (a, b) => {
    const rank = (truth: Truth) => order.indexOf(truth);
    const both = [leaf[a], leaf[b]];
    // Kleene: conjunction is the lesser, disjunction the greater.
    expect(compile({ all: both }).test(bare, NOW)).toBe(order[Math.min(rank(a), rank(b))]);
    expect(compile({ any: both }).test(bare, NOW)).toBe(order[Math.max(rank(a), rank(b))]);
    expect(compile({ not: leaf[a] }).test(bare, NOW)).toBe(order[2 - rank(a)]);
  });
});

describe('field', () => {
  const age = (value: number | undefined): Facts => ({
    ...bare,
    recipient: { ...bare.recipient, ...(value === undefined ? {} : { age: value }) },
  });
  it.each([
    [{ is: '>=', value: 13 }, 13, 'pass'],
    [{ is: '>=', value: 13 }, 12, 'fail'],
    [{ is: '<', value: 13 }, 13, 'fail'],
    [{ is: '!=', value: 13 }, 12, 'pass'],
    [{ is: 'in', value: [13, 14] }, 14, 'pass'],
    [{ is: 'not-in', value: [13, 14] }, 14, 'fail'],
    [{ is: '!=', value: 13 }, undefined, 'unknown'],
    [{ is: '>=', value: 13, absent: 'fail' }, undefined, 'fail'],
  ] as const)('%j of %s is %s', (args, value, expected) => {
    expect(compile({ field: { path: 'recipient.age', ...args } }).test(age(value), NOW)).toBe(expected);
  });
});

describe('countAtMost', () => {
  const counting = (window: object, max = 2) => {
    needs.length = 0;
    const compiled = compile({ countAtMost: { max, count: 'solicitations', key: ['recipient'], window } });
    const { id } = (needs[0] as { counter: CounterSpec }).counter;
    return (times: string[], zones = ['America/New_York']) => {
      const facts = {
        ...bare,
        recipient: { ...bare.recipient, zones },
        counters: { [id]: { timesMs: times.map(at) } },
      };
      return {
        at: (now: string) => [compiled.test(facts, at(now)), compiled.nextChange(facts, at(now))] as const,
      };
    };
  };

  it('rolls: 24 hours are 24 hours over the end of summer time', () => {
    const asked = counting({ rolling: 'PT24H' }, 1)(['2026-11-01T00:30:00Z']);
    expect(asked.at('2026-11-01T20:00:00Z')).toEqual(['fail', at('2026-11-02T00:30:00Z')]);
    expect(asked.at('2026-11-02T00:30:00Z')[0]).toBe('pass');
  });

  it('counts a day by the wall clock of the recipient', () => {
    const asked = counting({ calendar: 'day' })(['2026-07-15T03:59:00Z', '2026-07-15T04:00:00Z']);
    expect(asked.at('2026-07-15T16:00:00Z')).toEqual(['pass', at('2026-07-16T04:00:00Z')]);
    const full = counting({ calendar: 'day' })(['2026-07-15T04:00:00Z', '2026-07-15T05:00:00Z']);
    expect(full.at('2026-07-15T16:00:00Z')[0]).toBe('fail');
    expect(full.at('2026-07-16T04:00:00Z')[0]).toBe('pass');
  });

  it('takes the strictest of the zones', () => {
    const times = ['2026-07-15T05:00:00Z', '2026-07-15T06:30:00Z'];
    expect(counting({ calendar: 'day' })(times, ['America/Los_Angeles']).at('2026-07-15T16:00:00Z')[0]).toBe(
      'pass',
    );
    const both = counting({ calendar: 'day' })(times, ['America/Los_Angeles', 'America/New_York']);
    expect(both.at('2026-07-15T16:00:00Z')[0]).toBe('fail');
  });

  it('begins weeks on Monday and months on the first', () => {
    const week = counting({ calendar: 'week', zone: 'Europe/Paris' }, 1);
    expect(week(['2026-07-12T21:59:00Z']).at('2026-07-15T12:00:00Z')[0]).toBe('pass');
    expect(week(['2026-07-12T22:00:00Z']).at('2026-07-15T12:00:00Z')).toEqual([
      'fail',
      at('2026-07-19T22:00:00Z'),
    ]);
    const month = counting({ calendar: 'month', zone: 'Europe/Paris' }, 1);
    expect(month(['2026-06-30T22:00:00Z']).at('2026-07-15T12:00:00Z')).toEqual([
      'fail',
      at('2026-07-31T22:00:00Z'),
    ]);
  });

  it('is unknown when it was not counted, or a day has no zone', () => {
    const compiled = compile({
      countAtMost: { max: 1, count: 'messages', key: ['recipient'], window: { calendar: 'day' } },
    });
    expect(compiled.test(bare, NOW)).toBe('unknown');
    expect(counting({ calendar: 'day' })([], []).at('2026-07-15T16:00:00Z')).toEqual(['unknown', Infinity]);
  });
});

describe('patterns from packs', () => {
  it.each(['\\d{6}', '[A-Za-z]{6}', '(?:ab|cd)e?', '\\+91140\\d+', '(x{2}y)'])('accepts %s', (pattern) => {
    expect(whyUnsafe(pattern)).toBeUndefined();
  });
  it.each(['(a*)*', '((a+)b)*', '(a|aa)+', '(.*x){9}', '(?<=a)b', '\\k<x>', 'a'.repeat(201)])(
    'refuses %s',
    (pattern) => {
      expect(whyUnsafe(pattern)).toBeDefined();
    },
  );
});

const instant = fc.integer({ min: at('2026-03-01'), max: at('2026-12-01') });
const factsArb: fc.Arbitrary<Facts> = fc.record({
  message: fc.constant(bare.message),
  recipient: fc.record({
    jurisdictions: fc.constant(['US']),
    zones: fc.subarray(['America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe']),
  }),
  sender: fc.constant(bare.sender),
  consent: fc.array(
    fc.record({ sinceMs: instant, expiresAtMs: instant }).map(
      (times): ConsentState => ({
        channel: 'sms',
        purpose: 'marketing',
        status: 'granted',
        level: 'express',
        ...times,
      }),
    ),
    { maxLength: 2 },
  ),
  suppression: fc.array(
    fc
      .record({ sinceMs: instant, untilMs: instant })
      .map(
        (times): SuppressionEntry => ({ purpose: 'marketing', channel: 'sms', reason: 'operator', ...times }),
      ),
    { maxLength: 2 },
  ),
  registries: fc.record({
    'us-ndnc': fc.record({ listed: fc.boolean(), listedSinceMs: instant, checkedAtMs: instant }),
  }),
  events: fc.record({ inquiry: fc.option(instant) }),
  counters: fc.record({
    'messages:recipient:rolling-31-days': fc
      .array(instant, { maxLength: 4 })
      .map((times) => ({ timesMs: times.sort((a, b) => a - b) })),
    'messages:recipient:calendar-day-recipient': fc
      .array(instant, { maxLength: 4 })
      .map((times) => ({ timesMs: times.sort((a, b) => a - b) })),
  }),
});

describe('nextChange', () => {
  const timed: PredicateNode[] = [
    { localTimeIn: { windows: [{ days: ['mon', 'tue', 'sat'], from: '08:00', to: '12:00' }], shutOn: 'C' } },
    { withinOfEvent: { event: 'inquiry', duration: 'P3M' } },
    { consent: { level: 'express', purpose: 'marketing' } },
    { notSuppressed: { purposes: ['marketing'] } },
    { notOnRegistry: { registry: 'us-ndnc', maxAge: 'P31D', grace: 'P28D' } },
    { countAtMost: { max: 2, count: 'messages', key: ['recipient'], window: { rolling: 'P31D' } } },
    { countAtMost: { max: 1, count: 'messages', key: ['recipient'], window: { calendar: 'day' } } },
  ];
  const compiled = timed.map((node) => compile(node));

  it('is never too late: nothing changes before it', () => {
    fc.assert(
      fc.property(
        factsArb,
        instant,
        fc.nat(timed.length - 1),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (facts, now, which, share) => {
          const predicate = compiled[which]!;
          const next = predicate.nextChange(facts, now);
          expect(next).toBeGreaterThan(now);
          const until = Math.min(next, now + 60 * 86_400_000);
          const between = Math.floor(now + share * (until - 1 - now));
          expect(predicate.test(facts, between)).toBe(predicate.test(facts, now));
          expect(predicate.test(facts, until - 1)).toBe(predicate.test(facts, now));
        },
      ),
      { seed: 17, numRuns: 3_000 },
    );
  });

  it('reads no fact that it does not declare', () => {
    fc.assert(
      fc.property(factsArb, instant, fc.nat(timed.length - 1), (facts, now, which) => {
        const predicate = compiled[which]!;
        const touched = new Set<string>();
        const watched = new Proxy(facts as unknown as Record<string, unknown>, {
          get(target, section: string) {
            const value = target[section];
            if (value === null || typeof value !== 'object' || Array.isArray(value)) {
              touched.add(section);
              return value;
            }
            return new Proxy(value as Record<string, unknown>, {
              get(members, member: string) {
                touched.add(`${section}.${member}`);
                return members[member];
              },
            });
          },
        });
        predicate.test(watched as unknown as Facts, now);
        predicate.explain(watched as unknown as Facts, now);
        for (const path of touched) expect(predicate.reads).toContain(path);
      }),
      { seed: 18, numRuns: 500 },
    );
  });
});
