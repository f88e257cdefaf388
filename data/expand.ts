import { createRandom, type Random, seedOf } from '../models/base/random.ts';
import type { CorpusEntry } from './corpus.ts';
import type { LabelledRow } from './read/labelled.ts';
import {
  DAY_MS,
  HOUR_MS,
  OFFSET_HOURS,
  PROMOTIONAL_HOURS,
  TRANSACTIONAL_HOURS,
  weighted,
} from './sending-hours.ts';
import { createSlotFiller } from './slots.ts';
import { renderTemplate } from './template.ts';

/** A rendered template also says which market it is of and who sent it when; a scam has no label but `risk`. */
export type RenderedRow = Required<
  Pick<
    LabelledRow,
    'text' | 'sender' | 'recipient' | 'sentAt' | 'channel' | 'industry' | 'locale' | 'template'
  >
> &
  Pick<LabelledRow, 'label' | 'risk' | 'hard' | 'line'>;

/** The generated traffic starts here unless told otherwise. */
export const START_MS = Date.UTC(2026, 0, 1);
const DAYS = 28;

/** A few rendered rows of every entry, in corpus order, each on its own: what training starts from. */
export function expandCorpus(corpus: readonly CorpusEntry[], perTemplate: number, seed = 1): RenderedRow[] {
  const rows: RenderedRow[] = [];
  for (const entry of corpus) {
    const random = createRandom(seedOf(`${seed}/${entry.id}/${entry.template.source}`));
    const seen = new Set<string>();
    for (let copy = 0; copy < perTemplate; copy++) {
      const row = rowOf(entry, rows.length + 1, random);
      if (!seen.has(row.text)) rows.push(row);
      seen.add(row.text);
    }
  }
  return rows;
}

function rowOf(entry: CorpusEntry, line: number, random: Random): RenderedRow {
  const promotional = entry.kind === 'promotional';
  const sentAt = sendTime(entry, promotional, random);
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

function sendTime(entry: CorpusEntry, promotional: boolean, random: Random): number {
  const day = random.below(DAYS);
  const hour = weighted(promotional ? PROMOTIONAL_HOURS : TRANSACTIONAL_HOURS, random);
  // Campaigns leave together, on the hour; the rest spreads.
  const minute = promotional && random.below(3) > 0 ? random.below(4) : random.below(60);
  const local =
    day * DAY_MS + (hour - OFFSET_HOURS[entry.market]) * HOUR_MS + minute * 60_000 + random.below(60) * 1000;
  // What falls before or after the period by the offset moves by whole days, so its local hour stays.
  const span = DAYS * DAY_MS;
  return START_MS + ((local + span) % span);
}
