import { describe, expect, it } from 'vitest';
import { isZone } from '../time/localtime.ts';
import { areaCode, regionsOf, regionZones } from './areacodes.ts';
import { candidateZones, zonesOfCountry } from './zones.ts';

describe('area codes', () => {
  it('know all states, the district and all provinces, with zones that exist', () => {
    expect(regionsOf('US')).toHaveLength(51);
    expect(regionsOf('CA')).toHaveLength(13);
    for (const region of [...regionsOf('US'), ...regionsOf('CA')]) {
      expect(regionZones(region)!.every(isZone), region).toBe(true);
    }
  });

  it('never put one code in two states', () => {
    for (let code = 200; code < 1000; code++) {
      const states = (areaCode(String(code))?.regions ?? []).filter((region) => region.startsWith('US-'));
      expect(states.length, String(code)).toBeLessThanOrEqual(1);
    }
  });

  it('name both zones where a code crosses the line', () => {
    expect(areaCode('850')).toEqual({ regions: ['US-FL'], zones: ['America/New_York', 'America/Chicago'] });
    expect(areaCode('915')!.zones).toEqual(['America/Denver']);
    expect(areaCode('865')!.zones).toEqual(['America/New_York']);
    expect(areaCode('800')).toBeUndefined();
  });
});

describe('zones of a country', () => {
  it.each([
    ['GB', 1],
    ['IN', 1],
    ['XK', 1],
    ['BR', 4],
    ['ID', 3],
    ['RU', 11],
    ['ZZ', 0],
    ['gb', 0],
  ])('%s has %i kinds', (country, kinds) => {
    expect(zonesOfCountry(country)).toHaveLength(kinds);
  });

  it('uses the modern name', () => {
    expect(zonesOfCountry('IN')).toEqual(['Asia/Kolkata']);
  });
});

describe('candidateZones', () => {
  it.each([
    ['+12125550123', ['US', 'US-NY'], ['America/New_York'], 'area-code'],
    ['+14165550123', ['CA', 'CA-ON'], ['America/Toronto'], 'area-code'],
    ['+447400123456', ['GB'], ['Europe/London'], 'country'],
    ['+919812345678', ['IN'], ['Asia/Kolkata'], 'country'],
    ['+262692123456', ['RE'], ['Indian/Reunion'], 'country'],
    ['+17875551234', ['PR'], ['America/Puerto_Rico'], 'country'],
    ['+77012345678', ['KZ'], zonesOfCountry('KZ'), 'country'],
  ])('%s', (to, jurisdictions, zones, basis) => {
    const found = candidateZones({ to });
    expect(found).toMatchObject({ jurisdictions, basis, problems: [] });
    expect(found.zones).toEqual([...zones].sort());
  });

  it('adds the address and the stated zone to what an area code says', () => {
    const found = candidateZones({
      to: '+12125550123',
      addressSubdivision: 'US-CA',
      statedZone: 'America/Chicago',
    });
    expect(found.zones).toEqual(['America/Chicago', 'America/Los_Angeles', 'America/New_York']);
    expect(found.jurisdictions).toEqual(['US', 'US-CA', 'US-NY']);
    expect(found.basis).toBe('area-code+address+stated-zone');
  });

  it('takes all states when the code tells nothing', () => {
    const found = candidateZones({ to: '+18005551234' });
    expect(found.jurisdictions).toHaveLength(52);
    expect(found.zones).toEqual([...zonesOfCountry('US')].sort());
    expect(found.zones).toContain('Pacific/Honolulu');
  });

  it('lets a stated zone narrow a country of many zones, but not leave it', () => {
    expect(candidateZones({ to: '+5511987654321' }).zones).toHaveLength(4);
    expect(candidateZones({ to: '+5511987654321', statedZone: 'America/Sao_Paulo' }).zones).toEqual([
      'America/Sao_Paulo',
    ]);
    const abroad = candidateZones({ to: '+5511987654321', statedZone: 'Europe/Berlin' });
    expect(abroad.zones).toHaveLength(5);
    expect(abroad.basis).toBe('country+stated-zone');
  });

  it('takes every country of the calling code for a number that no plan knows', () => {
    expect(candidateZones({ to: '+447700900123' })).toMatchObject({
      countries: ['GB', 'GG', 'IM', 'JE'],
      zones: ['Europe/London'],
    });
    expect(candidateZones({ to: '+15551234567' }).countries).toContain('JM');
  });

  it('adds the country of an address abroad', () => {
    const found = candidateZones({ to: '+447400123456', addressCountry: 'in' });
    expect(found.jurisdictions).toEqual(['GB', 'IN']);
    expect(found.zones).toEqual(['Asia/Kolkata', 'Europe/London']);
  });

  it('binds every state when an American address names none', () => {
    expect(candidateZones({ to: 'a@example.com', addressCountry: 'US' }).jurisdictions).toHaveLength(52);
  });

  it.each([
    [{ to: '+99912345678' }, 'no country'],
    [{ to: '+1' }, 'no country'],
    [{ to: 'a@example.com', statedZone: 'Mars/Olympus' }, 'no such time zone'],
    [{ to: 'a@example.com', addressCountry: 'QQ' }, 'no known country'],
  ])('knows nothing, and says why, for %o', (hints, problem) => {
    const found = candidateZones(hints);
    expect(found).toMatchObject({ zones: [], jurisdictions: [], basis: 'unknown' });
    expect(found.problems.join()).toContain(problem);
  });
});
