import { describe, expect, it } from 'vitest';
import { holidayTest } from './calendar.ts';

const none = { add: [], remove: [] };

describe('holidayTest', () => {
  it('knows a state, with observed days', () => {
    const isHoliday = holidayTest('US-RI', { library: ['US', 'RI'], years: [2024, 2030], ...none });
    expect(isHoliday('2026-07-03')).toBe(true);
    expect(isHoliday('2026-07-04')).toBe(true);
    expect(isHoliday('2026-07-06')).toBe(false);
    expect(isHoliday('2026-08-10')).toBe(true);
  });

  it('takes what the pack adds and removes', () => {
    const isHoliday = holidayTest('US-LA', {
      library: ['US', 'LA'],
      add: ['2026-12-26'],
      remove: ['2026-11-03'],
      years: [2026, 2026],
    });
    expect([isHoliday('2026-12-26'), isHoliday('2026-11-03'), isHoliday('2026-12-25')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('has no answer outside of the years vouched for', () => {
    const isHoliday = holidayTest('US-UT', { library: ['US', 'UT'], years: [2026, 2026], ...none });
    expect([isHoliday('2025-07-24'), isHoliday('2027-07-26')]).toEqual([undefined, undefined]);
  });

  it.each([[['QQ']], [['US', 'QQ']]])('refuses %j', (library) => {
    expect(() => holidayTest('X', { library, years: [2026, 2026], ...none })).toThrow(
      /no holidays are known/,
    );
  });
});
