import { expect, test } from 'vitest';
import { drawBag, numberGroups, treeRandom } from './bag.ts';

const groups = numberGroups(Uint32Array.from({ length: 3000 }, (_, row) => 7 * (row % 1000) + 4_000_000_000));

test('groups are numbered by first appearance', () => {
  const { count, of, sizes } = numberGroups(Uint32Array.of(90, 5, 90, 7, 5, 90));
  expect(count).toBe(3);
  expect([...of]).toEqual([0, 1, 0, 2, 1, 0]);
  expect([...sizes]).toEqual([3, 2, 1]);
});

test('as many groups are drawn as there are, and about 1/e are left out', () => {
  const { drawn } = drawBag(groups, 'group', 2 ** 31, treeRandom(1, 0));
  expect(drawn.reduce((sum, times) => sum + times, 0)).toBe(1000);
  const out = drawn.filter((times) => times === 0).length;
  expect(Math.abs(out / 1000 - Math.exp(-1))).toBeLessThan(0.05);
});

test('a bag stops at the number of rows asked for, but is never empty', () => {
  const rowsIn = (maxRows: number) =>
    3 * drawBag(groups, 'group', maxRows, treeRandom(1, 0)).drawn.filter((times) => times > 0).length;
  expect(rowsIn(300)).toBe(300);
  expect(rowsIn(301)).toBe(303);
  expect(rowsIn(1)).toBe(3);
});

test('trees and seeds have streams of their own', () => {
  const firsts = new Set<number>();
  for (let seed = 0; seed < 20; seed++)
    for (let tree = 0; tree < 50; tree++) firsts.add(treeRandom(seed, tree).next());
  expect(firsts.size).toBe(1000);
});
