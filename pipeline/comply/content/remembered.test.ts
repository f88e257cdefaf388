import { expect, test } from 'vitest';
import type { PatternSpec } from '../types.ts';
import { contentOf } from './content.ts';
import { rememberingContentOf } from './remembered.ts';

const SALE = 'Big sale: 20% off at shop.example. Reply STOP to opt out.';
const asks = (word: string): readonly PatternSpec[] => [
  { id: 'word', where: 'body', test: (text) => text.includes(word) } as PatternSpec,
];

test('an equal text is looked at once, and the answer is that of contentOf', () => {
  const look = rememberingContentOf();
  const first = look(SALE, 'sms');
  expect(first).toEqual(contentOf(SALE, 'sms'));
  expect(look(SALE, 'sms')).toBe(first);
});

test('another channel, other words beside the text or other questions are another matter', () => {
  const look = rememberingContentOf();
  const extras = { subject: 'News', headers: { 'List-Unsubscribe': '<mailto:a@b.example>' } };
  expect(look(SALE, 'email')).toEqual(contentOf(SALE, 'email'));
  expect(look(SALE, 'email', extras)).toEqual(contentOf(SALE, 'email', extras));
  const [sale, gold] = [asks('sale'), asks('gold')];
  expect(look(SALE, 'sms', { patterns: sale }).patterns).toEqual({ word: true });
  expect(look(SALE, 'sms', { patterns: gold }).patterns).toEqual({ word: false });
  expect(look(SALE, 'sms', { patterns: sale }).patterns).toEqual({ word: true });
});
