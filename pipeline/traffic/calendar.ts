import { DAY } from './forecast.ts';

const SLOT = 30;
/** Months that are remembered. */
const MOST = 12;
/** Twice may be chance. */
const LEAST = 3;
/** What returns is clearly above the season, or it is noise. */
const LEAST_SHARE = 0.25;
const MINUTE_MS = 60_000;

/** Names of the days of the month that a minute belongs to, each of which returns every month. */
export type DaysOf = (minute: number) => readonly string[];

/** The day of the month (UTC) from its beginning and from its end: salaries come at the 15th and at the last. */
export const daysOfMonth: DaysOf = (minute) => {
  const date = new Date(minute * MINUTE_MS);
  const day = date.getUTCDate();
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return [`${day}`, `-${last - day}`];
};

/** What returns with the days of the month, by half hours, on top of the season of the week. */
export interface MonthlyEvents {
  /** @param volume of this minute, unannounced @param seasonal what the season says of it */
  observe(minute: number, volume: number, seasonal: number): void;
  /** Messages a minute on top of `seasonal`: 0 but where at least three of four months had clearly more. */
  extra(minute: number, seasonal: number): number;
}

export function createMonthlyEvents(daysOf: DaysOf = daysOfMonth): MonthlyEvents {
  const months = new Map<string, number[]>();
  const slotOf = (day: string, minute: number): string => `${day}/${Math.floor((minute % DAY) / SLOT)}`;
  let [sum, n] = [0, 0];
  return {
    observe(minute, volume, seasonal) {
      sum += volume - seasonal;
      n++;
      if (minute % SLOT !== SLOT - 1) return;
      for (const day of daysOf(minute)) {
        const slot = slotOf(day, minute);
        months.set(slot, [...(months.get(slot) ?? []), sum / n].slice(-MOST));
      }
      [sum, n] = [0, 0];
    },
    extra(minute, seasonal) {
      let most = 0;
      for (const day of daysOf(minute)) {
        const seen = months.get(slotOf(day, minute));
        if (!seen || seen.length < LEAST) continue;
        const sorted = [...seen].sort((a, b) => a - b);
        const quarter = sorted[Math.floor((sorted.length - 1) / 4)]!;
        if (quarter > LEAST_SHARE * seasonal) most = Math.max(most, sorted[sorted.length >> 1]!);
      }
      return most;
    },
  };
}
