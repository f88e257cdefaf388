import type { Metadata } from '../verdict.ts';

/** One binned fact about sender and recipient. Bin 0 is always "unknown". */
export interface MetadataColumn {
  readonly name: keyof Metadata;
  /** What a person reads in a reason. */
  readonly phrase: string;
  /** What each bin means, `bins[0]` being unknown. */
  readonly bins: readonly string[];
}

const column = (name: keyof Metadata, phrase: string, ...bins: string[]): MetadataColumn =>
  Object.freeze({ name, phrase, bins: Object.freeze(['unknown', ...bins]) });

/** The columns of {@link binMetadata}, in order. */
export const METADATA_COLUMNS: readonly MetadataColumn[] = Object.freeze([
  column('senderReputation', 'the reputation of the sender', 'bad', 'poor', 'fair', 'good', 'very good'),
  column(
    'localHour',
    "the recipient's hour of day",
    'night',
    'morning',
    'afternoon',
    'evening',
    'late evening',
  ),
  column('weekday', "the recipient's day of the week", 'Monday to Thursday', 'Friday', 'Saturday', 'Sunday'),
  column(
    'burst',
    'how many alike went out in an hour',
    'at most 1',
    '2 to 9',
    '10 to 99',
    '100 to 999',
    '1,000 or more',
  ),
  column(
    'daysSinceEngaged',
    'how long ago the recipient engaged',
    'a week',
    'a month',
    '3 months',
    'a year',
    'longer',
  ),
  column('optedIn', 'whether the recipient opted in', 'no', 'yes'),
]);

/** All columns unknown. */
export const UNKNOWN_METADATA: Metadata = Object.freeze({});

/** 1 + the number of ascending `bounds` that `value` reaches; 0 when it is missing or outside `[least, most]`. */
function bin(value: number | undefined, least: number, most: number, bounds: readonly number[]): number {
  if (value === undefined || !(value >= least && value <= most)) return 0;
  let found = 1;
  for (const bound of bounds) if (value >= bound) found++;
  return found;
}

/**
 * Bins metadata, one byte per column of {@link METADATA_COLUMNS}; 0 is unknown. A value that is not a number
 * or out of its range is unknown as well.
 */
export function binMetadata(metadata: Metadata | undefined): Uint8Array {
  const bins = new Uint8Array(METADATA_COLUMNS.length);
  if (metadata === undefined) return bins;
  bins[0] = bin(metadata.senderReputation, 0, 1, [0.2, 0.4, 0.6, 0.8]);
  bins[1] = bin(metadata.localHour, 0, 23, [7, 12, 17, 21]);
  const day = metadata.weekday;
  bins[2] = day === 0 ? 4 : bin(day, 1, 6, [5, 6]);
  bins[3] = bin(metadata.burst, 0, Number.MAX_VALUE, [2, 10, 100, 1_000]);
  bins[4] = bin(metadata.daysSinceEngaged, 0, Number.MAX_VALUE, [7, 30, 90, 365]);
  bins[5] = metadata.optedIn === undefined ? 0 : metadata.optedIn ? 2 : 1;
  return bins;
}

/** The bins as a short string, one digit per column, for cache keys: `000000` is all unknown. */
export function metadataKey(bins: Uint8Array): string {
  let key = '';
  for (const value of bins) key += String(value);
  return key;
}
