import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isZone, offsetMs, spansOfDay } from './localtime.ts';
import { OPENING_CASES } from './window.fixture.ts';
import { isOpen, nextClosing, nextOpening, type Schedule, type WeeklyWindow } from './window.ts';

const MINUTE = 60_000;
const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number): string => (Number.isFinite(ms) ? new Date(ms).toISOString() : String(ms));

describe('worked openings', () => {
  it.each(OPENING_CASES)('$what', ({ windows, zones, shutOn, asked, opens }) => {
    const schedule: Schedule = { windows, isHoliday: (date) => shutOn.includes(date), marginMs: MINUTE };
    expect(isOpen(schedule, zones, at(asked))).toBe(false);
    expect(iso(nextOpening(schedule, zones, at(asked)))).toBe(iso(at(opens)));
    expect(isOpen(schedule, zones, at(opens))).toBe(true);
    expect(isOpen(schedule, zones, at(opens) - 1)).toBe(false);
  });
});

const allDay: WeeklyWindow = { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 0, toMinute: 1440 };
const eightToNine: WeeklyWindow = { ...allDay, fromMinute: 480, toMinute: 1260 };

describe('the end of a window', () => {
  const schedule: Schedule = { windows: [eightToNine], marginMs: MINUTE };

  it('is exclusive and keeps the margin free', () => {
    const zones = ['Europe/London'];
    expect(isOpen(schedule, zones, at('2026-01-10T20:58:59.999Z'))).toBe(true);
    expect(isOpen(schedule, zones, at('2026-01-10T20:59:00Z'))).toBe(false);
    expect(iso(nextClosing(schedule, zones, at('2026-01-10T12:00:00Z')))).toBe('2026-01-10T20:59:00.000Z');
  });

  it('leaves no gap at midnight when the next day opens at 00:00', () => {
    const open: Schedule = { windows: [allDay], marginMs: MINUTE };
    expect(isOpen(open, ['Asia/Tokyo'], at('2026-01-10T14:59:59.999Z'))).toBe(true);
    expect(nextClosing(open, ['Asia/Tokyo'], at('2026-01-10T00:00:00Z'))).toBeGreaterThan(
      at('2026-01-17T00:00:00Z'),
    );
  });

  it('never opens a window that is shorter than the margin', () => {
    const sliver: Schedule = { windows: [{ ...allDay, fromMinute: 600, toMinute: 601 }], marginMs: MINUTE };
    expect(nextOpening(sliver, ['Asia/Tokyo'], at('2026-01-10T00:00:00Z'))).toBe(Infinity);
  });
});

describe('strictness', () => {
  const schedule: Schedule = { windows: [eightToNine], marginMs: MINUTE };

  it('is never open without a zone or in a zone that does not exist', () => {
    expect(isOpen(schedule, [], at('2026-01-10T12:00:00Z'))).toBe(false);
    expect(nextOpening(schedule, [], at('2026-01-10T12:00:00Z'))).toBe(Infinity);
    expect(nextOpening(schedule, ['Mars/Olympus'], at('2026-01-10T12:00:00Z'))).toBe(Infinity);
    expect(isZone('Mars/Olympus')).toBe(false);
    expect(isZone('+05:30')).toBe(false);
    expect(isZone('Asia/Kathmandu')).toBe(true);
  });

  it('counts a year that nobody vouches for as shut', () => {
    const known: Schedule = { ...schedule, isHoliday: (d) => (d.startsWith('2026') ? false : undefined) };
    expect(isOpen(known, ['Europe/London'], at('2027-01-05T12:00:00Z'))).toBe(false);
    expect(nextOpening(known, ['Europe/London'], at('2026-12-31T22:00:00Z'))).toBe(Infinity);
  });

  it('finds no common opening when zones never agree', () => {
    const short: Schedule = { windows: [{ ...allDay, fromMinute: 540, toMinute: 600 }], marginMs: MINUTE };
    expect(nextOpening(short, ['Asia/Tokyo', 'America/New_York'], at('2026-01-10T00:00:00Z'))).toBe(Infinity);
  });
});

