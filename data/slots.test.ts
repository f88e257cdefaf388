import { describe, expect, it } from 'vitest';
import { createRandom } from '../models/base/random.ts';
import { INDUSTRIES, MARKETS } from './corpus.ts';
import { createSlotFiller, SLOT_NAMES } from './slots.ts';

const NOW_MS = Date.UTC(2026, 1, 3, 9);

function values(market: (typeof MARKETS)[number], industry: string, seed: number): Record<string, string> {
  const fill = createSlotFiller({ market, industry, nowMs: NOW_MS, random: createRandom(seed) });
  return Object.fromEntries([...SLOT_NAMES].map((name) => [name, fill(name)]));
}

describe('createSlotFiller', () => {
  it('renders every slot in every market and industry', () => {
    for (const market of MARKETS) {
      INDUSTRIES.forEach((industry, seed) => {
        for (const [name, value] of Object.entries(values(market, industry, seed + 1))) {
          expect(value, `${name} in ${market}`).toMatch(/\S/);
          expect(value, `${name} in ${market}`).not.toMatch(/undefined|NaN|null|[#{}|]{2}|^\s|\s$/);
        }
      });
    }
  });

  it('gives the same values for the same seed and others for another', () => {
    expect(values('IN', 'retail', 5)).toEqual(values('IN', 'retail', 5));
    expect(values('IN', 'retail', 5)).not.toEqual(values('IN', 'retail', 6));
  });

  it('keeps names and links within a message, draws amounts anew', () => {
    const fill = createSlotFiller({
      market: 'US',
      industry: 'banking',
      nowMs: NOW_MS,
      random: createRandom(3),
    });
    for (const name of ['brand', 'name', 'url', 'tail', 'code', 'ref', 'phone'])
      expect(fill(name)).toBe(fill(name));
    expect(new Set(Array.from({ length: 20 }, () => fill('amount'))).size).toBeGreaterThan(5);
    expect(fill('fullname').startsWith(`${fill('name')} `)).toBe(true);
    const host = fill('brand')
      .toLowerCase()
      .replace(/[^a-z]/g, '');
    expect(fill('url')).toContain(`${host}.`);
    expect(fill('email')).toContain(`@${host}.`);
  });

  it('writes money the way of the market', () => {
    const money = (market: 'IN' | 'GB') =>
      Array.from({ length: 20 }, (_, seed) => values(market, 'retail', seed)['amount']!);
    for (const value of money('IN')) expect(value).toMatch(/^(Rs|INR|₹)[. ]{0,2}[\d,]+(\.\d\d)?$/);
    for (const value of money('GB')) expect(value).toMatch(/^(£|GBP )[\d,]+(\.\d\d)?$/);
  });

  it('refuses a slot it does not know', () => {
    const fill = createSlotFiller({ market: 'US', industry: 'banking', nowMs: 0, random: createRandom(1) });
    expect(() => fill('constructor')).toThrow(expect.objectContaining({ code: 'TEMPLATE_UNKNOWN_SLOT' }));
  });
});
