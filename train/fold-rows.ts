import type { LabelledRow } from '../data/read/labelled.ts';
import { LanewayError } from '../models/base/errors.ts';
import { createRandom, seedOf } from '../models/base/random.ts';
import { binMetadata, METADATA_COLUMNS } from '../models/features/metadata.ts';
import { canonicalise } from '../models/text/canonical.ts';
import type { Metadata } from '../models/verdict.ts';

/** A distinct canonical text with everything training needs of it. One row of every matrix of texts. */
export interface TrainingRow {
  readonly canonical: string;
  /** 1 promotional, 0 transactional, -1: counts for risk only. */
  readonly target: 1 | 0 | -1;
  /** 1 scam, 0 not, -1 not stated. */
  readonly risk: 1 | 0 | -1;
  /** How many input rows it stands for. */
  readonly weight: number;
  /** The first input row, for what else is known of it. */
  readonly source: LabelledRow;
  /** The circumstances it was sent in, by how many of the rows; absent where nothing is known of any. */
  readonly circumstances?: readonly Circumstance[];
}

/** Metadata bins and the number of rows with them. */
export interface Circumstance {
  readonly bins: Uint8Array;
  readonly rows: number;
}

/** A fingerprint on which labels contradict each other, with the counts. */
export interface Contradiction {
  readonly canonical: string;
  readonly promotional: number;
  readonly transactional: number;
  /** Line of the first row of each label. */
  readonly lines: readonly [promotional: number, transactional: number];
}

export interface FoldOptions {
  /** What is known of a row besides its text; default its `metadata`. */
  readonly metadataOf?: (row: LabelledRow) => Metadata | undefined;
  /** Chooses which half of the rows is trained as if nothing were known of sender and recipient; default 1. */
  readonly seed?: number;
  /** Contradicting labels on one fingerprint: the `majority` stands (default), or training is refused. */
  readonly contradictions?: 'majority' | 'refuse';
}

export interface FoldedRows {
  /** In order of first appearance. */
  readonly rows: TrainingRow[];
  readonly contradictions: Contradiction[];
  /** Input rows. */
  readonly read: number;
}

/** Takes rows one at a time and holds distinct ones only. */
export interface RowFolder {
  add(row: LabelledRow): void;
  /** @throws LanewayError `TRAIN_ONE_CLASS`, `TRAIN_TOO_FEW`: the rows so far do not suffice */
  requireEnough(): void;
  /** @throws LanewayError `TRAIN_ONE_CLASS`, `TRAIN_TOO_FEW`, `TRAIN_CONTRADICTIONS` */
  finish(): FoldedRows;
}

interface Held {
  readonly number: number;
  readonly source: LabelledRow;
  promotional: number;
  transactional: number;
  scam: number;
  safe: number;
  firstPromotional?: LabelledRow;
  firstTransactional?: LabelledRow;
}

const BIN_COUNTS = METADATA_COLUMNS.map(({ bins }) => bins.length);
/** Ways to combine the bins of all columns. */
const BIN_COMBINATIONS = BIN_COUNTS.reduce((product, count) => product * count, 1);

/**
 * Folds rows with the same canonical text, metadata bins and label into one weighted row as they come. Where labels
 * contradict each other the majority stands and the rest is reported. In half of the rows, at random, metadata is taken
 * as unknown, so that the model can do without.
 */
export function createRowFolder(options: FoldOptions = {}): RowFolder {
  const metadataOf = options.metadataOf ?? ((row) => row.metadata);
  const random = createRandom(seedOf(`metadata/${options.seed ?? 1}`));
  const byText = new Map<string, Held>();
  /** Rows by text, label and bins; see {@link circumstanceKey}. */
  const counts = new Map<number, number>();
  let read = 0;

  const add = (row: LabelledRow): void => {
    read++;
    const canonical = canonicalise(row.text);
    let held = byText.get(canonical);
    if (held === undefined) {
      held = { number: byText.size, source: row, promotional: 0, transactional: 0, scam: 0, safe: 0 };
      byText.set(canonical, held);
    }
    if (row.risk === true) held.scam++;
    else if (row.risk === false || row.label) held.safe++;
    if (!row.label) return;
    held[row.label]++;
    if (row.label === 'promotional') held.firstPromotional ??= row;
    else held.firstTransactional ??= row;
    const known = random.next() < 0.5 ? undefined : metadataOf(row);
    const key = circumstanceKey(held.number, row.label === 'promotional', binMetadata(known));
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };

  const requireEnough = () => requireBothClasses(Array.from(byText.values(), targetOf));

  const finish = (): FoldedRows => {
    const circumstances = circumstancesOf(counts, byText);
    const rows: TrainingRow[] = [];
    const contradictions: Contradiction[] = [];
    for (const [canonical, held] of byText) {
      const { promotional, transactional, firstPromotional, firstTransactional } = held;
      if (firstPromotional && firstTransactional) {
        const lines = [firstPromotional.line, firstTransactional.line] as const;
        contradictions.push({ canonical, promotional, transactional, lines });
      }
      const target = targetOf(held);
      rows.push({
        canonical,
        target,
        risk: held.scam + held.safe === 0 ? -1 : held.scam > held.safe ? 1 : 0,
        weight: target === 1 ? promotional : target === 0 ? transactional : held.scam + held.safe,
        source: (target === 1 ? firstPromotional : firstTransactional) ?? held.source,
        ...(circumstances[held.number] ? { circumstances: circumstances[held.number]! } : {}),
      });
    }
    if (options.contradictions === 'refuse' && contradictions.length > 0) throw refused(contradictions);
    requireEnough();
    return { rows, contradictions, read };
  };
  return { add, requireEnough, finish };
}

