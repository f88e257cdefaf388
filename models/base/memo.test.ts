import { expect, test } from 'vitest';
import { createMemo } from './memo.ts';

test('never holds more than it may, keeps what is asked for, forgets the rest', () => {
  const memo = createMemo<number>(10, 5);
  memo.set('kept', 1);
  let held = 0;
  for (let i = 0; i < 100; i++) {
    memo.set(`t${i}`, i);
    expect(memo.get('kept')).toBe(1);
  }
  for (let i = 0; i < 100; i++) if (memo.get(`t${i}`) !== undefined) held++;
  expect(held).toBeGreaterThan(0);
  expect(held).toBeLessThanOrEqual(10);
  expect(memo.get('t0')).toBeUndefined();
});

test('a text that is too long is not remembered', () => {
  const memo = createMemo<number>(10, 5);
  memo.set('longer', 1);
  expect(memo.get('longer')).toBeUndefined();
});
