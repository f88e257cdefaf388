import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../base/random.ts';
import { alarmsOf, createDriftMonitor, type DriftOptions } from './monitor.ts';
import { type DriftReference, SCORE_BINS, scoreBin, UNSEEN_BINS, unseenShare } from './reference.ts';
import { createSenderWatch } from './senders.ts';
import { stabilityIndex } from './stability.ts';
import { createWindow } from './window.ts';

const histogram = fc.array(fc.nat(1_000), { minLength: 5, maxLength: 5 });

describe('stability index', () => {
  it('is the sum of (p - q) ln(p / q) over smoothed shares', () => {
    // (10.5, 30.5)/41 against (20.5, 20.5)/41, by hand.
    const [p, q] = [
      [10.5 / 41, 30.5 / 41],
      [0.5, 0.5],
    ] as const;
    const expected = (p[0] - q[0]) * Math.log(p[0] / q[0]) + (p[1] - q[1]) * Math.log(p[1] / q[1]);
    expect(stabilityIndex([10, 30], [20, 20])).toBeCloseTo(expected, 12);
  });

  it('is symmetric, never negative, and zero for equal histograms', () => {
    fc.assert(
      fc.property(histogram, histogram, (a, b) => {
        expect(stabilityIndex(a, b)).toBeCloseTo(stabilityIndex(b, a), 10);
        expect(stabilityIndex(a, b)).toBeGreaterThanOrEqual(-1e-12);
        expect(stabilityIndex(a, a)).toBe(0);
      }),
      { seed: 1 },
    );
  });
});

describe('sliding window', () => {
  it('holds what counting the latest anew gives', () => {
    const answer = fc.record({
      bin: fc.nat(3),
      sure: fc.boolean(),
      unseen: fc.option(fc.nat(2), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), (answers, length) => {
        const window = createWindow(length, 4, 3);
        for (const { bin, sure, unseen } of answers) window.add(bin, sure, unseen);
        const latest = answers.slice(-length);
        expect(window.size).toBe(latest.length);
        expect([...window.scores]).toEqual(
          [0, 1, 2, 3].map((at) => latest.filter(({ bin }) => bin === at).length),
        );
        expect(window.sure).toBe(latest.filter(({ sure }) => sure).length);
        expect(window.measured).toBe(latest.filter(({ unseen }) => unseen !== undefined).length);
        expect([...window.unseen]).toEqual(
          [0, 1, 2].map((at) => latest.filter(({ unseen }) => unseen === at).length),
        );
      }),
      { seed: 2 },
    );
  });
});

it('scores fall into bins in order, both ends included', () => {
  expect([0, 0.019, 0.02, 0.5, 0.97, 1].map(scoreBin)).toEqual([0, 0, 1, 6, SCORE_BINS - 1, SCORE_BINS - 1]);
});

it('the unseen share counts different terms that the vocabulary lacks', () => {
  const indexOf = new Map([
    ['your', 0],
    ['parcel', 1],
  ]);
  // Terms: your, parcel, zorbled, "your parcel", "parcel zorbled".
  expect(unseenShare({ indexOf }, 'Your parcel zorbled')).toBeCloseTo(3 / 5, 12);
  expect(unseenShare({ indexOf }, '')).toBe(0);
});

describe('senders', () => {
  const options = { baseline: 10, recent: 5 };
  const feed = (watch: ReturnType<typeof createSenderWatch>, sender: string, values: readonly number[]) => {
    for (const value of values) watch.observe(sender, value);
  };

  it('finds the sender that changed, against its own beginnings', () => {
    const watch = createSenderWatch(options);
    feed(watch, 'SHOP', new Array(30).fill(0.9));
    feed(watch, 'BANK', new Array(10).fill(0.1));
    feed(watch, 'BANK', new Array(4).fill(0.9));
    expect(watch.shifted()).toEqual([]);
    feed(watch, 'BANK', [0.9]);
    expect(watch.shifted()).toEqual([
      { sender: 'BANK', before: expect.closeTo(0.1, 6), now: expect.closeTo(0.9, 6) },
    ]);
    expect(watch.largest()).toBeCloseTo(0.8, 6);
  });

  it('remembers no more senders than it is told to', () => {
    const watch = createSenderWatch({ ...options, maxSenders: 2 });
    feed(watch, 'A', [...new Array(10).fill(0), ...new Array(5).fill(1)]);
    expect(watch.shifted()).toHaveLength(1);
    for (const sender of ['B', 'C']) feed(watch, sender, [0.5]);
    expect(watch.shifted()).toEqual([]);
  });
});

