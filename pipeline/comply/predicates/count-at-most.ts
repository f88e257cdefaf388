import { z } from 'zod';
import { type CounterFact, type Facts, factReader, type MetricFact } from '../facts.ts';
import { durationInWords, upperBoundMs } from '../language/duration.ts';
import { type CountWindow, clockworkOf } from '../time/count-window.ts';
import { areZones, isZone } from '../time/localtime.ts';
import type { CounterSpec } from '../types.ts';
import { definePredicate, durationSchema, fieldSchema, nameSchema } from './define.ts';

/** What may be counted together. `provider`, `company`, `seller` of the laws are `sender`, `brand` or `tenant`. */
export const COUNT_KEYS = [
  'recipient',
  'tenant',
  'sender',
  'brand',
  'subject',
  'campaign',
  'channel',
  'account',
  'event',
  'debt',
  'package',
  'carrier',
] as const;
/** What is counted: every message, or those of a kind. The pipeline knows these words. */
export const COUNTS = [
  'messages',
  'solicitations',
  'exempt',
  'call-attempts',
  'consent-requests',
  'opt-out-confirmations',
  'promotional-or-collection',
] as const;

const windowSchema = z.union([
  z.strictObject({ rolling: durationSchema }),
  z.strictObject({
    calendar: z.enum(['day', 'week', 'month']),
    /** `recipient`: the strictest over all candidate zones. */
    zone: z
      .string()
      .default('recipient')
      .refine((zone) => zone === 'recipient' || isZone(zone), 'must be "recipient" or an IANA time zone'),
  }),
  z.strictObject({ since: nameSchema }),
  z.literal('lifetime'),
]);

/** A limit by a number (`[[75, 200000], [0, 2000]]`: from 75 on 200,000) or by a word (`[[A, 4500]]`). */
const tableSchema = z.strictObject({
  by: fieldSchema('number', 'text'),
  table: z.array(z.tuple([z.union([z.string(), z.number()]), z.number().min(0)])).min(1),
});
type Table = z.output<typeof tableSchema>;

/** The limit for these facts; `undefined`: the table does not tell. */
function limitOf(max: number | Table): {
  reads: readonly string[];
  get: (facts: Facts) => number | undefined;
} {
  if (typeof max === 'number') return { reads: [], get: () => max };
  const read = factReader(max.by);
  const steps = max.table
    .filter((row): row is [number, number] => typeof row[0] === 'number')
    .sort((a, b) => b[0] - a[0]);
  const words = new Map(max.table.filter((row): row is [string, number] => typeof row[0] === 'string'));
  return {
    reads: [max.by],
    get(facts) {
      const found = read(facts);
      if (typeof found === 'number') return steps.find(([from]) => found >= from)?.[1];
      return typeof found === 'string' ? words.get(found) : undefined;
    },
  };
}

const key = z.array(z.enum(COUNT_KEYS)).min(1);
const base = { count: z.enum(COUNTS), key, window: windowSchema };

interface Question {
  readonly spec: CounterSpec;
  readonly window: CountWindow;
  readonly reads: readonly string[];
  /** Instants counted at `atMs` in the zone where they are most; `undefined`: not known. */
  counted(
    facts: Facts,
    atMs: number,
    weigh: (fact: CounterFact, indices: number[]) => number,
  ): number | undefined;
  nextChange(facts: Facts, atMs: number): number;
  readonly words: string;
}

