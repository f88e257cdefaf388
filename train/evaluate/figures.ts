import type { LabelledRow } from '../../data/read/labelled.ts';
import type { MessageClass, Verdict } from '../../models/verdict.ts';
import type {
  BandFigures,
  Confusion,
  Group,
  GroupField,
  Outcome,
  RiskFigures,
  StageFigures,
  SweepPoint,
} from './metrics.ts';
import { rankingOf, recallAtFalsePositiveRate, shareOf } from './statistics.ts';

/** A row and what was said of it. */
export interface Judged {
  readonly row: LabelledRow;
  readonly verdict: Verdict;
}

/** A row whose class is known. */
export interface Answered extends Judged {
  readonly row: LabelledRow & { readonly label: MessageClass };
}

export const isRight = ({ row, verdict }: Judged): boolean => row.label === verdict.class;

/** 1 promotional, 0 transactional. */
export const targetsOf = (items: readonly Answered[]): number[] =>
  items.map(({ row }) => (row.label === 'promotional' ? 1 : 0));

export const probabilitiesOf = (items: readonly Judged[]): number[] =>
  items.map(({ verdict }) => verdict.probability);

/** Accuracy, leak, false positives and confusion matrix of labelled classes against said ones. */
export function outcomeOf(labels: readonly MessageClass[], said: readonly MessageClass[]): Outcome {
  const counts = { tt: 0, tp: 0, pt: 0, pp: 0 };
  labels.forEach((label, index) => {
    counts[`${label[0] as 't' | 'p'}${said[index]![0] as 't' | 'p'}`]++;
  });
  const confusion: Confusion = {
    transactionalAsTransactional: counts.tt,
    transactionalAsPromotional: counts.tp,
    promotionalAsTransactional: counts.pt,
    promotionalAsPromotional: counts.pp,
  };
  return {
    rows: labels.length,
    accuracy: shareOf(counts.tt + counts.pp, labels.length),
    leak: shareOf(counts.pt, counts.pt + counts.pp),
    falsePositives: shareOf(counts.tp, counts.tt + counts.tp),
    confusion,
  };
}

/** {@link outcomeOf} of verdicts. */
export function outcomeOfItems(items: readonly Answered[]): Outcome {
  return outcomeOf(
    items.map(({ row }) => row.label),
    items.map(({ verdict }) => verdict.class),
  );
}

export function bandFigures(items: readonly Answered[]): BandFigures {
  const sure = items.filter(({ verdict }) => verdict.band === 'sure');
  const unsure = items.filter(({ verdict }) => verdict.band === 'unsure');
  const promotional = items.filter(({ row }) => row.label === 'promotional');
  const transactional = items.filter(({ row }) => row.label === 'transactional');
  return {
    coverage: shareOf(sure.length, items.length),
    sureAccuracy: shareOf(sure.filter(isRight).length, sure.length),
    unsureAccuracy: shareOf(unsure.filter(isRight).length, unsure.length),
    treatmentLeak: shareOf(promotional.filter(isTreatedAsTransactional).length, promotional.length),
    overTreated: shareOf(
      transactional.filter((item) => !isTreatedAsTransactional(item)).length,
      transactional.length,
    ),
  };
}

/** Only what is surely transactional is treated so; the unsure band gets promotional treatment. */
const isTreatedAsTransactional = ({ verdict }: Judged): boolean =>
  verdict.band === 'sure' && verdict.class === 'transactional';

/** What decision thresholds from 0.05 to 0.95 would have given. */
export function sweepOf(items: readonly Answered[]): SweepPoint[] {
  const labels = items.map(({ row }) => row.label);
  return Array.from({ length: 37 }, (_, step) => {
    const threshold = (step * 2.5 + 5) / 100;
    const said = items.map(
      ({ verdict }): MessageClass => (verdict.probability >= threshold ? 'promotional' : 'transactional'),
    );
    const { accuracy, leak, falsePositives } = outcomeOf(labels, said);
    return {
      threshold,
      accuracy: accuracy.value,
      leak: leak.value,
      falsePositives: falsePositives.value,
    };
  });
}