function targetOf({ promotional, transactional }: Held): 1 | 0 | -1 {
  return promotional + transactional === 0 ? -1 : promotional >= transactional ? 1 : 0;
}

/** Text, label and bins as one whole number. */
function circumstanceKey(text: number, promotional: boolean, bins: Uint8Array): number {
  let code = 0;
  for (let column = 0; column < bins.length; column++) code = code * BIN_COUNTS[column]! + bins[column]!;
  return (text * 2 + Number(promotional)) * BIN_COMBINATIONS + code;
}

function binsOf(code: number): Uint8Array {
  const bins = new Uint8Array(BIN_COUNTS.length);
  for (let column = bins.length - 1; column >= 0; column--) {
    bins[column] = code % BIN_COUNTS[column]!;
    code = Math.floor(code / BIN_COUNTS[column]!);
  }
  return bins;
}

/** By text: circumstances of the rows whose label stands, in order of first appearance. */
function circumstancesOf(
  counts: ReadonlyMap<number, number>,
  byText: ReadonlyMap<string, Held>,
): Circumstance[][] {
  const targets = Int8Array.from(byText.values(), targetOf);
  // Equal bins share their bytes: there are far fewer combinations than rows.
  const shared = new Map<number, Uint8Array>();
  const found: Circumstance[][] = [];
  for (const [key, rows] of counts) {
    const code = key % BIN_COMBINATIONS;
    const owner = Math.floor(key / BIN_COMBINATIONS);
    const text = owner >>> 1;
    if (targets[text] !== (owner & 1)) continue;
    const bins = shared.get(code) ?? binsOf(code);
    shared.set(code, bins);
    const list = found[text];
    if (list) list.push({ bins, rows });
    else found[text] = [{ bins, rows }];
  }
  return found;
}

/**
 * {@link createRowFolder} for rows at hand.
 *
 * @throws LanewayError `TRAIN_ONE_CLASS`, `TRAIN_TOO_FEW`, `TRAIN_CONTRADICTIONS`
 */
export function distinctRows(rows: Iterable<LabelledRow>, options: FoldOptions = {}): FoldedRows {
  const folder = createRowFolder(options);
  for (const row of rows) folder.add(row);
  return folder.finish();
}

const SHOWN_CONTRADICTIONS = 5;

/** A contradiction as a person reads it, with the lines to look at. */
export function describeContradiction({
  canonical,
  promotional,
  transactional,
  lines,
}: Contradiction): string {
  const text = canonical.length > 80 ? `${canonical.slice(0, 79)}…` : canonical;
  return `${promotional} promotional (line ${lines[0]}), ${transactional} transactional (line ${lines[1]}): ${JSON.stringify(text)}`;
}

function refused(contradictions: readonly Contradiction[]): LanewayError {
  const shown = contradictions.slice(0, SHOWN_CONTRADICTIONS).map(describeContradiction);
  return new LanewayError(
    'TRAIN_CONTRADICTIONS',
    `${contradictions.length} texts stand in the data with both labels: ${shown.join('; ')}`,
    {
      fix: 'Mend the labels, or let the more frequent one stand with --contradictions majority.',
    },
  );
}

const FEWEST_ROWS = 50;
const FEWEST_OF_A_CLASS = 10;

function requireBothClasses(targets: readonly TrainingRow['target'][]): void {
  const promotional = targets.filter((target) => target === 1).length;
  const transactional = targets.filter((target) => target === 0).length;
  if (promotional + transactional < FEWEST_ROWS) {
    throw new LanewayError(
      'TRAIN_TOO_FEW',
      `${promotional + transactional} distinct labelled messages; at least ${FEWEST_ROWS} are needed`,
      {
        fix: 'Add messages; copies that differ in digits only count once.',
      },
    );
  }
  if (promotional < FEWEST_OF_A_CLASS || transactional < FEWEST_OF_A_CLASS) {
    throw new LanewayError(
      'TRAIN_ONE_CLASS',
      `${promotional} promotional and ${transactional} transactional distinct messages; each class needs at least ${FEWEST_OF_A_CLASS}`,
      {
        fix: 'Check the label column and --map.',
      },
    );
  }
}
