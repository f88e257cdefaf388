import { createRandom } from '../../../models/base/random.ts';
import {
  createHoltWinters,
  DAY,
  type Forecaster,
  type ForecastState,
  WEEK,
} from '../../../pipeline/traffic/forecast.ts';
import type { TrafficYear } from './year.ts';

type Seasonal = Forecaster & { readonly state: ForecastState };

/** A small network that says how far the season will be off, from how far it is off now and when it is. */
export interface Refinement {
  /** Factor on the season's own figure for a minute. */
  factor(state: ForecastState, ahead: number): number;
}

const UNITS = 16;
const ROWS = 12_000;
const EPOCHS = 25;

function features(state: ForecastState, ahead: number): number[] {
  const at = state.minute + ahead;
  const day = (2 * Math.PI * (at % DAY)) / DAY;
  const month = (2 * Math.PI * (Math.floor(at / DAY) % 30)) / 30;
  const week = (2 * Math.PI * (at % WEEK)) / WEEK;
  return [
    Math.log(state.ratio + 0.05),
    Math.log(state.slowRatio + 0.05),
    Math.log((state.ratio + 0.05) / (state.slowRatio + 0.05)),
    ahead / 60,
    (Math.log(state.ratio + 0.05) * ahead) / 60,
    Math.sin(day),
    Math.cos(day),
    Math.sin(2 * day),
    Math.cos(2 * day),
    Math.sin(month),
    Math.cos(month),
    Math.cos(2 * month),
    Math.sin(week),
    Math.cos(week),
  ];
}

/**
 * Trains on minutes before `splitMinute` (what nobody announced), compares with Holt-Winters on those from there to
 * `untilMinute`.
 *
 * @returns the network, and at which horizons it did better
 */
export async function fitRefinement(
  { volumes, announced }: TrafficYear,
  splitMinute: number,
  untilMinute: number,
  horizons: readonly number[],
): Promise<{ readonly network: Refinement; readonly wins: (ahead: number) => boolean }> {
  const tf = await import('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  const random = createRandom(4);
  const plain = (minute: number): number => Math.max(0, volumes[minute]! - announced[minute]!);
  const every = Math.max(1, Math.floor((splitMinute - 2 * WEEK) / ROWS));
  const season: Seasonal = createHoltWinters();
  const [inputs, targets]: [number[][], number[]] = [[], []];
  const checks: {
    readonly ahead: number;
    readonly x: number[];
    readonly base: number;
    readonly seasonal: number;
    readonly truth: number;
  }[] = [];
  for (let minute = 0; minute + 60 < untilMinute; minute++) {
    season.observe(minute, plain(minute));
    if (minute < 2 * WEEK || minute % every !== 0) continue;
    const { state } = season;
    if (minute + 60 < splitMinute) {
      const ahead = 1 + random.below(60);
      inputs.push(features(state, ahead));
      targets.push(target(plain(minute + ahead), state.seasonal(minute + ahead)));
    } else if (minute >= splitMinute) {
      for (const ahead of horizons) {
        checks.push({
          ahead,
          x: features(state, ahead),
          base: season.forecast(ahead),
          seasonal: state.seasonal(minute + ahead),
          truth: plain(minute + ahead),
        });
      }
    }
  }
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: UNITS,
        activation: 'tanh',
        inputShape: [inputs[0]!.length],
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.dense({ units: 1, kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }) }),
    ],
  });
  model.compile({ optimizer: tf.train.adam(0.005), loss: 'meanAbsoluteError' });
  const [x, y] = [tf.tensor2d(inputs), tf.tensor2d(targets, [targets.length, 1])];
  await model.fit(x, y, { epochs: EPOCHS, batchSize: 128, shuffle: false, verbose: 0 });
  tf.dispose([x, y]);
  const network = networkOf(model.getWeights().map((weights) => [...weights.dataSync()]));
  model.dispose();
  const better = new Map(
    horizons.map((ahead) => {
      const mine = checks.filter((one) => one.ahead === ahead);
      const off = (of: (one: (typeof mine)[number]) => number): number =>
        mine.reduce((sum, one) => sum + Math.abs(of(one) - one.truth), 0);
      return [
        ahead,
        off((one) => one.seasonal * Math.exp(answer(network.weights, one.x))) < off((one) => one.base),
      ];
    }),
  );
  return {
    network,
    // Between two horizons that were compared the next one up speaks.
    wins: (ahead) => better.get(horizons.find((one) => one >= ahead) ?? horizons.at(-1)!) ?? false,
  };
}

const target = (volume: number, seasonal: number): number =>
  Math.max(-3, Math.min(3, Math.log((volume + 1) / (seasonal + 1))));

/** The network's arithmetic in plain code: a forecast is asked thousands of times. */
function networkOf(
  weights: readonly (readonly number[])[],
): Refinement & { readonly weights: readonly (readonly number[])[] } {
  return { weights, factor: (state, ahead) => Math.exp(answer(weights, features(state, ahead))) };
}

function answer([kernel, bias, out, outBias]: readonly (readonly number[])[], x: readonly number[]): number {
  let sum = outBias![0]!;
  for (let unit = 0; unit < UNITS; unit++) {
    let inside = bias![unit]!;
    for (let i = 0; i < x.length; i++) inside += x[i]! * kernel![i * UNITS + unit]!;
    sum += Math.tanh(inside) * out![unit]!;
  }
  return Math.max(-3, Math.min(3, sum));
}

/** Holt-Winters, with the network in its place at the horizons where that wins. */
export function refined(season: Seasonal, network: Refinement, wins: (ahead: number) => boolean): Forecaster {
  return {
    observe: season.observe,
    forecast(ahead) {
      if (!wins(Math.min(60, ahead))) return season.forecast(ahead);
      const { state } = season;
      return state.seasonal(state.minute + ahead) * network.factor(state, Math.min(60, ahead));
    },
  };
}