describe('clock changes', () => {
  it('cuts the hour that does not exist and doubles the one that comes twice', () => {
    const spring = spansOfDay(
      'America/New_York',
      Math.floor(at('2026-03-08T00:00:00Z') / 86_400_000),
      90,
      210,
    );
    expect(spring).toEqual([{ fromMs: at('2026-03-08T06:30:00Z'), toMs: at('2026-03-08T07:30:00Z') }]);
    const autumn = spansOfDay(
      'America/New_York',
      Math.floor(at('2026-11-01T00:00:00Z') / 86_400_000),
      90,
      105,
    );
    expect(autumn).toEqual([
      { fromMs: at('2026-11-01T05:30:00Z'), toMs: at('2026-11-01T05:45:00Z') },
      { fromMs: at('2026-11-01T06:30:00Z'), toMs: at('2026-11-01T06:45:00Z') },
    ]);
  });

  it('knows the half-hour change of Lord Howe', () => {
    expect(offsetMs('Australia/Lord_Howe', at('2026-04-04T14:59:00Z'))).toBe(11 * 3_600_000);
    expect(offsetMs('Australia/Lord_Howe', at('2026-04-04T15:00:00Z'))).toBe(10.5 * 3_600_000);
  });
});

const ODD_ZONES = [
  'America/New_York',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'Europe/London',
  'Africa/Casablanca',
  'America/Santiago',
  'Pacific/Apia',
];
const wallClocks = new Map(
  ODD_ZONES.map((zone) => [
    zone,
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }),
  ]),
);

/** The oracle shares no code with the engine: it reads the wall clock of every minute. */
function openAtMinute(windows: readonly WeeklyWindow[], zone: string, shut: ReadonlySet<string>, ms: number) {
  const [date, time] = wallClocks.get(zone)!.format(ms).split(' ') as [string, string];
  if (shut.has(date)) return false;
  const minute = Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  const weekday = new Date(`${date}T12:00:00Z`).getUTCDay();
  return windows.some((w) => w.days.includes(weekday) && w.fromMinute <= minute && minute < w.toMinute);
}

function slowOpening(
  windows: readonly WeeklyWindow[],
  zones: readonly string[],
  shut: ReadonlySet<string>,
  fromMs: number,
  marginMinutes: number,
  minutes: number,
): number {
  let run = 0;
  for (let i = 0; i < minutes + marginMinutes; i++) {
    const ms = fromMs + i * MINUTE;
    run = zones.every((zone) => openAtMinute(windows, zone, shut, ms)) ? run + 1 : 0;
    if (run > marginMinutes) return ms - marginMinutes * MINUTE;
  }
  return Infinity;
}

/** Days around which clocks change somewhere in the list above, and a plain one. */
const STARTS = [
  '2026-03-07',
  '2026-03-28',
  '2026-04-04',
  '2026-09-26',
  '2026-10-03',
  '2026-10-24',
  '2026-10-31',
  '2027-02-13',
  '2027-03-13',
  '2026-06-10',
];

describe('against the slow oracle', () => {
  it('finds the same opening, minute by minute, across clock changes', () => {
    const windowArb = fc
      .tuple(fc.subarray([0, 1, 2, 3, 4, 5, 6], { minLength: 1 }), fc.nat(95), fc.nat(95))
      .map(([days, a, b]) => ({
        days,
        fromMinute: Math.min(a, b) * 15,
        toMinute: (Math.max(a, b) + 1) * 15,
      }));
    fc.assert(
      fc.property(
        fc.array(windowArb, { minLength: 1, maxLength: 3 }),
        fc.uniqueArray(fc.constantFrom(...ODD_ZONES), { minLength: 1, maxLength: 2 }),
        fc.constantFrom(...STARTS),
        fc.nat(1439),
        fc.constantFrom(0, 1, 7),
        fc.boolean(),
        (windows, zones, start, minute, margin, holiday) => {
          const fromMs = at(`${start}T00:00:00Z`) + minute * MINUTE;
          const shut = new Set(holiday ? [start] : []);
          const schedule = { windows, isHoliday: (d: string) => shut.has(d), marginMs: margin * MINUTE };
          const fast = nextOpening(schedule, zones, fromMs);
          const horizon = 2 * 1440;
          const slow = slowOpening(windows, zones, shut, fromMs, margin, horizon);
          expect(isOpen(schedule, zones, fromMs)).toBe(slow === fromMs);
          if (slow !== Infinity) expect(iso(fast)).toBe(iso(slow));
          else expect(fast).toBeGreaterThanOrEqual(fromMs + horizon * MINUTE);
        },
      ),
      { seed: 2026, numRuns: 250 },
    );
  });
});
