import {
  createHoltWinters,
  createNaive,
  createSeasonalNaive,
  DAY,
  type Forecaster,
  withSignals,
} from '../../../pipeline/traffic/forecast.ts';
import { createProvision, type Provision } from '../../../pipeline/traffic/provision.ts';
import { fitRefinement, refined } from './refine.ts';
import type { SurgeKind, TrafficYear } from './year.ts';

export const HORIZONS = [1, 5, 15, 30, 45, 60] as const;
/** Volumes are compared over ten minutes: capacity does not follow single ones. */
const SPAN = 10;
/** What is provided for a surge is provided for nine tenths of it. */
const TOLERANCE = 0.9;
const GAP = 30;

export interface ModelFigures {
  readonly name: string;
  /** Mean absolute error at each horizon, as a share of the mean volume. */
  readonly error: Readonly<Record<number, number>>;
  /** Surges of which the forecast an hour before their start said that they would come, by kind. */
  readonly seen: Readonly<Record<string, { readonly n: number; readonly seen: number }>>;
  readonly seenShare: number;
  /** Hours with a forecast above the line in which the volume did not come near it, a week. */
  readonly falseAlarmsAWeek: number;
}

export interface Backtest {
  /** Messages a minute above which it is a surge. */
  readonly line: number;
  readonly surges: number;
  readonly testDays: number;
  /** Whether the small network did better than Holt-Winters on days that neither learned from, by horizon. */
  readonly networkWins: Readonly<Record<number, boolean>>;
  readonly models: readonly ModelFigures[];
}

interface Surge {
  readonly start: number;
  readonly kind: SurgeKind;
}

/**
 * Walks through a year minute by minute; nothing is forecast from what was not yet known. Every model learns all along;
 * errors and surges count from `fromDay` on.
 */
export async function backtest(year: TrafficYear, fromDay: number): Promise<Backtest> {
  const { volumes, announced, incidents } = year;
  const from = fromDay * DAY;
  // Months of the generated year have thirty days.
  const daysOf = (minute: number): readonly string[] => [`${Math.floor(minute / DAY) % 30}`];
  const known = (minute: number): number => announced[minute] ?? 0;
  const line = quantile(spans(volumes.subarray(0, from)), 0.97);
  const surges = surgesOf(year, line, from);
  const { network, wins } = await fitRefinement(year, Math.floor(from * 0.8), from, [...HORIZONS]);
  const plain = createHoltWinters();
  const own = createHoltWinters();
  const used = refined(own, network, wins);
  const contenders: readonly { readonly name: string; readonly forecaster: Forecaster | Provision }[] = [
    { name: 'naive', forecaster: createNaive() },
    { name: 'seasonal-naive', forecaster: createSeasonalNaive() },
    { name: 'Holt-Winters', forecaster: plain },
    { name: 'Holt-Winters, signals', forecaster: withSignals(createHoltWinters(), known) },
    { name: 'network where it wins, signals', forecaster: withSignals(used, known) },
    {
      name: 'the same and a feed of incidents',
      forecaster: withSignals(
        refined(createHoltWinters(), network, wins),
        (minute) => known(minute) + (incidents[minute] ?? 0),
      ),
    },
    { name: 'provision, signals', forecaster: createProvision({ sources: [known], daysOf }) },
    {
      name: 'provision, signals and a feed of incidents',
      forecaster: createProvision({ sources: [known, (minute) => incidents[minute] ?? 0], daysOf }),
    },
  ];
  const starts = new Map(surges.map((surge) => [surge.start - 60, surge]));
  const models = contenders.map(({ name, forecaster }) =>
    measure(name, forecaster, volumes, { from, line, starts }),
  );
  return {
    line: Math.round(line),
    surges: surges.length,
    testDays: volumes.length / DAY - fromDay,
    networkWins: Object.fromEntries(HORIZONS.map((horizon) => [horizon, wins(horizon)])),
    models,
  };
}

function measure(
  name: string,
  forecaster: Forecaster | Provision,
  volumes: Float64Array,
  test: { readonly from: number; readonly line: number; readonly starts: ReadonlyMap<number, Surge> },
): ModelFigures {
  const { from, line, starts } = test;
  const wrong = HORIZONS.map(() => 0);
  const seen: Record<string, { n: number; seen: number }> = {};
  let [falseAlarms, quietUntil, sum] = [0, 0, 0];
  for (let minute = 0; minute + 60 + SPAN < volumes.length; minute++) {
    forecaster.observe(minute, volumes[minute]!);
    if (minute < from) continue;
    const surge = starts.get(minute);
    // Every minute would be the same again: every seventh keeps all minutes of the day.
    const measured = minute % 7 === 0;
    if (!surge && !measured) continue;
    const alarm = spanForecast(forecaster, 60) >= TOLERANCE * line;
    if (surge) {
      const before = seen[surge.kind] ?? { n: 0, seen: 0 };
      seen[surge.kind] = { n: before.n + 1, seen: before.seen + (alarm ? 1 : 0) };
    }
    if (!measured) continue;
    sum += volumes[minute]!;
    for (const [i, horizon] of HORIZONS.entries())
      wrong[i]! += Math.abs(forecaster.forecast(horizon) - volumes[minute + horizon]!);
    if (alarm && minute >= quietUntil && spanMax(volumes, minute + 45, minute + 75 + SPAN) < 0.8 * line) {
      falseAlarms++;
      quietUntil = minute + 60;
    }
  }
  const counts = Object.values(seen);
  const all = counts.reduce((n, one) => n + one.n, 0);
  return {
    name,
    error: Object.fromEntries(HORIZONS.map((horizon, i) => [horizon, wrong[i]! / sum])),
    seen,
    seenShare: counts.reduce((n, one) => n + one.seen, 0) / Math.max(1, all),
    falseAlarmsAWeek: (falseAlarms * 7) / ((volumes.length - from) / DAY),
  };
}

/** What would be provided for: the upper forecast where there is one. */
function spanForecast(forecaster: Forecaster | Provision, ahead: number): number {
  let sum = 0;
  for (let k = 0; k < SPAN; k++)
    sum += 'upper' in forecaster ? forecaster.upper(ahead + k) : forecaster.forecast(ahead + k);
  return sum / SPAN;
}

function spans(volumes: Float64Array): Float64Array {
  const out = new Float64Array(Math.floor(volumes.length / SPAN));
  for (let i = 0; i < out.length; i++) out[i] = spanOf(volumes, i * SPAN);
  return out;
}

function spanOf(volumes: Float64Array, at: number): number {
  let sum = 0;
  for (let k = 0; k < SPAN; k++) sum += volumes[at + k] ?? 0;
  return sum / SPAN;
}

function spanMax(volumes: Float64Array, from: number, to: number): number {
  let most = 0;
  for (let at = from; at < to; at += 5) most = Math.max(most, spanOf(volumes, at));
  return most;
}

function quantile(values: Float64Array, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}

/** Where the volume of ten minutes rises above the line after half an hour below it, and what was going on. */
function surgesOf({ volumes, kinds }: TrafficYear, line: number, from: number): Surge[] {
  const found: Surge[] = [];
  let below = GAP;
  for (let minute = from + 60; minute + SPAN < volumes.length; minute++) {
    if (spanOf(volumes, minute) < line) {
      below++;
      continue;
    }
    if (below >= GAP) {
      const cause = kinds.findLast((one) => one.from <= minute + SPAN && one.to > minute);
      found.push({ start: minute, kind: cause?.kind ?? 'weekly' });
    }
    below = 0;
  }
  return found;
}
