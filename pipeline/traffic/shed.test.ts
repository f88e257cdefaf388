import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createShedder } from './shed.ts';

test('adverts are refused first, codes only long after the last advert was taken', () => {
  let nowMs = 0;
  const shedder = createShedder(() => nowMs, { promotionalAbove: 2, transactionalAbove: 4 });
  expect([shedder.enter('promotional'), shedder.enter('promotional'), shedder.enter('promotional')]).toEqual([
    true,
    true,
    false,
  ]);
  expect([1, 2, 3, 4].map(() => shedder.enter('transactional'))).toEqual([true, true, true, true]);
  nowMs = 1_000;
  expect(shedder.enter('transactional')).toBe(false);
  expect(shedder.shed).toEqual({ transactional: 1, promotional: 1 });
  for (let n = 0; n < 6; n++) shedder.done();
  expect([shedder.enter('transactional'), shedder.enter('promotional')]).toEqual([true, true]);
});

test('whatever comes, no code is refused within a second of a taken advert', () => {
  const arrival = fc.record({
    lane: fc.constantFrom('promotional' as const, 'transactional' as const),
    ms: fc.nat(400),
    done: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(arrival, { maxLength: 200 }), (arrivals) => {
      let nowMs = 0;
      let takenMs = Number.NEGATIVE_INFINITY;
      const shedder = createShedder(() => nowMs, { promotionalAbove: 3, transactionalAbove: 6 });
      for (const { lane, ms, done } of arrivals) {
        nowMs += ms;
        const taken = shedder.enter(lane);
        if (lane === 'promotional' && taken) takenMs = nowMs;
        if (lane === 'transactional' && !taken) expect(nowMs - takenMs).toBeGreaterThanOrEqual(1_000);
        if (done && shedder.waiting > 0) shedder.done();
      }
    }),
    { seed: 5 },
  );
});
