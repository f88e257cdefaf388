import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Promotion, readPromotions, recordPromotion } from './promotions.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'laneway-promotions-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const one: Promotion = {
  at: '2026-01-01T00:00:00.000Z',
  version: 'b-1',
  replaced: 'a-1',
  how: 'forced',
  reason: 'the only one that reads\nHindi',
  drops: ['hard'],
};

it('keeps every change in order, and lives through a line that was cut short', () => {
  expect(readPromotions(home)).toEqual([]);
  recordPromotion(home, one);
  recordPromotion(home, { ...one, how: 'rollback' });
  appendFileSync(join(home, 'models', 'promotions.jsonl'), '{"at":"2026-');
  expect(readPromotions(home)).toEqual([one, { ...one, how: 'rollback' }]);
});