function question(spec: CounterSpec, window: CountWindow): Question {
  const clockwork = clockworkOf(window);
  const path = `counters.${spec.id}`;
  const read = factReader(path);
  const event = typeof window === 'object' && 'since' in window ? window.since : undefined;
  const readEvent = factReader(`events.${event ?? ''}`);
  const zonesFor = (facts: Facts) => clockwork.zones(clockwork.byRecipient ? facts.recipient.zones : []);
  const factOf = (facts: Facts): CounterFact | undefined => {
    if (clockwork.byRecipient && !areZones(facts.recipient.zones)) return undefined;
    return read(facts) as CounterFact | undefined;
  };
  /** Since when: the event's instant; `null` when it never happened; `undefined` when it is not known. */
  const sinceOf = (facts: Facts): number | null | undefined =>
    event === undefined ? -Infinity : (readEvent(facts) as number | null | undefined);
  return {
    spec,
    window,
    words: clockwork.words,
    reads: [
      path,
      ...(clockwork.byRecipient ? ['recipient.zones'] : []),
      ...(event === undefined ? [] : [`events.${event}`]),
    ],
    counted(facts, atMs, weigh) {
      const fact = factOf(facts);
      const since = sinceOf(facts);
      if (fact === undefined || since === undefined) return undefined;
      if (since === null) return 0;
      if (fact.timesMs.length === 0) return weigh(fact, []);
      let most = 0;
      for (const zone of zonesFor(facts)) {
        const indices: number[] = [];
        for (let i = 0; i < fact.timesMs.length; i++) {
          if (clockwork.counts(fact.timesMs[i]!, atMs, zone, since)) indices.push(i);
        }
        most = Math.max(most, weigh(fact, indices));
      }
      return most;
    },
    nextChange(facts, atMs) {
      const fact = factOf(facts);
      if (fact === undefined) return Infinity;
      const later = fact.timesMs.find((time) => time > atMs) ?? Infinity;
      return Math.min(later, clockwork.next(fact.timesMs, atMs, zonesFor(facts)));
    },
  };
}

const weightOf = ({ weights }: CounterFact, indices: readonly number[]): number =>
  weights === undefined ? indices.length : indices.reduce((sum, index) => sum + (weights[index] ?? 1), 0);

/**
 * Met while this message fits: what was counted in the window, sent, in flight and reserved alike, and this one come
 * to at most `max`. Unknown when the counter was not asked, a calendar window needs the recipient's zone and there is
 * none, or the table has no limit for what is known.
 */
export const countAtMost = definePredicate({
  name: 'countAtMost',
  schema: z
    .strictObject({
      ...base,
      max: z.number().int().min(1).optional(),
      maxFrom: tableSchema.optional(),
      unit: z.enum(['messages', 'segments']).default('messages'),
      /** One more for each of these events since the window began, e.g. a failed delivery. */
      extraPer: nameSchema.optional(),
    })
    .refine((args) => (args.max === undefined) !== (args.maxFrom === undefined), 'needs "max" or "maxFrom"'),
  compile({ max, maxFrom, count, key: keys, window, unit, extraPer }, context) {
    const clockwork = clockworkOf(window);
    const id = `${count}${unit === 'segments' ? '-segments' : ''}:${keys.join('+')}:${clockwork.name}`;
    const spec: CounterSpec = {
      id,
      count,
      key: keys,
      lookbackMs: clockwork.lookbackMs,
      ...(unit === 'segments' ? { unit } : {}),
    };
    context.need({ counter: spec });
    if (typeof window === 'object' && 'since' in window) context.need({ event: window.since });
    if (extraPer !== undefined) context.need({ event: extraPer });
    const asked = question(spec, window);
    const limit = limitOf(max ?? maxFrom!);
    const readSegments = factReader('message.segments');
    const readExtra = factReader(`events.${extraPer ?? ''}`);
    const own = (facts: Facts): number | undefined => {
      if (unit === 'messages') return 1;
      const segments = readSegments(facts);
      return typeof segments === 'number' ? segments : undefined;
    };
    /** The event is known by its last instant: it allows one more, however often it happened. */
    const allowed = (facts: Facts): number | undefined => {
      const most = limit.get(facts);
      if (most === undefined || extraPer === undefined) return most;
      return most + (typeof readExtra(facts) === 'number' ? 1 : 0);
    };
    return {
      reads: [
        ...asked.reads,
        ...limit.reads,
        ...(unit === 'segments' ? ['message.segments'] : []),
        ...(extraPer === undefined ? [] : [`events.${extraPer}`]),
      ],
      test(facts, atMs) {
        const counted = asked.counted(facts, atMs, weightOf);
        const most = allowed(facts);
        const mine = own(facts);
        if (counted === undefined || most === undefined || mine === undefined) return 'unknown';
        return counted + mine <= most ? 'pass' : 'fail';
      },
      nextChange: asked.nextChange,
      explain(facts, atMs) {
        const counted = asked.counted(facts, atMs, weightOf);
        const what = unit === 'segments' ? `segments of ${count}` : count;
        if (counted === undefined) return `how many ${what} there were is not known`;
        return `there were ${counted} ${what} ${asked.words} (at most ${allowed(facts) ?? 'an unknown number'} are allowed)`;
      },
    };
  },
});

