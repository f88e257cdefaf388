const PATTERN = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const DAY_MS = 86_400_000;

/** An ISO 8601 duration in whole units, e.g. `P18M`, `PT24H`. */
export interface Duration {
  readonly months: number;
  /** Weeks, days, hours, minutes and seconds together. */
  readonly ms: number;
}

/** @returns `undefined` when the text is no duration, or an empty one */
export function parseDuration(text: string): Duration | undefined {
  const match = PATTERN.exec(text);
  if (match === null || !/\d/.test(text)) return undefined;
  const [years, months, weeks, days, hours, minutes, seconds] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return {
    months: years! * 12 + months!,
    ms: (weeks! * 7 + days!) * DAY_MS + hours! * 3_600_000 + minutes! * 60_000 + seconds! * 1000,
  };
}

/** An instant plus a duration; months by the UTC calendar, the 31st becoming the last day of a shorter month. */
export function addDuration(atMs: number, duration: Duration): number {
  if (duration.months === 0) return atMs + duration.ms;
  const date = new Date(atMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + duration.months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime() + duration.ms;
}

/**
 * Has the duration gone by since an instant? The same as `atMs >= addDuration(sinceMs, duration)`, but most answers
 * need no calendar: no month is shorter than 28 days or longer than 31.
 */
export function hasPassed(sinceMs: number, duration: Duration, atMs: number): boolean {
  const elapsed = atMs - sinceMs;
  if (elapsed < duration.months * 28 * DAY_MS + duration.ms) return false;
  return elapsed >= upperBoundMs(duration) || atMs >= addDuration(sinceMs, duration);
}

/** No instant plus this duration is later than the instant plus this many ms. */
export const upperBoundMs = (duration: Duration): number => duration.months * 31 * DAY_MS + duration.ms;

/** Plain words, e.g. `18 months`, `31 days`, `24 hours`. */
export function durationInWords(duration: Duration): string {
  const parts: string[] = [];
  const add = (count: number, unit: string): void => {
    if (count > 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
  };
  add(duration.months, 'month');
  const hours = Math.floor(duration.ms / 3_600_000);
  if (hours >= 48 && hours % 24 === 0) add(hours / 24, 'day');
  else add(hours, 'hour');
  add(Math.floor((duration.ms % 3_600_000) / 60_000), 'minute');
  add(Math.floor((duration.ms % 60_000) / 1000), 'second');
  return parts.join(' ') || 'no time';
}
