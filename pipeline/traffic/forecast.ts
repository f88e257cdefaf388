/** Minutes of a day, and of a week: what repeats. */
export const DAY = 1_440;
export const WEEK = 7 * DAY;

/** Messages a minute that are known to come, by what knows it: scheduled sends, deferred ones, a calendar. */
export type Signals = (minute: number) => number;

/** Forecasts volumes a minute from volumes a minute. */
export interface Forecaster {
  /** @param minute since the epoch; each once, in order @param volume messages accepted in it, unannounced ones */
  observe(minute: number, volume: number): void;
  /** Messages in the minute `ahead` minutes after the last one that was observed, at least 0. */
  forecast(ahead: number): number;
}

/** What a refined forecast is made from; see {@link createHoltWinters}. */
export interface ForecastState {
  readonly minute: number;
  /** What the season alone says of a minute. */
  seasonal(minute: number): number;
  /** How far the last minutes were above the season: 1 is as always. */
  readonly ratio: number;
  readonly slowRatio: number;
}

export interface HoltWintersOptions {
  /** Share of a new week in the season, over 0 to 1, default 0.3. */
  readonly gamma?: number;
  /** Minutes in which half of an old level is forgotten, default 15. */
  readonly halfLife?: number;
  /** Share of a deviation that is left after an hour, 0 to 1, default 0.6. */
  readonly persistence?: number;
}

const SMOOTH = 5;

/**
 * Holt-Winters with a multiplicative season of a week of minutes, without trend: over an hour a trend is noise, and
 * the level follows within minutes. A deviation from the season fades with the horizon: the damped form of
 * E. S. Gardner, "Exponential smoothing: the state of the art" (1985).
 */
export function createHoltWinters(
  options: HoltWintersOptions = {},
): Forecaster & { readonly state: ForecastState } {
  const { gamma = 0.3, halfLife = 15, persistence = 0.6 } = options;
  const alpha = 1 - 0.5 ** (1 / halfLife);
  const slowAlpha = 1 - 0.5 ** (1 / (6 * halfLife));
  const season = new Float64Array(WEEK).fill(Number.NaN);
  let [minute, mean, ratio, slowRatio] = [0, 0, 1, 1];

  /** The median-like mean of neighbouring minutes: one minute alone is noisy. */
  function seasonal(at: number): number {
    let [sum, n] = [0, 0];
    for (let k = -SMOOTH; k <= SMOOTH; k++) {
      const value = season[(((at + k) % WEEK) + WEEK) % WEEK]!;
      if (Number.isNaN(value)) continue;
      sum += value;
      n++;
    }
    return n > 0 ? sum / n : mean;
  }

  return {
    observe(at, volume) {
      const slot = at % WEEK;
      mean = minute === 0 ? volume : mean + (volume - mean) / DAY;
      const expected = Math.max(1e-9, seasonal(at));
      const now = Math.min(20, volume / expected);
      ratio += alpha * (now - ratio);
      slowRatio += slowAlpha * (now - slowRatio);
      const before = season[slot]!;
      // A burst of one week must not come back every week: what is far above the season teaches it little.
      const taught = Number.isNaN(before) ? volume : Math.min(volume, 3 * Math.max(before, 1));
      season[slot] = Number.isNaN(before) ? taught : before + gamma * (taught - before);
      minute = at;
    },
    forecast(ahead) {
      const kept = persistence ** (ahead / 60);
      return Math.max(0, seasonal(minute + ahead) * (1 + kept * (ratio - 1)));
    },
    get state() {
      return { minute, seasonal, ratio, slowRatio };
    },
  };
}

/** The last minute again. */
export function createNaive(): Forecaster {
  let last = 0;
  return {
    observe(_minute, volume) {
      last = volume;
    },
    forecast: () => last,
  };
}

/** The same minute of the week before. */
export function createSeasonalNaive(): Forecaster {
  const week = new Float64Array(WEEK);
  let minute = 0;
  return {
    observe(at, volume) {
      week[at % WEEK] = volume;
      minute = at;
    },
    forecast: (ahead) => week[(minute + ahead) % WEEK]!,
  };
}

/** A forecaster of what nobody announced, with what was announced on top. */
export function withSignals(base: Forecaster, signals: Signals): Forecaster {
  let minute = 0;
  return {
    observe(at, volume) {
      minute = at;
      base.observe(at, Math.max(0, volume - signals(at)));
    },
    forecast: (ahead) => base.forecast(ahead) + signals(minute + ahead),
  };
}
