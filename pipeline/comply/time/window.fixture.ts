import type { WeeklyWindow } from './window.ts';

const minutes = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const window = (days: string, from: string, to: string): WeeklyWindow => ({
  days: [...days].map(Number),
  fromMinute: minutes(from),
  toMinute: minutes(to),
});
const EVERY_DAY = '0123456';
const WEEKDAYS = '12345';

/** A situation and the first moment at which a message may leave. */
export interface OpeningCase {
  readonly what: string;
  /** The rule of the packs that has these windows. */
  readonly rule?: string;
  readonly windows: readonly WeeklyWindow[];
  readonly zones: readonly string[];
  readonly shutOn: readonly string[];
  readonly asked: string;
  readonly opens: string;
}

const collector = [window(EVERY_DAY, '08:00', '21:00')];
const eightToEight = [window(EVERY_DAY, '08:00', '20:00')];
const rhodeIsland = [window(WEEKDAYS, '09:00', '18:00'), window('6', '10:00', '17:00')];
const frenchSms = [window(WEEKDAYS, '08:00', '20:00'), window('6', '10:00', '18:00')];

/** Worked cases of statutory windows; instants in UTC. */
export const OPENING_CASES: readonly OpeningCase[] = [
  {
    what: 'debt collector, New York number and Los Angeles address: 10:30 in the east is 07:30 in the west',
    rule: 'us-regf-hours',
    windows: collector,
    zones: ['America/New_York', 'America/Los_Angeles'],
    shutOn: [],
    asked: '2026-07-15T14:30:00Z',
    opens: '2026-07-15T15:00:00Z',
  },
  {
    what: 'the same two zones at 21:00 in the east: the west is still open, both are not',
    rule: 'us-regf-hours',
    windows: collector,
    zones: ['America/New_York', 'America/Los_Angeles'],
    shutOn: [],
    asked: '2026-07-16T01:00:00Z',
    opens: '2026-07-16T15:00:00Z',
  },
  {
    what: 'Florida panhandle, Eastern or Central',
    rule: 'us-fl-hours',
    windows: eightToEight,
    zones: ['America/New_York', 'America/Chicago'],
    shutOn: [],
    asked: '2026-07-15T12:30:00Z',
    opens: '2026-07-15T13:00:00Z',
  },
  {
    what: 'Florida at 20:00:00 sharp: the end is exclusive',
    rule: 'us-fl-hours',
    windows: eightToEight,
    zones: ['America/New_York'],
    shutOn: [],
    asked: '2026-07-16T00:00:00Z',
    opens: '2026-07-16T12:00:00Z',
  },
  {
    what: 'the night on which clocks go forward: 08:00 wall time, not ten hours later',
    rule: 'us-tcpa-quiet-hours',
    windows: collector,
    zones: ['America/New_York'],
    shutOn: [],
    asked: '2026-03-08T03:00:00Z',
    opens: '2026-03-08T12:00:00Z',
  },
  {
    what: 'Texas on a Sunday, Dallas or El Paso',
    rule: 'us-tx-hours',
    windows: [window('123456', '09:00', '21:00'), window('0', '12:00', '21:00')],
    zones: ['America/Chicago', 'America/Denver'],
    shutOn: [],
    asked: '2026-06-14T16:30:00Z',
    opens: '2026-06-14T18:00:00Z',
  },
  {
    what: 'Rhode Island, Thursday evening before an observed and a real Independence Day',
    rule: 'us-ri-hours',
    windows: rhodeIsland,
    zones: ['America/New_York'],
    shutOn: ['2026-07-03', '2026-07-04'],
    asked: '2026-07-02T22:30:00Z',
    opens: '2026-07-06T13:00:00Z',
  },
  {
    what: 'Colombia, Saturday at closing before a holiday Monday',
    rule: 'co-2300-hours',
    windows: [window(WEEKDAYS, '07:00', '19:00'), window('6', '08:00', '15:00')],
    zones: ['America/Bogota'],
    shutOn: ['2026-07-20'],
    asked: '2026-07-18T20:00:00Z',
    opens: '2026-07-21T12:00:00Z',
  },
  {
    what: 'France, Assumption on a Saturday',
    rule: 'fr-sms-marketing-hours',
    windows: frenchSms,
    zones: ['Europe/Paris'],
    shutOn: ['2026-08-15'],
    asked: '2026-08-15T09:00:00Z',
    opens: '2026-08-17T06:00:00Z',
  },
  {
    what: 'the same on Reunion, two hours ahead',
    rule: 'fr-sms-marketing-hours',
    windows: frenchSms,
    zones: ['Indian/Reunion'],
    shutOn: ['2026-08-15'],
    asked: '2026-08-15T09:00:00Z',
    opens: '2026-08-17T04:00:00Z',
  },
  {
    what: 'French calls in the lunch gap of a split window',
    rule: 'fr-demarchage-hours',
    windows: [window(WEEKDAYS, '10:00', '13:00'), window(WEEKDAYS, '14:00', '20:00')],
    zones: ['Europe/Paris'],
    shutOn: [],
    asked: '2026-06-17T11:10:00Z',
    opens: '2026-06-17T12:00:00Z',
  },
  {
    what: "South Africa, Saturday afternoon before Women's Day moved to Monday",
    rule: 'za-cpa-hours',
    windows: [window(WEEKDAYS, '08:00', '20:00'), window('6', '09:00', '13:00')],
    zones: ['Africa/Johannesburg'],
    shutOn: ['2026-08-09', '2026-08-10'],
    asked: '2026-08-08T11:30:00Z',
    opens: '2026-08-11T06:00:00Z',
  },
  {
    what: 'Korea at 21:00:00 sharp',
    rule: 'kr-50-night',
    windows: collector,
    zones: ['Asia/Seoul'],
    shutOn: [],
    asked: '2026-05-04T12:00:00Z',
    opens: '2026-05-04T23:00:00Z',
  },
  {
    what: 'India late on Saturday, half-hour zone',
    rule: 'in-promo-hours',
    windows: [window(EVERY_DAY, '10:00', '21:00')],
    zones: ['Asia/Kolkata'],
    shutOn: [],
    asked: '2026-05-09T18:00:00Z',
    opens: '2026-05-10T04:30:00Z',
  },
  {
    what: 'Adelaide on a Sunday, half-hour zone',
    rule: 'au-telemarketing-hours',
    windows: [window(WEEKDAYS, '09:00', '20:00'), window('6', '09:00', '17:00')],
    zones: ['Australia/Adelaide'],
    shutOn: [],
    asked: '2026-06-21T01:00:00Z',
    opens: '2026-06-21T23:30:00Z',
  },
  {
    what: 'Chatham Islands, 45-minute zone, one minute early',
    windows: collector,
    zones: ['Pacific/Chatham'],
    shutOn: [],
    asked: '2026-07-01T19:14:00Z',
    opens: '2026-07-01T19:15:00Z',
  },
];
