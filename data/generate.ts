import { LanewayError } from '../models/base/errors.ts';
import { createRandom, type Random, seedOf, shuffle } from '../models/base/random.ts';
import type { CorpusEntry } from './corpus.ts';
import { type RenderedRow, START_MS } from './expand.ts';
import { inHouseStyle } from './house-style.ts';
import type { RowMetadata } from './read/labelled.ts';
import { createPicker, createSenders, type Sender, type SenderCell } from './senders.ts';
import {
  DAY_MS,
  HOUR_MS,
  OFFSET_HOURS,
  PROMOTIONAL_HOURS,
  TRANSACTIONAL_HOURS,
  weighted,
} from './sending-hours.ts';
import { CITIES, GIVEN_NAMES } from './slot-values.ts';
import { createSlotFiller, STABLE_SLOTS } from './slots.ts';
import { renderTemplate } from './template.ts';

export interface GenerateOptions {
  /** Rows to write. */
  readonly count: number;
  /** Default 1. The same seed and corpus give the same rows. */
  readonly seed?: number;
  /** Share of promotional rows, 0 to 1; default 0.45. */
  readonly promotionalShare?: number;
  /** Share of scam rows on top of both classes, 0 to 1; default 0. */
  readonly scamShare?: number;
  /** Start of the generated traffic, milliseconds since the epoch; default 2026-01-01 UTC. */
  readonly startMs?: number;
  /** How long the traffic lasts, days; default 28. */
  readonly days?: number;
}

/** A generated row: what {@link RenderedRow} has, and what was known of sender, time and recipient. */
export type GeneratedRow = RenderedRow & { readonly metadata: RowMetadata };

type Kind = CorpusEntry['kind'];

/** One template sent by one sender to many: an advert's campaign, or the steady flow of one kind of notice. */
interface Flow {
  readonly entry: CorpusEntry;
  readonly sender: Sender;
  /** What the sender repeats in all messages of a steady flow: the brand, its links and numbers, the goods. */
  readonly held: Map<string, string>;
  /** Chooses the same wordings of the template every time, and the days, prices and links of a campaign. */
  readonly wordingSeed: number;
  /** Messages in an hour. */
  readonly perHour: number;
  /** Campaigns: when the first one leaves; local time since the start. */
  readonly startsMs: number;
  left: number;
  sent: number;
}

/** Flows of one kind that are under way at a time. */
const FLOWS = 1_500;
/** Sizes of flows follow a power law: mostly a handful, now and then thousands. */
const LEAST_FLOW = 22;
const LARGEST_FLOW = 20_000;
const FLOW_EXPONENT = 1.15;
/** Popularity of templates by rank: Zipf's law, flatter than that of words. */
const TEMPLATE_EXPONENT = 0.85;
const RECIPIENTS_PER_MARKET = 60_000;
/** Local hours at which a running campaign stops for the day. */
const CAMPAIGN_HOURS = 4;

/**
 * Expands the corpus to any number of rows, one at a time, as traffic looks: templates by Zipf's law, each in flows of
 * one sender to many recipients in that sender's house style. The memory it takes does not depend on the count. Rows come
 * in the order of sending within a campaign, otherwise mixed.
 *
 * @throws LanewayError `GENERATE_BAD_OPTION` naming the option
 */
export function* generateRows(
  corpus: readonly CorpusEntry[],
  options: GenerateOptions,
): Generator<GeneratedRow> {
  checkOptions(options);
  const seed = options.seed ?? 1;
  const random = createRandom(seedOf(`generate/${seed}`));
  const cellOf = createSenders(seed);
  const pools = new Map<Kind, FlowPool>();
  const poolOf = (kind: Kind): FlowPool => {
    let pool = pools.get(kind);
    if (!pool) {
      pool = createPool(corpus, kind, seed, options.days ?? 28, cellOf);
      pools.set(kind, pool);
    }
    return pool;
  };
  const promotionalShare = options.promotionalShare ?? 0.45;
  const scamShare = options.scamShare ?? 0;
  for (let line = 1; line <= options.count; line++) {
    const kind =
      random.next() < scamShare ? 'scam' : random.next() < promotionalShare ? 'promotional' : 'transactional';
    yield rowOf(poolOf(kind).next(random), line, options, random);
  }
}

