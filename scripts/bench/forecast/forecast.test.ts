import { expect, test } from 'vitest';
import { createRandom } from '../../../models/base/random.ts';
import { createMonthlyEvents, daysOfMonth } from '../../../pipeline/traffic/calendar.ts';
import {
  createHoltWinters,
  createSeasonalNaive,
  DAY,
  WEEK,
  withSignals,
} from '../../../pipeline/traffic/forecast.ts';
import { createProvision } from '../../../pipeline/traffic/provision.ts';
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

test('what returns with the days of the month is believed at the third time, and only where it stands out', () => {
  const monthly = createMonthlyEvents((minute) => [`${Math.floor(minute / DAY) % 30}`]);
  const payday = (minute: number): boolean => Math.floor(minute / DAY) % 30 === 14 && minute % DAY < 240;
  const seen: number[] = [];
  for (let minute = 0; minute < 4 * 30 * DAY; minute++) {
    if (minute % (30 * DAY) === 14 * DAY + 60) seen.push(monthly.extra(minute, 100));
    monthly.observe(minute, payday(minute) ? 300 : 100 + 20 * Math.sin(minute), 100);
  }
  expect(seen).toEqual([0, 0, 0, 200]);
  expect(monthly.extra(4 * 30 * DAY + 15 * DAY, 100)).toBe(0);
});

test('the days of a month are told from its beginning and from its end', () => {
  const at = (text: string): number => Date.parse(text) / 60_000;
  expect(daysOfMonth(at('2026-02-28T12:00:00Z'))).toEqual(['28', '-0']);
  expect(daysOfMonth(at('2026-01-15T00:00:00Z'))).toEqual(['15', '-16']);
});

test('what is provided for is above the forecast by as much as it was wrong, and as sources were off', () => {
  const told = (minute: number): number => (minute % DAY < 60 ? 500 : 0);
  const provision = createProvision({ sources: [told] });
  const random = createRandom(5);
  let above = 0;
  let n = 0;
  for (let minute = 0; minute < 5 * WEEK; minute++) {
    const due = provision.upper(60);
    const plain = 400 * (0.7 + 0.6 * random.next());
    // The source says a third less than what comes.
    provision.observe(minute, plain + 1.5 * told(minute));
    if (minute < 4 * WEEK || minute % DAY < 200) continue;
    n++;
    if (400 * (0.7 + 0.6 * random.next()) > due) above++;
  }
  expect(above / n).toBeGreaterThan(0.1);
  expect(above / n).toBeLessThan(0.3);
  const announced = provision.upper(30) - provision.upper(90);
  expect(announced).toBeGreaterThan(650);
  expect(announced).toBeLessThan(1_000);
  expect(provision.upper(90, 2_000) - provision.upper(90)).toBeCloseTo(2_000);
  expect(provision.forecast(30)).toBeLessThan(provision.upper(30));
});
