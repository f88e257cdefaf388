const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** Since 2000 every zone of tzdata changes its offset on a multiple of 15 minutes UTC. */
const BUCKET_MS = 15 * MINUTE_MS;
const MEMO_LIMIT = 20_000;

interface ZoneMemo {
  readonly format: Intl.DateTimeFormat;
  /** Is it a name, not a fixed offset? */
  readonly named: boolean;
  /** Offset by 15-minute bucket; a pure function remembered. */
  readonly offsets: Map<number, number>;
  /** The latest of them: rules ask about one instant many times over. */
  bucket: number;
  offset: number;
}

const zones = new Map<string, ZoneMemo | null>();

function zoneMemo(zone: string): ZoneMemo | null {
  let memo = zones.get(zone);
  if (memo !== undefined) return memo;
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    memo = { format, named: /^[A-Za-z]/.test(zone), offsets: new Map(), bucket: NaN, offset: 0 };
  } catch {
    memo = null;
  }
  // Callers may pass anything as a zone: names that do not exist must not fill the memory.
  if (zones.size < 2_000) zones.set(zone, memo);
  return memo;
}

/** Is it a zone that this runtime's tzdata knows? Fixed offsets such as `+05:30` and the empty string are not. */
export function isZone(zone: string): boolean {
  return zoneMemo(zone)?.named === true;
}

/** Is there a zone at all, and is each of them one? */
export function areZones(names: readonly string[]): boolean {
  for (const name of names) if (!isZone(name)) return false;
  return names.length > 0;
}

function readOffset(memo: ZoneMemo, atMs: number): number {
  const part = { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
  for (const { type, value } of memo.format.formatToParts(atMs)) {
    if (type in part) part[type as keyof typeof part] = Number(value);
  }
  const local = Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
  return local - (atMs - (((atMs % 1000) + 1000) % 1000));
}

/**
 * Offset of local time from UTC at an instant, ms: local = UTC + offset. Exact from the year 2000 on.
 * @throws {RangeError} when the zone does not exist (`isZone` tells beforehand)
 */
export function offsetMs(zone: string, atMs: number): number {
  const memo = zoneMemo(zone);
  if (memo === null) throw new RangeError(`no such time zone: ${zone}`);
  const bucket = Math.floor(atMs / BUCKET_MS);
  if (bucket === memo.bucket) return memo.offset;
  let offset = memo.offsets.get(bucket);
  if (offset === undefined) {
    offset = readOffset(memo, bucket * BUCKET_MS);
    if (memo.offsets.size >= MEMO_LIMIT) memo.offsets.clear();
    memo.offsets.set(bucket, offset);
  }
  memo.bucket = bucket;
  memo.offset = offset;
  return offset;
}

/** Local days are counted from 1970-01-01; day 0 was a Thursday. */
export type LocalDay = number;

/** The local calendar day of an instant. */
export const localDayAt = (zone: string, atMs: number): LocalDay =>
  Math.floor((atMs + offsetMs(zone, atMs)) / DAY_MS);

/** 0 Sunday to 6 Saturday. */
export const weekdayOf = (day: LocalDay): number => (((day + 4) % 7) + 7) % 7;

const dates = new Map<LocalDay, string>();

/** `YYYY-MM-DD` of a local day. */
export function dateOf(day: LocalDay): string {
  let date = dates.get(day);
  if (date === undefined) {
    date = new Date(day * DAY_MS).toISOString().slice(0, 10);
    if (dates.size >= MEMO_LIMIT) dates.clear();
    dates.set(day, date);
  }
  return date;
}

/** A half-open span of instants, epoch ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The instants of a local day whose wall clock reads from `fromMinute` up to but not `toMinute` (minutes of the
 * day, 0 to 1440). One span on ordinary days; none or two where the clock jumps.
 */
export function spansOfDay(zone: string, day: LocalDay, fromMinute: number, toMinute: number): Span[] {
  const guessMs = day * DAY_MS;
  const before = offsetMs(zone, guessMs - 14 * 3_600_000);
  const after = offsetMs(zone, guessMs + 38 * 3_600_000);
  if (before === after) {
    return [
      { fromMs: guessMs + fromMinute * MINUTE_MS - before, toMs: guessMs + toMinute * MINUTE_MS - before },
    ];
  }
  return spansAcrossChange(zone, guessMs, fromMinute, toMinute);
}

/** Walks the day in steps of constant offset: slow, exact, and needed twice a year. */
function spansAcrossChange(zone: string, guessMs: number, fromMinute: number, toMinute: number): Span[] {
  const spans: { fromMs: number; toMs: number }[] = [];
  const wallFrom = guessMs + fromMinute * MINUTE_MS;
  const wallTo = guessMs + toMinute * MINUTE_MS;
  const last = guessMs + 40 * 3_600_000;
  for (let start = guessMs - 16 * 3_600_000; start < last; start += BUCKET_MS) {
    const offset = offsetMs(zone, start);
    const fromMs = Math.max(start, wallFrom - offset);
    const toMs = Math.min(start + BUCKET_MS, wallTo - offset);
    if (fromMs >= toMs) continue;
    const previous = spans.at(-1);
    if (previous !== undefined && previous.toMs === fromMs) previous.toMs = toMs;
    else spans.push({ fromMs, toMs });
  }
  return spans;
}
