import { describe, expect, it } from 'vitest';
import { spreadRelease } from './judge.ts';

const OPEN = Date.parse('2026-07-16T12:00:00Z');
const HOUR = 3_600_000;
const at = (id: string, closesMs = OPEN + 13 * HOUR, expires_at_ms: number | null = null) =>
  spreadRelease({ id, expires_at_ms }, OPEN, closesMs);
const many = Array.from({ length: 3_000 }, (_, i) => `019f${i.toString(16)}-a${i}`);

describe('release of deferred messages', () => {
  it('is spread evenly over the first quarter of an hour', () => {
    const minutes = new Array<number>(15).fill(0);
    for (const id of many) minutes[Math.floor((at(id) - OPEN) / 60_000)]!++;
    expect(minutes.reduce((sum, n) => sum + n, 0)).toBe(3_000);
    for (const n of minutes) expect(n).toBeGreaterThan(100);
  });

  it('stays in the first quarter of a short opening', () => {
    for (const id of many) {
      const release = at(id, OPEN + 8 * 60_000);
      expect(release).toBeGreaterThanOrEqual(OPEN);
      expect(release).toBeLessThan(OPEN + 2 * 60_000);
    }
  });

  it('is the same for a message each time, and never after it expires', () => {
    for (const id of many) {
      expect(at(id)).toBe(at(id));
      expect(at(id, OPEN + HOUR, OPEN + 1)).toBe(OPEN);
    }
  });

  it('does not wait where nothing ever shuts', () => {
    expect(at('x', Infinity)).toBe(OPEN);
  });
});
