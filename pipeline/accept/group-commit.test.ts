import { expect, test } from 'vitest';
import { createGroupCommit } from './group-commit.ts';

test('those who come together share a commit; those who come during one share the next', async () => {
  const groups: number[][] = [];
  let open: (() => void) | undefined;
  const commit = createGroupCommit<number, string>({
    maxGroup: () => 3,
    async flush(items) {
      groups.push([...items]);
      if (groups.length === 1) await new Promise<void>((resolve) => (open = resolve));
      return items.map((item) => `#${item}`);
    },
  });
  const first = [1, 2].map((item) => commit.add(item));
  while (!open) await new Promise((resolve) => setImmediate(resolve));
  const later = [3, 4, 5, 6].map((item) => commit.add(item));
  open();
  expect(await Promise.all([...first, ...later])).toEqual(['#1', '#2', '#3', '#4', '#5', '#6']);
  expect(groups).toEqual([[1, 2], [3, 4, 5], [6]]);
});

test('a failed commit fails its group and no other', async () => {
  const commit = createGroupCommit<number, number>({
    maxGroup: () => 1,
    async flush([item]) {
      if (item === 2) throw new Error('disk full');
      return [item!];
    },
  });
  const results = await Promise.allSettled([1, 2, 3].map((item) => commit.add(item)));
  expect(results.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  await commit.drained();
});
