import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabelledRow } from '../../data/read/labelled.ts';
import { type Clock, monotonicMs, systemClock } from '../../models/base/clock.ts';
import { LanewayError } from '../../models/base/errors.ts';
import { createClassifier } from '../../models/classify.ts';
import type { Model } from '../../models/model.ts';
import { canonicalise } from '../../models/text/canonical.ts';
import type { Classifier, Verdict } from '../../models/verdict.ts';
import { measureRobustness, type RobustnessOptions } from '../robustness/measure.ts';
import { measureBaselines } from './baselines.ts';
import { renderCard } from './card.ts';
import {
  type Answered,
  bandFigures,
  groupsBy,
  histogramOf,
  isRight,
  type Judged,
  outcomeOfItems,
  probabilitiesOf,
  riskFigures,
  stageFigures,
  sweepOf,
  targetsOf,
} from './figures.ts';
import { languageFigures } from './languages.ts';
import type { AblationFigures, BaselineFigures, DataFigures, Metrics } from './metrics.ts';
import { PUBLISHED } from './published.ts';
import { renderReport } from './report/page.ts';
import { describeMachine, measureSpeed } from './speed.ts';
import { rankingOf, reliabilityOf } from './statistics.ts';

export interface EvaluateRequest {
  readonly model: Model;
  /** Answers with `model` and holds no cache; stays open. */
  readonly classifier: Classifier;
  /** Rows without a label count for the scam risk only. */
  readonly rows: readonly LabelledRow[];
  /** What the rows are, for the reader of the report. */
  readonly data: string;
  /** Folder for `metrics.json`, `card.md` and `report.html`; made when missing, files in it are replaced. */
  readonly outDir: string;
  /**
   * What the model was trained on. Then the report says how many rows it had seen and adds simple baselines trained
   * on the same rows.
   */
  readonly training?: readonly LabelledRow[];
  /** Also measures how the clean English rows fare when they are dressed up. */
  readonly robustness?: RobustnessOptions;
  /** What the parts are worth, measured before, for the report. */
  readonly ablation?: AblationFigures;
  readonly onProgress?: (done: number, total: number) => void;
  /** Milliseconds since the epoch; default the machine's. */
  readonly clock?: Clock;
}

const BATCH = 256;
/** Mistakes of each kind that the report shows. */
const SHOWN_MISTAKES = 20;

/**
 * Measures a model on labelled messages and writes `metrics.json`, `card.md` and a self-contained `report.html`.
 *
 * @returns what `metrics.json` holds
 * @throws LanewayError `EVALUATE_NO_LABELS`: no row has a class
 */
export async function evaluateModel(request: EvaluateRequest): Promise<Metrics> {
  const { model, classifier, rows, outDir, training = [] } = request;
  const labelled = rows.filter((row) => row.label !== undefined);
  if (labelled.length === 0) {
    throw new LanewayError('EVALUATE_NO_LABELS', 'no row of the data has a class to measure against', {
      where: request.data,
      fix: 'Check the label column and --map.',
    });
  }
  const judged = await judge(classifier, rows, request.onProgress);
  const items = judged.filter((item): item is Answered => item.row.label !== undefined);
  const lexical = await judgeLexically(model, items);
  const clean = items.filter(({ row }) => row.hard !== true);
  const hard = items.filter(({ row }) => row.hard === true);
  const speed = await measureSpeed(classifier, items, monotonicMs);
  const baselines: BaselineFigures[] = training.length === 0 ? [] : await measureBaselines(training, items);
  const mistakes = await explainMistakes(classifier, worstMistakes(items));
  const risk = riskFigures(judged);
  const languages = languageFigures(items);
  const robustness =
    request.robustness &&
    (await measureRobustness(
      classifier,
      labelled.filter(({ lang }) => lang === undefined || /^en(?:-|$)/i.test(lang)),
      request.robustness,
    ));
  const metrics: Metrics = {
    format: 1,
    measuredAt: new Date((request.clock ?? systemClock)()).toISOString(),
    machine: describeMachine(),
    model: model.manifest,
    data: describeData(request, items, training),
    all: outcomeOfItems(items),
    clean: outcomeOfItems(clean),
    hard: outcomeOfItems(hard),
    ranking: {
      ...named('all', rank(items)),
      ...named('clean', rank(clean)),
      ...named('hard', rank(hard)),
    },
    calibration: reliabilityOf(probabilitiesOf(items), targetsOf(items)),
    bands: bandFigures(items),
    sweep: sweepOf(items),
    histogram: histogramOf(items),
    by: {
      source: groupsBy(items, 'source'),
      industry: groupsBy(items, 'industry'),
      channel: groupsBy(items, 'channel'),
      locale: groupsBy(items, 'locale'),
    },
    ...(languages.length === 0 ? {} : { languages }),
    ...(robustness ? { robustness } : {}),
    ...(request.ablation ? { ablation: request.ablation } : {}),
    stages: stageFigures(items, lexical),
    speed,
    ...(risk ? { risk } : {}),
    published: PUBLISHED,
    baselines,
    mistakes: mistakes.map(({ row, verdict }) => ({
      line: row.line,
      ...(row.source === undefined ? {} : { source: row.source }),
      label: row.label,
      class: verdict.class,
      probability: verdict.probability,
      band: verdict.band,
      stage: verdict.stage,
      hard: row.hard === true,
      fingerprint: verdict.fingerprint,
    })),
  };
  await mkdir(outDir, { recursive: true });
  await replaceFile(join(outDir, 'metrics.json'), `${JSON.stringify(metrics, null, 2)}\n`);
  await replaceFile(join(outDir, 'card.md'), renderCard(metrics));
  await replaceFile(join(outDir, 'report.html'), renderReport(metrics, mistakes));
  return metrics;
}

