import { expect, test } from 'vitest';
import { createStatementNames } from './named.ts';

test('a statement has one name from its second use on', () => {
  const nameOf = createStatementNames();
  expect(nameOf('select $1')).toBeUndefined();
  expect(nameOf('select $1')).toBe('laneway_1');
  expect(nameOf('select $1')).toBe('laneway_1');
  nameOf('select $2');
  expect(nameOf('select $2')).toBe('laneway_2');
});

test('statements that come once, and those beyond the limit, get none', () => {
  const nameOf = createStatementNames();
  for (let i = 0; i < 300; i++) nameOf(`select ${i}`);
  const named = Array.from({ length: 300 }, (_, i) => nameOf(`select ${i}`));
  expect(named.filter((name) => name !== undefined)).toHaveLength(200);
});
