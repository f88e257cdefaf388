import type { LabelledRow } from '../../data/read/labelled.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import { isLikelyEnglish } from '../../models/text/language.ts';
import type { Classifier, MessageClass, Verdict } from '../../models/verdict.ts';
import { holm, mcnemarP } from './mcnemar.ts';

/** One message and what both models say of it. */
export interface Pair {
  readonly row: LabelledRow & { readonly label: MessageClass };
  readonly champion: Verdict;
  readonly candidate: Verdict;
}

/** How the candidate does against the champion on a part of the messages. */
export interface SliceResult {
  /** `all`, `class=promotional`, `industry=banking`, ... */
  readonly slice: string;
  readonly messages: number;
  /** Messages rightly answered. */
  readonly champion: number;
  readonly candidate: number;
  /** Right with the champion and wrong with the candidate, and the other way round. */
  readonly lost: number;
  readonly won: number;
  /** Exact one-sided McNemar; of the finer slices corrected for their number after Holm. */
  readonly p: number;
  /** The candidate is worse here, beyond noise. */
  readonly drops: boolean;
}

export interface GateResult {
  /** The main slices first, then the finer ones with the lowest p first. */
  readonly slices: readonly SliceResult[];
  readonly drops: readonly SliceResult[];
  /** Different messages compared. */
  readonly messages: number;
}

export interface GateOptions {
  /** Chance of refusing, for one main slice, or for all finer ones together, an equal candidate; default 0.05. */
  readonly level?: number;
  /** Finer slices with fewer messages are not judged; default 20. */
  readonly fewest?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

const BATCH = 256;

/**
 * Asks both models about every labelled message, each text and label once, so that copies prove nothing.
 *
 * @throws LanewayError `GATE_NO_LABELS`
 */
export async function pairAnswers(
  rows: readonly LabelledRow[],
  champion: Classifier,
  candidate: Classifier,
  onProgress?: GateOptions['onProgress'],
): Promise<Pair[]> {
  const distinct = distinctMessages(rows);
  if (distinct.length === 0) {
    throw new LanewayError('GATE_NO_LABELS', 'no row has a class to measure against', {
      fix: 'Give labelled rows with --data FILE.',
    });
  }
  const pairs: Pair[] = [];
  for (let at = 0; at < distinct.length; at += BATCH) {
    const batch = distinct.slice(at, at + BATCH);
    const inputs = batch.map(({ text }) => ({ text }));
    const before = await champion.classify(inputs, { reasons: false });
    const after = await candidate.classify(inputs, { reasons: false });
    batch.forEach((row, i) => {
      pairs.push({ row, champion: before[i]!, candidate: after[i]! });
    });
    onProgress?.(pairs.length, distinct.length);
  }
  return pairs;
}

function distinctMessages(rows: readonly LabelledRow[]): Pair['row'][] {
  const seen = new Map<string, Pair['row']>();
  for (const row of rows) {
    if (row.label === undefined) continue;
    const key = `${row.label} ${canonicalise(row.text)}`;
    if (!seen.has(key)) seen.set(key, row as Pair['row']);
  }
  return [...seen.values()];
}

type IsRight = (verdict: Verdict, label: MessageClass) => boolean;

const rightClass: IsRight = (verdict, label) => verdict.class === label;
/** Promotional mail must not be treated as transactional: wrong and sure of it is the costliest mistake. */
const rightTreatment: IsRight = ({ class: named, band }, label) =>
  label !== 'promotional' || named !== 'transactional' || band !== 'sure';

/** Compares answers slice by slice; `drops` lists those where the candidate is worse beyond noise. */
export function judgePairs(pairs: readonly Pair[], options: GateOptions = {}): GateResult {
  const { level = 0.05, fewest = 20 } = options;
  const of = (label: MessageClass) => pairs.filter(({ row }) => row.label === label);
  const main = [
    sliceOf('all', pairs, rightClass),
    ...(['promotional', 'transactional'] as const).map((label) =>
      sliceOf(`class=${label}`, of(label), rightClass),
    ),
    ...[false, true].map((hard) =>
      sliceOf(
        hard ? 'hard' : 'clean',
        pairs.filter(({ row }) => (row.hard === true) === hard),
        rightClass,
      ),
    ),
    sliceOf('promotional not treated as transactional', of('promotional'), rightTreatment),
  ].filter(({ messages }) => messages > 0);
  const fine = finerSlices(pairs).filter(({ messages }) => messages >= fewest);
  const corrected = holm(fine.map(({ p }) => p));
  const all = [
    ...main,
    ...fine.map((slice, i) => ({ ...slice, p: corrected[i]! })).sort((a, b) => a.p - b.p),
  ];
  const slices = all.map((slice) => ({ ...slice, drops: slice.lost > slice.won && slice.p < level }));
  return { slices, drops: slices.filter(({ drops }) => drops), messages: pairs.length };
}

function sliceOf(slice: string, pairs: readonly Pair[], isRight: IsRight): SliceResult {
  const answers = pairs.map(({ row, champion, candidate }) => ({
    before: isRight(champion, row.label),
    after: isRight(candidate, row.label),
  }));
  const count = (wanted: (one: { before: boolean; after: boolean }) => boolean) =>
    answers.filter(wanted).length;
  const lost = count(({ before, after }) => before && !after);
  const won = count(({ before, after }) => !before && after);
  return {
    slice,
    messages: pairs.length,
    champion: count(({ before }) => before),
    candidate: count(({ after }) => after),
    lost,
    won,
    p: mcnemarP(lost, won),
    drops: false,
  };
}

/** What a message is told apart by, beside its class. */
const DIMENSIONS: Readonly<Record<string, (row: Pair['row']) => string | undefined>> = {
  industry: ({ industry }) => industry,
  market: ({ locale }) => locale?.split('-')[1],
  channel: ({ channel }) => channel,
  source: ({ source }) => source,
  language: ({ locale, text }) =>
    locale?.split('-')[0] ?? (isLikelyEnglish(canonicalise(text)) ? 'en' : 'other'),
};

function finerSlices(pairs: readonly Pair[]): SliceResult[] {
  return Object.entries(DIMENSIONS).flatMap(([dimension, read]) => {
    const byValue = new Map<string, Pair[]>();
    for (const pair of pairs) {
      const value = read(pair.row);
      if (value === undefined) continue;
      const held = byValue.get(value);
      if (held) held.push(pair);
      else byValue.set(value, [pair]);
    }
    // One value is all there is: that is the slice `all`.
    if (byValue.size < 2) return [];
    return [...byValue].map(([value, held]) => sliceOf(`${dimension}=${value}`, held, rightClass));
  });
}