function checkOptions({ count, promotionalShare = 0, scamShare = 0, days = 1 }: GenerateOptions): void {
  if (!Number.isSafeInteger(count) || count < 0) throw badOption('count', `${count} is not a whole number`);
  if (!(promotionalShare >= 0 && promotionalShare <= 1))
    throw badOption('promotionalShare', `${promotionalShare} is not from 0 to 1`);
  if (!(scamShare >= 0 && scamShare <= 1)) throw badOption('scamShare', `${scamShare} is not from 0 to 1`);
  if (!Number.isSafeInteger(days) || days < 1)
    throw badOption('days', `${days} is not a whole number from 1`);
}

function badOption(option: string, message: string): LanewayError {
  return new LanewayError('GENERATE_BAD_OPTION', message, { where: option });
}

interface FlowPool {
  /** The flow that the next message belongs to. */
  next(random: Random): Flow;
}

function createPool(
  corpus: readonly CorpusEntry[],
  kind: Kind,
  seed: number,
  days: number,
  cellOf: (industry: string, market: CorpusEntry['market']) => SenderCell,
): FlowPool {
  const entries = shuffle(
    corpus.filter((entry) => entry.kind === kind),
    createRandom(seedOf(`popularity/${seed}/${kind}`)),
  );
  if (entries.length === 0)
    throw badOption(kind === 'scam' ? 'scamShare' : 'promotionalShare', `the corpus has no ${kind} entry`);
  const pick = createPicker(entries.map((_, rank) => 1 / (rank + 1) ** TEMPLATE_EXPONENT));
  const flows = new Array<Flow | undefined>(FLOWS);
  return {
    next(random) {
      const slot = random.below(FLOWS);
      let flow = flows[slot];
      if (flow === undefined || flow.left === 0) {
        flow = startFlow(entries[pick(random)]!, days, cellOf, random);
        flows[slot] = flow;
      }
      flow.left--;
      flow.sent++;
      return flow;
    },
  };
}

function startFlow(
  entry: CorpusEntry,
  days: number,
  cellOf: (industry: string, market: CorpusEntry['market']) => SenderCell,
  random: Random,
): Flow {
  const campaign = entry.kind !== 'transactional';
  const sender = cellOf(entry.industry, entry.market).pick(campaign, random);
  const size = Math.floor(LEAST_FLOW * (1 - random.next()) ** (-1 / FLOW_EXPONENT));
  const hour = weighted(PROMOTIONAL_HOURS, random);
  return {
    entry,
    sender,
    held: new Map([['brand', sender.name]]),
    wordingSeed: random.below(2 ** 31),
    // Both classes know everything from a trickle to a flood; campaigns are the larger ones on the whole.
    perHour: 10 ** (campaign ? 3.6 * random.next() : -0.4 + 3.6 * random.next()),
    startsMs: random.below(days) * DAY_MS + hour * HOUR_MS + random.pick([0, 0, 15, 30]) * 60_000,
    left: Math.min(LARGEST_FLOW, size),
    sent: 0,
  };
}

/** Slots of a steady flow whose value is the sender's; the others are the recipient's or the event's. */
const FLOW_SLOTS = ['item', 'plan', 'promo', 'email', 'url', 'phone', 'shortcode'].filter((name) =>
  STABLE_SLOTS.has(name),
);
/** Slots of a campaign that differ by recipient; its days, prices, goods and links are the same for all. */
const RECIPIENT_SLOTS: ReadonlySet<string> = new Set(
  'name fullname city tail ref code longcode bigamount'.split(' '),
);

function rowOf(flow: Flow, line: number, options: GenerateOptions, random: Random): GeneratedRow {
  const { entry, sender } = flow;
  const { market } = entry;
  const localMs = localTime(flow, options, random);
  const span = (options.days ?? 28) * DAY_MS;
  // What falls before or after the period by the offset moves by whole days, so its local hour stays.
  const sentAt =
    (options.startMs ?? START_MS) + ((localMs - OFFSET_HOURS[market] * HOUR_MS + 2 * span) % span);
  const number = random.below(RECIPIENTS_PER_MARKET);
  const person = seedOf(`${market}/${number}`);
  const held = new Map(flow.held);
  held.set('name', GIVEN_NAMES[market][person % GIVEN_NAMES[market].length]!);
  held.set('city', CITIES[market][(person >>> 8) % CITIES[market].length]!);
  const campaign = entry.kind !== 'transactional';
  const place = { market, industry: entry.industry };
  const fillOne = createSlotFiller({ ...place, nowMs: sentAt, random }, held);
  const fillForAll = createSlotFiller(
    {
      ...place,
      nowMs: (options.startMs ?? START_MS) + flow.startsMs,
      random: createRandom(seedOf(`slots/${flow.wordingSeed}`)),
    },
    held,
  );
  const fill = (name: string) => (campaign && !RECIPIENT_SLOTS.has(name) ? fillForAll(name) : fillOne(name));
  const promotional = entry.kind === 'promotional';
  const message = renderTemplate(entry.template, fill, createRandom(flow.wordingSeed));
  const text = inHouseStyle(message, sender, { promotional, channel: entry.channel }, fill);
  if (!campaign && flow.sent === 1)
    for (const name of FLOW_SLOTS) if (held.has(name)) flow.held.set(name, held.get(name)!);
  return {
    text,
    ...(entry.kind === 'scam' ? { risk: true } : { label: entry.kind, risk: false }),
    ...(entry.hard ? { hard: true } : {}),
    sender: sender.name,
    recipient: `recipient-${market}-${number}`,
    sentAt,
    channel: entry.channel,
    industry: entry.industry,
    locale: `en-${market}`,
    template: entry.id,
    metadata: metadataOf(flow, localMs, options.startMs ?? START_MS, person, random),
    line,
  };
}