describe('monitor', () => {
  const flat = (bins: number) => new Array<number>(bins).fill(100);
  const reference: DriftReference = {
    scores: flat(SCORE_BINS),
    sure: (SCORE_BINS * 100) / 2,
    unseen: flat(UNSEEN_BINS),
  };
  const MIDDLES = [0.01, 0.03, 0.07, 0.15, 0.3, 0.4, 0.6, 0.7, 0.85, 0.95, 0.99];
  const UNSEEN = [0.05, 0.15, 0.25, 0.35, 0.45, 0.6, 0.7, 0.9];
  const monitorOf = (over: Partial<DriftOptions> = {}) =>
    createDriftMonitor({
      modelVersion: 'm-1',
      reference,
      unseenShareOf: (text) => Number(text),
      enough: 200,
      window: 400,
      ...over,
    });
  const feed = (
    monitor: ReturnType<typeof createDriftMonitor>,
    count: number,
    over: { probability?: number; unseen?: number; sure?: boolean; modelVersion?: string } = {},
  ) => {
    const random = createRandom(3);
    for (let i = 0; i < count; i++) {
      const unseen = over.unseen ?? random.pick(UNSEEN);
      monitor.observe({
        tenant: 't',
        text: String(unseen),
        verdict: {
          probability: over.probability ?? random.pick(MIDDLES),
          band: (over.sure ?? random.next() < 0.5) ? 'sure' : 'unsure',
          fingerprint: `f${unseen}`,
          modelVersion: over.modelVersion ?? 'm-1',
        },
      });
    }
  };
  const alarmed = (monitor: ReturnType<typeof createDriftMonitor>) =>
    monitor
      .report()[0]!
      .readings.filter(({ alarm }) => alarm)
      .map(({ monitor: name }) => name);

  it('is quiet on messages like those of training', () => {
    const monitor = monitorOf();
    feed(monitor, 400);
    expect(monitor.report()).toMatchObject([{ tenant: 't', messages: 400, state: 'watching' }]);
    expect(alarmed(monitor)).toEqual([]);
  });

  it.each([
    ['score', { probability: 0.6 }],
    ['sure-share', { sure: false }],
    ['unseen-terms', { unseen: 0.9 }],
  ] as const)('alarms of %s alone when that alone changed, and rests when it is over', (name, change) => {
    const monitor = monitorOf();
    feed(monitor, 400, change);
    expect(alarmed(monitor)).toEqual([name]);
    expect(alarmsOf(monitor.report())).toEqual([
      expect.stringMatching(new RegExp(`^drift of ${name}: .* tenant t, model m-1$`)),
    ]);
    feed(monitor, 400);
    expect(alarmed(monitor)).toEqual([]);
  });

  it('alarms of nothing before there is enough to judge by', () => {
    const monitor = monitorOf();
    feed(monitor, 199, { probability: 0.6 });
    expect(monitor.report()).toMatchObject([{ state: 'learning' }]);
    expect(alarmed(monitor)).toEqual([]);
  });

  it('leaves out answers of another model, and watches senders alone without a reference', () => {
    const { reference: _, ...bare } = { reference };
    const monitor = createDriftMonitor({ modelVersion: 'm-1', ...bare });
    feed(monitor, 300, { modelVersion: 'm-0' });
    expect(monitor.report()).toEqual([]);
    feed(monitor, 3);
    expect(monitor.report()).toMatchObject([
      { state: 'no-reference', messages: 3, readings: [{ monitor: 'senders' }] },
    ]);
  });

  it('asks for the unseen terms of a text once', () => {
    let asked = 0;
    const monitor = monitorOf({
      unseenShareOf: () => {
        asked++;
        return 0.1;
      },
    });
    feed(monitor, 50, { unseen: 0.05 });
    expect(asked).toBe(1);
  });

  it('judges unseen terms only once enough texts were measured', () => {
    let budget = 0;
    const monitor = monitorOf({ unseenShareOf: () => (budget-- > 0 ? 0.9 : undefined) });
    feed(monitor, 400);
    expect(monitor.report()[0]!.readings.map(({ monitor: name }) => name)).not.toContain('unseen-terms');
    budget = 1;
    feed(monitor, 50, { unseen: 0.05 });
    const reading = monitor.report()[0]!.readings.find(({ monitor: name }) => name === 'unseen-terms');
    expect(reading).toMatchObject({ alarm: false });
    expect(reading!.value).toBeGreaterThan(0.25);
  });
});
