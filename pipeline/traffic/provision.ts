import { createMonthlyEvents, type DaysOf } from './calendar.ts';
import { createHoltWinters, type Forecaster, type Signals, WEEK } from './forecast.ts';

/** A forecast that also says what to provide for. */
export interface Provision extends Forecaster {
  /**
   * Messages in the minute `ahead` that are surpassed one time in five, as far as past errors tell, with what sources
   * announce taken as high as one time in ten it was.
   *
   * @param due announced by the store itself; what a source says of the same is not added
   */
  upper(ahead: number, due?: number): number;
}

const HOUR = 60;
/** Errors and ratios remembered: a week and more of tens of minutes. */
const REMEMBERED = 1_500;
const ERROR_EVERY = 10;
const SURPASSED = 0.8;
const TOLD_HIGH = 0.9;
/** A source is measured where it says something that stands out of the season. */
const LEAST_TOLD_SHARE = 0.5;

/**
 * Holt-Winters with what returns by the month, and sources of what is announced (a calendar of campaigns, a feed of
 * incidents). How wrong forecasts an hour ahead were and how far each source was off is learned as minutes pass.
 */
export function createProvision(options: {
  readonly sources?: readonly Signals[];
  readonly daysOf?: DaysOf;
}): Provision {
  const { sources = [] } = options;
  const season = createHoltWinters();
  const monthly = createMonthlyEvents(options.daysOf);
  const errors = createQuantile(SURPASSED);
  const ratios = sources.map(() => createQuantile(TOLD_HIGH));
  /** Forecasts made, by the minute that they are about. */
  const made = new Map<number, number>();
  let minute = 0;
  let first: number | undefined;

  const base = (ahead: number): number => {
    const at = minute + ahead;
    return season.forecast(ahead) + monthly.extra(at, season.state.seasonal(at));
  };

  return {
    observe(at, volume) {
      const told = sources.map((source) => source(at));
      const all = told.reduce((sum, one) => sum + one, 0);
      const plain = Math.max(0, volume - all);
      const seasonal = season.state.seasonal(at);
      const expected = made.get(at);
      // Those about minutes that nobody counted go too.
      for (const about of made.keys()) if (about <= at) made.delete(about);
      // The first weeks have no season yet to be held against.
      if (first !== undefined && at - first > 2 * WEEK) learn(expected, volume, told, all, seasonal);
      first ??= at;
      season.observe(at, plain);
      monthly.observe(at, plain, seasonal);
      minute = at;
      if (at % ERROR_EVERY === 0) made.set(at + HOUR, base(HOUR));
    },
    forecast: (ahead) => base(ahead) + sources.reduce((sum, source) => sum + source(minute + ahead), 0),
    upper(ahead, due = 0) {
      const told = sources.reduce(
        (sum, source, i) => sum + source(minute + ahead) * Math.max(1, ratios[i]!.value() ?? 1),
        0,
      );
      return base(ahead) * Math.max(1, errors.value() ?? 1) + Math.max(due, told);
    },
  };

  function learn(
    expected: number | undefined,
    volume: number,
    told: readonly number[],
    all: number,
    seasonal: number,
  ): void {
    if (expected !== undefined && expected > 0 && all === 0) errors.add(volume / expected);
    for (const [i, one] of told.entries()) {
      if (one > LEAST_TOLD_SHARE * seasonal && seasonal > 0)
        ratios[i]!.add((volume - seasonal - (all - one)) / one);
    }
  }
}

/** A share of the latest values; read now and then, so that it is sorted seldom. */
function createQuantile(share: number): { add(value: number): void; value(): number | undefined } {
  const values: number[] = [];
  let [at, since, known] = [0, 0, undefined as number | undefined];
  return {
    add(value) {
      values[at] = value;
      at = (at + 1) % REMEMBERED;
      since++;
    },
    value() {
      if (values.length > 0 && (known === undefined || since >= REMEMBERED / 20)) {
        const sorted = [...values].sort((a, b) => a - b);
        known = sorted[Math.floor(share * (sorted.length - 1))];
        since = 0;
      }
      return known;
    },
  };
}