/** Asks for all rows in batches, in order, without reasons. */
async function judge(
  classifier: Classifier,
  rows: readonly LabelledRow[],
  onProgress?: (done: number, total: number) => void,
): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (let at = 0; at < rows.length; at += BATCH) {
    const batch = rows.slice(at, at + BATCH);
    const verdicts = await classifier.classify(
      batch.map(({ text }) => ({ text })),
      { reasons: false },
    );
    batch.forEach((row, index) => {
      judged.push({ row, verdict: verdicts[index]! });
    });
    onProgress?.(judged.length, rows.length);
  }
  return judged;
}

/** The same rows by the lexical forest alone. */
async function judgeLexically(model: Model, items: readonly Answered[]): Promise<Answered[]> {
  const { full: _, ...lexicalModel } = model;
  const classifier = createClassifier(lexicalModel);
  try {
    const rows = items.map(({ row }) => row);
    return (await judge(classifier, rows)) as Answered[];
  } finally {
    await classifier.close();
  }
}

const rank = (items: readonly Answered[]) => rankingOf(probabilitiesOf(items), targetsOf(items));

function named<K extends string, T>(name: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [name]: value } as Record<K, T>);
}

function describeData(
  { data, model, rows }: EvaluateRequest,
  items: readonly Answered[],
  training: readonly LabelledRow[],
): DataFigures {
  const fingerprints = items.map(({ verdict }) => verdict.fingerprint);
  const known = new Set(training.map(({ text }) => canonicalise(text)));
  return {
    description: data,
    rows: rows.length,
    labelled: items.length,
    promotional: items.filter(({ row }) => row.label === 'promotional').length,
    transactional: items.filter(({ row }) => row.label === 'transactional').length,
    hard: items.filter(({ row }) => row.hard === true).length,
    scam: rows.filter(({ risk }) => risk === true).length,
    distinctTexts: new Set(fingerprints).size,
    ...(known.size === 0
      ? {}
      : { seenInTraining: items.filter(({ row }) => known.has(canonicalise(row.text))).length }),
    sameAsTraining: data === model.manifest.training.data,
  };
}

/** The mistakes that the model was surest of, half of them leaks where there are enough; one of each text. */
function worstMistakes(items: readonly Answered[]): Answered[] {
  const seen = new Set<string>();
  const wrong = items
    .filter((item) => !isRight(item))
    .sort((a, b) => Math.abs(b.verdict.probability - 0.5) - Math.abs(a.verdict.probability - 0.5))
    .filter(({ verdict }) => !seen.has(verdict.fingerprint) && seen.add(verdict.fingerprint));
  const of = (label: string) => wrong.filter(({ row }) => row.label === label).slice(0, SHOWN_MISTAKES);
  return [...of('promotional'), ...of('transactional')];
}

/** Asks again for a few rows, with reasons. */
async function explainMistakes(
  classifier: Classifier,
  mistakes: readonly Answered[],
): Promise<(Answered & { readonly verdict: Verdict })[]> {
  if (mistakes.length === 0) return [];
  const verdicts = await classifier.classify(mistakes.map(({ row }) => ({ text: row.text })));
  return mistakes.map((item, index) => ({ ...item, verdict: verdicts[index]! }));
}

/** A reader sees the old file or the new one, never half of one. */
async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}
