import { type Market, readCorpus } from '../data/corpus.ts';
import { expandCorpus } from '../data/expand.ts';
import type { LabelledRow } from '../data/read/labelled.ts';
import { createRandom, seedOf } from '../models/base/random.ts';
import type { Metadata } from '../models/verdict.ts';
import { augmentRows } from './robustness/augment.ts';

/** The authored corpus as training rows. */
export interface CorpusRows {
  readonly rows: readonly LabelledRow[];
  /** Intent of each template. */
  readonly intents: ReadonlyMap<string, string>;
  readonly metadataOf: (row: LabelledRow) => Metadata | undefined;
  readonly description: string;
}

/** Share of the rows with a dressed-up twin: cut beginnings, odd case, boilerplate at the end. */
const DRESSED_UP = 0.25;

/** @param perTemplate renderings of each template; default 1 */
export function corpusRows(perTemplate = 1): CorpusRows {
  const corpus = readCorpus();
  const intents = new Map(corpus.map((entry) => [entry.id, entry.intent]));
  const isAuthored = ({ template }: LabelledRow) => template !== undefined && intents.has(template);
  return {
    rows: [...augmentRows(expandCorpus(corpus, perTemplate), { share: DRESSED_UP })],
    intents,
    metadataOf: (row) => row.metadata ?? (isAuthored(row) ? circumstancesOf(row) : undefined),
    description: `authored corpus, ${corpus.length} templates, ${100 * DRESSED_UP}% of them also dressed up`,
  };
}

const ZONES: Readonly<Record<Market, string>> = {
  US: 'America/Chicago', GB: 'Europe/London', IE: 'Europe/Dublin', CA: 'America/Toronto', IN: 'Asia/Kolkata',
  PK: 'Asia/Karachi', PH: 'Asia/Manila', SG: 'Asia/Singapore', MY: 'Asia/Kuala_Lumpur', NG: 'Africa/Lagos',
  KE: 'Africa/Nairobi', ZA: 'Africa/Johannesburg', AE: 'Asia/Dubai', AU: 'Australia/Sydney', NZ: 'Pacific/Auckland',
}; // biome-ignore format: one table

const clocks = new Map<string, Intl.DateTimeFormat>();

/** Local hour and weekday of a generated row, and a burst such as campaigns have; sender and recipient stay unknown. */
function circumstancesOf(row: LabelledRow): Metadata | undefined {
  const zone = ZONES[(row.locale ?? '').slice(3) as Market];
  if (zone === undefined || row.sentAt === undefined) return undefined;
  let clock = clocks.get(zone);
  if (!clock) {
    clock = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hour: 'numeric',
      hourCycle: 'h23',
      weekday: 'short',
    });
    clocks.set(zone, clock);
  }
  const parts = clock.formatToParts(row.sentAt);
  const part = (type: string) => parts.find((candidate) => candidate.type === type)?.value ?? '';
  const random = createRandom(seedOf(`burst/${row.template}/${row.line}`));
  return {
    localHour: Number(part('hour')),
    weekday: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(part('weekday')),
    burst: Math.round(10 ** (random.next() * (row.label === 'promotional' ? 4 : 2.5))),
  };
}