/** Local milliseconds since the start: campaigns go on for some hours a day, the rest follows the day. */
function localTime(flow: Flow, { days = 28 }: GenerateOptions, random: Random): number {
  if (flow.entry.kind === 'transactional') {
    const hour = weighted(TRANSACTIONAL_HOURS, random);
    return random.below(days) * DAY_MS + hour * HOUR_MS + random.below(HOUR_MS);
  }
  const elapsedHours = flow.sent / flow.perHour;
  const day = Math.floor(elapsedHours / CAMPAIGN_HOURS);
  const local = flow.startsMs + day * DAY_MS + (elapsedHours % CAMPAIGN_HOURS) * HOUR_MS;
  // Nobody advertises at night: what would leave after nine waits for the next morning.
  const hour = Math.floor((local % DAY_MS) / HOUR_MS);
  const wait = hour >= 21 ? 12 * HOUR_MS : hour < 7 ? 5 * HOUR_MS : 0;
  return Math.floor((local + wait) % (days * DAY_MS));
}

/** A number in [0, 1) that is always the same for these two. */
function pairNumber(sender: string, person: number, what: string): number {
  return (Math.imul(seedOf(`${what}/${sender}`) ^ person, 0x9e3779b1) >>> 0) / 4294967296;
}

/**
 * What was known when the message was sent. Adverts go to people with a little more history and consent than the rest
 * does, in larger bursts and in business hours; none of it tells the class by itself.
 */
function metadataOf(
  { entry, sender, perHour }: Flow,
  localMs: number,
  startMs: number,
  person: number,
  random: Random,
): RowMetadata {
  const advert = entry.kind === 'promotional';
  const consent = pairNumber(sender.name, person, 'consent');
  const [yes, no] = advert ? [0.6, 0.68] : entry.kind === 'scam' ? [0.15, 0.6] : [0.45, 0.62];
  const engaged = pairNumber(sender.name, person, 'engaged');
  const known = engaged < (entry.kind === 'scam' ? 0.15 : advert ? 0.65 : 0.6);
  const trust =
    entry.kind === 'scam' && sender.reputation !== undefined ? 0.5 * sender.reputation : sender.reputation;
  const alike = perHour * (0.3 + random.next());
  return {
    ...(trust === undefined ? {} : { senderReputation: Math.round(trust * 100) / 100 }),
    localHour: Math.floor((localMs % DAY_MS) / HOUR_MS),
    weekday: (new Date(startMs).getUTCDay() + Math.floor(localMs / DAY_MS)) % 7,
    burst: Math.floor(alike),
    ...(known ? { daysSinceEngaged: Math.floor(2 * 600 ** (engaged / 0.65) * (0.5 + random.next())) } : {}),
    ...(consent < yes ? { optedIn: true } : consent < no ? { optedIn: false } : {}),
  };
}

/**
 * A row as one JSON line that `readLabelled` reads back; a scam has the label `risk`. Metadata stands in columns of its
 * own: `senderReputation, localHour, weekday, burst, daysSinceEngaged, optedIn`, left out where unknown.
 */
export function generatedLine({ line: _line, label, hard, sentAt, metadata, ...row }: GeneratedRow): string {
  return JSON.stringify({
    ...row,
    label: label ?? 'risk',
    sentAt: new Date(sentAt).toISOString(),
    ...(hard ? { hard } : {}),
    ...metadata,
  });
}
