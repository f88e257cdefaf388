import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPacks, PACK_DIR } from './language/load.ts';

/** Over the ids of the research, sorted, a line each: a row that goes missing or is made up shows. */
const RESEARCH = { rules: 268, sha256: '28d4cda3ae32bcaf441fb9c4c1a369fcfc363831152d083deb3d232c7eb67104' };
/** How many each place has; subdivisions count for their country. */
const BY_COUNTRY =
  'US 86 CA 12 EU 11 GB 6 DE 5 AT 1 CH 2 FR 8 ES 7 IT 3 IE 2 NL 1 PL 1 BR 5 MX 2 CO 4 CL 2 PE 1 AR 1 IN 10 SG 7 MY 5 ' +
  'ID 3 PH 4 TH 1 VN 8 HK 4 TW 1 JP 4 KR 7 CN 5 AU 7 NZ 3 AE 7 SA 5 TR 4 IL 4 ZA 3 NG 2 KE 2 ZZ 12';

const page = readFileSync(join(PACK_DIR, 'coverage.md'), 'utf8');
const names = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
const rows = page
  .split('\n## ')[0]!
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => {
    const [, id, place, rules] = line.split('|').map((cell) => cell.trim());
    return { id: names(id!)[0]!, place: place!, rules: names(rules!) };
  });
const packs = loadPacks();
const rules = new Map(packs.flatMap((pack) => pack.rules.map((rule) => [rule.id, rule] as const)));

describe('the packs against the research', () => {
  it('account for every researched rule, once', () => {
    const ids = rows.map(({ id }) => id).sort();
    expect(ids).toHaveLength(RESEARCH.rules);
    expect(new Set(ids).size).toBe(RESEARCH.rules);
    expect(createHash('sha256').update(ids.join('\n')).digest('hex')).toBe(RESEARCH.sha256);
    const counts = new Map<string, number>();
    for (const { place } of rows) counts.set(place.slice(0, 2), (counts.get(place.slice(0, 2)) ?? 0) + 1);
    const told = [...counts].map(([place, count]) => `${place} ${count}`).sort();
    expect(told).toEqual(BY_COUNTRY.match(/[A-Z]{2} \d+/g)!.sort());
  });

  it('express each with rules that are there', () => {
    for (const { id, rules: expressedBy } of rows) {
      expect(expressedBy.length, id).toBeGreaterThan(0);
      for (const rule of expressedBy) expect(rules.has(rule), `${id}: ${rule}`).toBe(true);
    }
  });

  it('name only rules that are there among the parts left out', () => {
    const known = new Set([...rules.keys(), ...rows.map(({ id }) => id)]);
    const parts = page.split('## Parts of rules')[1]!.split('\n## ')[0]!;
    const listed = parts.split('\n').filter((line) => line.startsWith('| `'));
    expect(listed.length).toBeGreaterThan(40);
    for (const line of listed)
      for (const id of names(line.split('|')[1]!)) expect(known.has(id), id).toBe(true);
  });

  it('say that a rule is doubtful wherever confidence is not high, and on what every rule rests', () => {
    for (const { id, confidence, needsVerification, basis, examples } of rules.values()) {
      expect(confidence === 'high' || needsVerification, id).toBe(true);
      expect(basis.length, id).toBeGreaterThan(5);
      expect(new Set(examples.map(({ expect: wanted }) => wanted)).size, id).toBeGreaterThan(1);
    }
  });
});