const HISTOGRAM_BINS = 20;

export function histogramOf(items: readonly Answered[]): { transactional: number[]; promotional: number[] } {
  const out = {
    transactional: new Array<number>(HISTOGRAM_BINS).fill(0),
    promotional: new Array<number>(HISTOGRAM_BINS).fill(0),
  };
  for (const { row, verdict } of items) {
    out[row.label][Math.min(HISTOGRAM_BINS - 1, Math.floor(verdict.probability * HISTOGRAM_BINS))]!++;
  }
  return out;
}

/** Groups shown apart; the smaller ones are put together. */
const MOST_GROUPS = 40;
const NOT_STATED = '(not stated)';

/** Outcomes by one field, the largest group first; empty where no row states the field. */
export function groupsBy(items: readonly Answered[], field: GroupField): Group[] {
  if (items.every(({ row }) => row[field] === undefined)) return [];
  const members = new Map<string, Answered[]>();
  for (const item of items) {
    const key = item.row[field] ?? NOT_STATED;
    const held = members.get(key);
    if (held) held.push(item);
    else members.set(key, [item]);
  }
  const ranked = [...members].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  const rest = ranked.splice(MOST_GROUPS);
  if (rest.length > 0) ranked.push([`(${rest.length} smaller)`, rest.flatMap(([, held]) => held)]);
  return ranked.map(([key, held]) => ({ key, ...outcomeOfItems(held) }));
}

/** Who answered, how well, and what the lexical forest alone would have said of the same rows. */
export function stageFigures(items: readonly Answered[], lexical: readonly Answered[]): StageFigures {
  const stages = [...new Set(items.map(({ verdict }) => verdict.stage))].sort();
  const answeredBy = (stage: string) => items.filter(({ verdict }) => verdict.stage === stage);
  const degraded: Record<string, number> = {};
  for (const { verdict } of items) {
    if (verdict.degraded !== undefined) degraded[verdict.degraded] = (degraded[verdict.degraded] ?? 0) + 1;
  }
  const pairs = items
    .map((semantic, index) => ({ semantic, lexical: lexical[index]! }))
    .filter(({ semantic }) => semantic.verdict.stage === 'semantic');
  const shareOfPairs = (test: (pair: (typeof pairs)[number]) => boolean) =>
    shareOf(pairs.filter(test).length, pairs.length);
  return {
    shares: Object.fromEntries(
      stages.map((stage) => [stage, shareOf(answeredBy(stage).length, items.length)]),
    ),
    degraded,
    accuracy: Object.fromEntries(
      stages.map((stage) => {
        const answered = answeredBy(stage);
        return [stage, shareOf(answered.filter(isRight).length, answered.length)];
      }),
    ),
    lexicalAlone: outcomeOfItems(lexical),
    ...(pairs.length === 0
      ? {}
      : {
          sentOn: {
            rows: pairs.length,
            agreement: shareOfPairs((pair) => pair.semantic.verdict.class === pair.lexical.verdict.class),
            lexicalAccuracy: shareOfPairs((pair) => isRight(pair.lexical)),
            semanticAccuracy: shareOfPairs((pair) => isRight(pair.semantic)),
          },
        }),
  };
}

/** How well the risk output finds scam among everything else; undefined where no row is known to be scam. */
export function riskFigures(items: readonly Judged[]): RiskFigures | undefined {
  const known = items.filter(({ row }) => row.risk !== undefined || row.label !== undefined);
  const scam = known.filter(({ row }) => row.risk === true);
  if (scam.length === 0) return undefined;
  const scores = known.map(({ verdict }) => verdict.risk);
  const targets = known.map(({ row }) => (row.risk === true ? 1 : 0));
  return {
    scam: scam.length,
    others: known.length - scam.length,
    auc: rankingOf(scores, targets)?.auc ?? null,
    recallAt1Percent: recallAtFalsePositiveRate(scores, targets, 0.01),
    treatedAsTransactional: shareOf(scam.filter(isTreatedAsTransactional).length, scam.length),
  };
}
