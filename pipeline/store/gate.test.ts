import { expect, test } from 'vitest';
import { createPriorityGate, type Priority } from './gate.ts';

test('urgent goes first, bulk gets its turn, nobody is forgotten', async () => {
  const gate = createPriorityGate(2);
  const order: string[] = [];
  await gate.acquire('bulk');
  const turn = (priority: Priority, name: string) =>
    gate.acquire(priority).then(() => {
      order.push(name);
      gate.release();
    });
  const all = [
    turn('bulk', 'b1'),
    turn('bulk', 'b2'),
    ...['u1', 'u2', 'u3'].map((name) => turn('urgent', name)),
  ];
  gate.release();
  await Promise.all(all);
  expect(order).toEqual(['u1', 'u2', 'b1', 'u3', 'b2']);
  expect(gate.waiting).toBe(0);
});