/** Met while the message does not bring one more value (channel, sender) than `max` into the window. */
export const distinctAtMost = definePredicate({
  name: 'distinctAtMost',
  schema: z.strictObject({ ...base, max: z.number().int().min(1), of: z.enum(['channel', 'sender']) }),
  compile({ max, of, count, key: keys, window }, context) {
    const clockwork = clockworkOf(window);
    const spec: CounterSpec = {
      id: `${count}-${of}s:${keys.join('+')}:${clockwork.name}`,
      count,
      key: keys,
      lookbackMs: clockwork.lookbackMs,
      distinct: of,
    };
    context.need({ counter: spec });
    if (typeof window === 'object' && 'since' in window) context.need({ event: window.since });
    const asked = question(spec, window);
    const ownPath = of === 'channel' ? 'message.channel' : 'sender.id';
    const readOwn = factReader(ownPath);
    const kinds =
      (facts: Facts) =>
      ({ values = [] }: CounterFact, indices: readonly number[]): number =>
        new Set([...indices.map((index) => values[index] ?? ''), readOwn(facts)]).size;
    return {
      reads: [...asked.reads, ownPath],
      test(facts, atMs) {
        const found = asked.counted(facts, atMs, kinds(facts));
        return found === undefined ? 'unknown' : found <= max ? 'pass' : 'fail';
      },
      nextChange: asked.nextChange,
      explain(facts, atMs) {
        const found = asked.counted(facts, atMs, kinds(facts));
        if (found === undefined) return `over how many ${of}s there were ${count} is not known`;
        return `with this message there are ${found} ${of}s ${asked.words} (at most ${max} are allowed)`;
      },
    };
  },
});

/** Met while a measured ratio or throughput is at most `max`. Unknown without a figure, or with one too old. */
export const rateAtMost = definePredicate({
  name: 'rateAtMost',
  schema: z
    .strictObject({
      metric: nameSchema,
      scope: nameSchema,
      max: z.number().min(0).optional(),
      maxFrom: tableSchema.optional(),
      /** Over what time it is taken; a figure older than this is none. */
      window: durationSchema,
    })
    .refine((args) => (args.max === undefined) !== (args.maxFrom === undefined), 'needs "max" or "maxFrom"'),
  compile({ metric, scope, max, maxFrom, window }, context) {
    const id = `${metric}:${scope}:${durationInWords(window).replaceAll(' ', '-')}`;
    const windowMs = upperBoundMs(window);
    context.need({ rate: { id, metric, scope, windowMs } });
    const path = `metrics.${id}`;
    const read = factReader(path);
    const limit = limitOf(max ?? maxFrom!);
    const figure = (facts: Facts) => read(facts) as MetricFact | undefined;
    return {
      reads: [path, ...limit.reads],
      test(facts, atMs) {
        const found = figure(facts);
        const most = limit.get(facts);
        if (found === undefined || most === undefined || atMs >= found.asOfMs + windowMs) return 'unknown';
        return found.value <= most ? 'pass' : 'fail';
      },
      nextChange(facts, atMs) {
        const found = figure(facts);
        return found === undefined || found.asOfMs + windowMs <= atMs ? Infinity : found.asOfMs + windowMs;
      },
      explain(facts) {
        const found = figure(facts);
        if (found === undefined) return `${metric} of the ${scope} is not known`;
        return `${metric} of the ${scope} is ${found.value} (at most ${limit.get(facts) ?? 'an unknown value'} is allowed)`;
      },
    };
  },
});
