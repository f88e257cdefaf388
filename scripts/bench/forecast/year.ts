import { createRandom, type Random } from '../../../models/base/random.ts';
import { DAY, WEEK } from '../../../pipeline/traffic/forecast.ts';

/** What a surge was: what is announced, what returns, what builds up, and what comes out of nothing. */
export type SurgeKind = 'campaign' | 'payday' | 'weekly' | 'build-up' | 'sudden';

export interface TrafficYear {
  /** Messages in each minute. */
  readonly volumes: Float64Array;
  /** What was known an hour before and more: scheduled sends as the store holds them, a tenth off. */
  readonly announced: Float64Array;
  /** What a feed of incidents would say over an hour ahead: four of five build-ups, up to a third off. */
  readonly incidents: Float64Array;
  /** By minute: which kind of surge was going on, for the report. */
  readonly kinds: readonly { readonly kind: SurgeKind; readonly from: number; readonly to: number }[];
}

const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());

/** Messages a minute of a plain Tuesday: little at night, a morning, a noon, an evening. */
function ofDay(minute: number): number {
  const hour = (minute % DAY) / 60;
  const hill = (at: number, width: number): number => Math.exp(-(((hour - at) / width) ** 2));
  return 60 + 500 * hill(9.5, 2.2) + 380 * hill(13, 2.5) + 620 * hill(19, 2.4);
}

const WEEKDAYS = [1, 1.02, 1, 1.05, 1.15, 0.85, 0.7];

/**
 * A year of volumes a minute, growing by a third over the year, with noise that lasts (10%) and Poisson noise.
 * Campaigns come once or twice a day at any hour of the day and are scheduled in advance; salaries are paid at the 15th
 * and the last day of a month; a flash sale every Friday evening; incidents build up over an hour and a half, nine a
 * month; two a month come out of nothing.
 *
 * @param days 30 to 366
 */
export function generateYear(seed: number, days = 364): TrafficYear {
  const random = createRandom(seed);
  const minutes = days * DAY;
  const volumes = new Float64Array(minutes);
  const announced = new Float64Array(minutes);
  const incidents = new Float64Array(minutes);
  const kinds: { kind: SurgeKind; from: number; to: number }[] = [];
  const extra = new Float64Array(minutes);
  const add = (kind: SurgeKind, from: number, shape: readonly number[], known = 0): void => {
    if (from < 0 || from + shape.length > minutes) return;
    kinds.push({ kind, from, to: from + shape.length });
    for (const [i, value] of shape.entries()) {
      extra[from + i]! += value;
      if (known > 0) announced[from + i]! += value * known;
    }
  };
  const length = (from: number, to: number): number => from + random.below(to - from);

  for (let day = 0; day < days; day++) {
    const start = day * DAY;
    for (let n = random.next() < 0.4 ? 2 : 1; n > 0; n--) {
      const height = 1_800 + 3_000 * random.next();
      const shape = Array.from({ length: length(20, 60) }, (_, i) => height * Math.exp(-i / 45));
      add('campaign', start + length(9 * 60, 20 * 60), shape, 0.9 + 0.2 * random.next());
    }
    const dayOfMonth = day % 30;
    if (dayOfMonth === 14 || dayOfMonth === 29) {
      const shape = Array.from({ length: 240 }, (_, i) => 1_500 * Math.sin((Math.PI * i) / 240));
      add('payday', start + 8 * 60, shape);
    }
    if (day % 7 === 4)
      add(
        'weekly',
        start + 18 * 60,
        Array.from({ length: 90 }, (_, i) => 1_900 * Math.exp(-i / 60)),
      );
    if (random.next() < 9 / 30) {
      const height = 1_500 + 1_500 * random.next();
      const shape = Array.from({ length: 200 }, (_, i) =>
        i < 100 ? height * (i / 100) ** 2 : height * Math.exp(-(i - 100) / 50),
      );
      const from = start + length(7 * 60, 19 * 60);
      add('build-up', from, shape);
      const told = random.next() < 0.8 ? 0.7 + 0.6 * random.next() : 0;
      for (const [i, value] of shape.entries()) if (from + i < minutes) incidents[from + i]! += told * value;
    }
    if (random.next() < 2 / 30)
      add(
        'sudden',
        start + length(7 * 60, 21 * 60),
        Array.from({ length: 30 }, () => 2_500),
      );
  }
  let drift = 0;
  for (let minute = 0; minute < minutes; minute++) {
    drift = 0.995 * drift + 0.01 * normal(random);
    const weekday = WEEKDAYS[Math.floor((minute % WEEK) / DAY)]!;
    const mean = ofDay(minute) * weekday * (1 + minute / minutes / 3) * Math.exp(drift) + extra[minute]!;
    volumes[minute] = Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  }
  return { volumes, announced, incidents, kinds };
}
