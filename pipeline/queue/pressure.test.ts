import { expect, test } from 'vitest';
import { createPressure } from './pressure.ts';

test('bulk waits while something urgent is in flight, then goes one step at a time', async () => {
  const pressure = createPressure({ clock: () => 0, maxBulkWaitMs: 10_000 });
  const order: string[] = [];
  pressure.enter('otp');
  const steps = [1, 2].map((n) => pressure.pass().then(() => order.push(`bulk ${n}`)));
  await new Promise((resolve) => setTimeout(resolve, 10));
  order.push('urgent');
  pressure.leave('otp');
  await Promise.all(steps);
  expect(order).toEqual(['urgent', 'bulk 1', 'bulk 2']);
});

test('bulk gets its share under urgent work without end', async () => {
  const pressure = createPressure({ clock: () => 0, maxBulkWaitMs: 1 });
  pressure.enter('otp');
  await pressure.pass();
  await pressure.pass();
  expect(pressure.urgentInFlight).toBe(1);
});

test('a stuck urgent message counts for a while only', () => {
  let now = 0;
  const pressure = createPressure({ clock: () => now, maxUrgentMs: 100 });
  pressure.enter('stuck');
  now = 200;
  expect(pressure.urgentInFlight).toBe(0);
});

test('it is quiet until an urgent message comes, and again a while after the last one', () => {
  let now = 0;
  const pressure = createPressure({ clock: () => now, quietAfterMs: 100 });
  expect(pressure.quiet).toBe(true);
  pressure.enter('otp');
  pressure.leave('otp');
  expect(pressure.quiet).toBe(false);
  now = 99;
  expect(pressure.quiet).toBe(false);
  now = 100;
  expect(pressure.quiet).toBe(true);
});
