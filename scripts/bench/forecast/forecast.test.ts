import { expect, test } from 'vitest';
import {
  createHoltWinters,
  createSeasonalNaive,
  DAY,
  WEEK,
  withSignals,
} from '../../../pipeline/traffic/forecast.ts';
import { generateYear } from './year.ts';

test('a year is the same for a seed, and what is announced is about what comes', () => {
  const [one, again, other] = [generateYear(1, 30), generateYear(1, 30), generateYear(2, 30)];
  expect(again.volumes).toEqual(one.volumes);
  expect(other.volumes).not.toEqual(one.volumes);
  expect(new Set(one.kinds.map(({ kind }) => kind)).size).toBeGreaterThan(3);
});

test('an hour ahead Holt-Winters is nearer than the week before, and signals show what is announced', () => {
  const { volumes, announced } = generateYear(3, 42);
  const known = (minute: number): number => announced[minute] ?? 0;
  const seasonal = createSeasonalNaive();
  const plain = createHoltWinters();
  const told = withSignals(createHoltWinters(), known);
  let [naiveOff, plainOff, toldOff] = [0, 0, 0];
  for (let minute = 0; minute + 60 < volumes.length; minute++) {
    for (const one of [seasonal, plain, told]) one.observe(minute, volumes[minute]!);
    if (minute < 4 * WEEK || minute % 11 !== 0) continue;
    naiveOff += Math.abs(seasonal.forecast(60) - volumes[minute + 60]!);
    plainOff += Math.abs(plain.forecast(60) - volumes[minute + 60]!);
    toldOff += Math.abs(told.forecast(60) - volumes[minute + 60]!);
  }
  expect(plainOff).toBeLessThan(naiveOff);
  expect(toldOff).toBeLessThan(0.7 * plainOff);
});

test('a steady doubling is followed within the hour, and forecasts are never negative', () => {
  const season = createHoltWinters();
  for (let minute = 0; minute < 2 * WEEK; minute++) season.observe(minute, 100);
  for (let minute = 2 * WEEK; minute < 2 * WEEK + 60; minute++) season.observe(minute, 200);
  expect(season.forecast(1)).toBeGreaterThan(180);
  expect(season.forecast(60)).toBeGreaterThan(130);
  for (let minute = 0; minute < DAY; minute++) season.observe(2 * WEEK + 60 + minute, 0);
  expect(season.forecast(30)).toBeGreaterThanOrEqual(0);
});
