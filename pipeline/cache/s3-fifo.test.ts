import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createS3Fifo } from './s3-fifo.ts';

test('what is asked for survives a scan many times the size of the cache', () => {
  const cache = createS3Fifo<number>(100, 1e9);
  for (let i = 0; i < 40; i++) cache.set(`hot${i}`, i, 1);
  for (let i = 0; i < 40; i++) cache.get(`hot${i}`);
  for (let i = 0; i < 20_000; i++) cache.set(`scan${i}`, i, 1);
  let left = 0;
  for (let i = 0; i < 40; i++) if (cache.get(`hot${i}`) === i) left++;
  expect(left).toBe(40);
});

test('what was dropped and comes again soon goes to the main queue', () => {
  const cache = createS3Fifo<number>(20, 1e9);
  for (let i = 0; i < 40; i++) cache.set(`a${i}`, i, 1);
  expect(cache.get('a18')).toBeUndefined();
  cache.set('a18', 18, 1);
  for (let i = 0; i < 15; i++) cache.set(`b${i}`, i, 1);
  expect(cache.get('a18')).toBe(18);
});

test('never more entries or bytes than allowed, and never a wrong value', () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 60 }).map((n) => `k${n}`),
    bytes: fc.integer({ min: 1, max: 130 }),
    write: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const cache = createS3Fifo<number>(16, 400);
      const truth = new Map<string, number>();
      const costs = new Map<string, number>();
      steps.forEach(({ key, bytes, write }, at) => {
        if (write) {
          cache.set(key, at, bytes);
          truth.set(key, at);
          costs.set(key, bytes);
        } else {
          const value = cache.get(key);
          if (value !== undefined) expect(value).toBe(truth.get(key));
        }
        expect(cache.entries).toBeLessThanOrEqual(16);
        expect(cache.bytes).toBeLessThanOrEqual(400);
      });
      const held = [...costs].filter(([key]) => cache.get(key) !== undefined);
      expect(cache.entries).toBe(held.length);
      expect(cache.bytes).toBe(held.reduce((sum, [, bytes]) => sum + bytes, 0));
    }),
    { seed: 4, numRuns: 300 },
  );
});

test('a value larger than the cache is not kept', () => {
  const cache = createS3Fifo<number>(10, 100);
  cache.set('large', 1, 101);
  expect(cache.get('large')).toBeUndefined();
  expect(cache.bytes).toBe(0);
});
