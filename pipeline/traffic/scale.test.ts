import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createScaler, DEFAULT_SCALE, type Load } from './scale.ts';

const policy = { ...DEFAULT_SCALE, min: 2, max: 12 };
const calm: Load = { busy: 0.1, waiting: 0, oldestMs: 0 };

test.each([
  ['80% of capacity', { ...calm, busy: 0.81 }],
  ['1,000 waiting', { ...calm, waiting: 1_001 }],
  ['an old message', { ...calm, oldestMs: 5_001 }],
])('%s brings more, half as many again, and then waits for what that does', (_name, load) => {
  const scaler = createScaler(policy);
  expect(scaler.decide(4, load, 0).wanted).toBe(6);
  expect(scaler.decide(6, load, 9_000).wanted).toBe(6);
  expect(scaler.decide(6, load, 10_000).wanted).toBe(9);
});

test('at the threshold itself nothing changes, and between the thresholds neither way', () => {
  const scaler = createScaler(policy);
  for (let nowMs = 0; nowMs < 1_000_000; nowMs += 10_000) {
    expect(scaler.decide(4, { busy: 0.65, waiting: 1_000, oldestMs: 5_000 }, nowMs).wanted).toBe(4);
  }
});

test('calm brings fewer one at a time, only when it lasts, and starts anew after a stir', () => {
  const scaler = createScaler(policy);
  expect(scaler.decide(4, calm, 0).wanted).toBe(4);
  expect(scaler.decide(4, { ...calm, busy: 0.6 }, 100_000).wanted).toBe(4);
  expect(scaler.decide(4, calm, 119_000).wanted).toBe(4);
  expect(scaler.decide(4, calm, 238_000).wanted).toBe(4);
  expect(scaler.decide(4, calm, 239_000).wanted).toBe(3);
  expect(scaler.decide(3, calm, 240_000).wanted).toBe(3);
  expect(scaler.decide(3, calm, 360_000).wanted).toBe(2);
  expect(scaler.decide(2, calm, 900_000).wanted).toBe(2);
});

test('what is foreseen is there before it is needed and stays while it is foreseen', () => {
  const scaler = createScaler(policy);
  expect(scaler.decide(2, { ...calm, foreseen: 7 }, 0)).toEqual({ wanted: 7, why: '7 foreseen' });
  for (let nowMs = 1; nowMs < 1_000_000; nowMs += 50_000)
    expect(scaler.decide(7, { ...calm, foreseen: 7 }, nowMs).wanted).toBe(7);
});

test('never outside the bounds, whatever is seen', () => {
  const load = fc.record({
    busy: fc.double({ min: 0, max: 1, noNaN: true }),
    waiting: fc.nat(1_000_000),
    oldestMs: fc.nat(1_000_000),
    foreseen: fc.integer({ min: 0, max: 1_000 }),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(load, fc.nat(200_000)), { maxLength: 60 }), (seen) => {
      const scaler = createScaler(policy);
      let [now, nowMs] = [2, 0];
      for (const [one, waitMs] of seen) {
        nowMs += waitMs;
        now = scaler.decide(now, one, nowMs).wanted;
        expect(now).toBeGreaterThanOrEqual(policy.min);
        expect(now).toBeLessThanOrEqual(policy.max);
      }
    }),
    { seed: 3 },
  );
});
