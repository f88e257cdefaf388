import type { LabelledRow } from '../data/read/labelled.ts';
import { binMetadata, METADATA_COLUMNS } from '../models/features/metadata.ts';

/** Looks for what would make a model seem better than it is, as rows come. */
export interface LeakWatch {
  add(row: LabelledRow): void;
  /** One sentence a finding, naming the sender or the column. */
  warnings(): string[];
}

/** One sender of more than this share of the rows makes the model one of that sender. */
const ONE_SENDER = 0.6;
/** A column that alone is right so often gives the class away... */
const GIVES_AWAY = 0.98;
/** ...when guessing the more frequent class is not nearly as good, and there are rows enough to tell. */
const LARGEST_BASE = 0.9;
const FEWEST_ROWS = 50;
/** Columns with more different values than this are names of rows, not properties. */
const MOST_VALUES = 100_000;

/** Rows of one value by class. */
type Counts = [transactional: number, promotional: number];

const TEXT_COLUMNS = ['sender', 'channel', 'industry', 'locale', 'source'] as const;

/** @see LeakWatch */
export function createLeakWatch(): LeakWatch {
  const columns = new Map<string, Map<string | number, Counts> | undefined>();
  const base: Counts = [0, 0];
  const count = (column: string, value: string | number, label: number): void => {
    if (columns.has(column) && columns.get(column) === undefined) return;
    let values = columns.get(column);
    if (!values) {
      values = new Map();
      columns.set(column, values);
    }
    let counts = values.get(value);
    if (!counts) {
      if (values.size >= MOST_VALUES) {
        columns.set(column, undefined);
        return;
      }
      counts = [0, 0];
      values.set(value, counts);
    }
    counts[label]!++;
  };

  return {
    add(row) {
      if (!row.label) return;
      const label = row.label === 'promotional' ? 1 : 0;
      base[label]++;
      for (const column of TEXT_COLUMNS) {
        const value = row[column];
        if (value !== undefined) count(column, value, label);
      }
      if (row.metadata) {
        const bins = binMetadata(row.metadata);
        METADATA_COLUMNS.forEach(({ name }, at) => {
          count(name, bins[at]!, label);
        });
      }
    },
    warnings() {
      const rows = base[0] + base[1];
      const found: string[] = [];
      const largest = largestValue(columns.get('sender'));
      if (rows >= FEWEST_ROWS && largest && largest.rows > ONE_SENDER * rows) {
        found.push(
          `${percent(largest.rows / rows)} of the rows are from one sender, "${largest.value}": the model learns how that sender writes. Add rows of others, or measure with --leave-source-out.`,
        );
      }
      for (const [column, values] of columns) {
        if (!values || rows < FEWEST_ROWS || Math.max(...base) > LARGEST_BASE * rows) continue;
        const right = rightAlone(values, base);
        if (right < GIVES_AWAY) continue;
        found.push(
          `column "${column}" alone tells the class of ${percent(right)} of the rows: what is true of this data will not be of others. Look at how the column was filled, or leave it out.`,
        );
      }
      return found;
    },
  };
}

function largestValue(
  values: ReadonlyMap<string | number, Counts> | undefined,
): { value: string | number; rows: number } | undefined {
  let best: { value: string | number; rows: number } | undefined;
  for (const [value, [a, b]] of values ?? [])
    if (best === undefined || a + b > best.rows) best = { value, rows: a + b };
  return best;
}

/**
 * Share of rows whose class is the more frequent one among the other rows with their value (leaving one out); rows
 * that lack the column, or whose value no other row has, get the class that is more frequent in all.
 */
function rightAlone(values: ReadonlyMap<string | number, Counts>, base: Counts): number {
  const usual = base[1] >= base[0] ? 1 : 0;
  let right = 0;
  const left: Counts = [base[0], base[1]];
  for (const counts of values.values()) {
    for (const label of [0, 1] as const) {
      left[label] -= counts[label];
      const others = counts[1 - label]!;
      const same = counts[label] - 1;
      if (same < 0) continue;
      if (same > others || (same === others && label === usual)) right += counts[label];
    }
  }
  right += left[usual];
  return right / (base[0] + base[1]);
}

const percent = (share: number) => `${Math.round(1000 * share) / 10}%`;
