import { LanewayError } from '../models/base/errors.ts';
import { createRandom, type Random, seedOf } from '../models/base/random.ts';
import type { CorpusEntry, Market } from './corpus.ts';
import type { LabelledRow } from './read/labelled.ts';
import { createSlotFiller } from './slots.ts';
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

/** A generated row also says which market it is of and who sent it when; a scam has no label but `risk`. */
export type GeneratedRow = Required<
  Pick<
    LabelledRow,
    'text' | 'sender' | 'recipient' | 'sentAt' | 'channel' | 'industry' | 'locale' | 'template'
  >
> &
  Pick<LabelledRow, 'label' | 'risk' | 'hard' | 'line'>;

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Whole hours east of Greenwich, winter time: enough for believable sending hours. */
const OFFSET_HOURS: Readonly<Record<Market, number>> = {
  US: -6, GB: 0, IE: 0, CA: -5, IN: 5.5, PK: 5, PH: 8, SG: 8, MY: 8, NG: 1, KE: 3, ZA: 2, AE: 4, AU: 10, NZ: 12,
}; // biome-ignore format: one table

/** When people are written to, local hours 0 to 23: campaigns in business hours, everything else around the clock. */
const PROMOTIONAL_HOURS = [0, 0, 0, 0, 0, 0, 0, 1, 3, 8, 11, 11, 9, 7, 7, 8, 9, 10, 9, 6, 3, 1, 0, 0];
const TRANSACTIONAL_HOURS = [3, 2, 1, 1, 1, 2, 4, 6, 8, 9, 10, 10, 10, 10, 9, 9, 9, 10, 10, 9, 8, 7, 5, 4];

/**
 * Expands the corpus to any number of rows, one at a time; nothing is held in memory.
 *
 * @throws LanewayError `GENERATE_BAD_OPTION` naming the option
 */
export function* generateRows(
  corpus: readonly CorpusEntry[],
  options: GenerateOptions,
): Generator<GeneratedRow> {
  checkOptions(options);
  const random = createRandom(seedOf(`generate/${options.seed ?? 1}`));
  const byKind = {
    promotional: corpus.filter((entry) => entry.kind === 'promotional'),
    transactional: corpus.filter((entry) => entry.kind === 'transactional'),
    scam: corpus.filter((entry) => entry.kind === 'scam'),
  };
  const promotionalShare = options.promotionalShare ?? 0.45;
  const scamShare = options.scamShare ?? 0;
  for (let line = 1; line <= options.count; line++) {
    const kind =
      random.next() < scamShare ? 'scam' : random.next() < promotionalShare ? 'promotional' : 'transactional';
    if (byKind[kind].length === 0)
      throw badOption(kind === 'scam' ? 'scamShare' : 'promotionalShare', `the corpus has no ${kind} entry`);
    yield rowOf(random.pick(byKind[kind]), line, options, random);
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

/** A row as one JSON line that `readLabelled` reads back; a scam has the label `risk`. */
export function generatedLine({ line: _line, label, hard, sentAt, ...row }: GeneratedRow): string {
  return JSON.stringify({
    ...row,
    label: label ?? 'risk',
    sentAt: new Date(sentAt).toISOString(),
    ...(hard ? { hard } : {}),
  });
}

/** A few rendered rows of every entry, in corpus order: what training starts from. */
export function expandCorpus(corpus: readonly CorpusEntry[], perTemplate: number, seed = 1): GeneratedRow[] {
  const rows: GeneratedRow[] = [];
  for (const entry of corpus) {
    const random = createRandom(seedOf(`${seed}/${entry.id}/${entry.template.source}`));
    const seen = new Set<string>();
    for (let copy = 0; copy < perTemplate; copy++) {
      const row = rowOf(entry, rows.length + 1, { count: 0 }, random);
      if (!seen.has(row.text)) rows.push(row);
      seen.add(row.text);
    }
  }
  return rows;
}

function rowOf(entry: CorpusEntry, line: number, options: GenerateOptions, random: Random): GeneratedRow {
  const promotional = entry.kind === 'promotional';
  const sentAt = sendTime(entry, options, promotional, random);
  const fill = createSlotFiller({ market: entry.market, industry: entry.industry, nowMs: sentAt, random });
  return {
    text: renderTemplate(entry.template, fill, random),
    ...(entry.kind === 'scam' ? { risk: true } : { label: entry.kind, risk: false }),
    ...(entry.hard ? { hard: true } : {}),
    // A brand sends everything under one name: the sender must not give the class away.
    sender: fill('brand'),
    recipient: `recipient-${random.below(200_000)}`,
    sentAt,
    channel: entry.channel,
    industry: entry.industry,
    locale: `en-${entry.market}`,
    template: entry.id,
    line,
  };
}

function sendTime(
  entry: CorpusEntry,
  options: GenerateOptions,
  promotional: boolean,
  random: Random,
): number {
  const start = options.startMs ?? START_MS;
  const days = options.days ?? 28;
  const day = random.below(days);
  const hour = weighted(promotional ? PROMOTIONAL_HOURS : TRANSACTIONAL_HOURS, random);
  // Campaigns leave together, on the hour; the rest spreads.
  const minute = promotional && random.below(3) > 0 ? random.below(4) : random.below(60);
  const local =
    day * DAY_MS + (hour - OFFSET_HOURS[entry.market]) * HOUR_MS + minute * 60_000 + random.below(60) * 1000;
  // What falls before or after the period by the offset moves by whole days, so its local hour stays.
  const span = days * DAY_MS;
  return start + ((local + span) % span);
}

function weighted(weights: readonly number[], random: Random): number {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index]!;
    if (left < 0) return index;
  }
  return weights.length - 1;
}
