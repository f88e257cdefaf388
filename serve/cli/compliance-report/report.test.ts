import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRuleBook } from '../../../pipeline/comply/compliance.ts';
import { contentOf } from '../../../pipeline/comply/content/content.ts';
import type { Facts } from '../../../pipeline/comply/facts.ts';
import { candidateZones } from '../../../pipeline/comply/place/zones.ts';
import { recorded, seal } from '../../../pipeline/record/decision.ts';
import { countViolations, regionOf } from '../../../pipeline/record/violations.ts';
import { createContext } from '../context.ts';
import { complianceReportCommand } from './command.ts';

const book = createRuleBook();
const ruleset = book.ruleset();
const dir = mkdtempSync(join(tmpdir(), 'laneway-compliance-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** A decision as the pipeline records it. */
function decide(to: string, body: string, kind: 'transactional' | 'promotional', atMs: number) {
  const { jurisdictions, zones, basis } = candidateZones({ to });
  const facts: Facts = {
    message: {
      channel: 'sms',
      class: kind,
      treatment: kind,
      risk: 0.01,
      segments: 1,
      ...contentOf(body, 'sms', { brand: 'Acme', patterns: ruleset.patterns('sms') }),
    },
    recipient: { jurisdictions, zones, zoneBasis: basis },
    sender: { id: '+12025550147', brand: 'Acme' },
    consent: [],
    suppression: [],
    registries: {},
    counters: {},
    events: {},
  };
  const evaluation = book.evaluate(ruleset, facts, atMs);
  return seal({
    format: 1,
    tenant: 'default',
    messageId: `${to}-${atMs}`,
    channel: 'sms',
    atMs,
    claim: null,
    verdict: null,
    treatment: { treatment: kind, because: kind === 'promotional' ? 'promotional' : 'verdict' },
    lane: evaluation.treatment,
    evaluation: recorded(evaluation),
  }).record;
}

const NOON = Date.parse('2026-07-15T16:00:00Z');
const records = [
  decide('+12125550123', 'Acme: 20% off everything. Reply STOP to end', 'promotional', NOON),
  decide('+13055550123', 'Acme: 20% off everything. Reply STOP to end', 'promotional', NOON + 1_000),
  decide('+447400123456', 'Acme: your parcel arrives today', 'transactional', NOON + 2_000),
  decide('+12125550123', 'Acme: your code is 482913', 'transactional', NOON + 86_400_000),
];

describe('violations', () => {
  it('count every rule that was asked, by region and class', () => {
    const counting = countViolations();
    for (const record of records) counting.add(record);
    const figures = counting.figures();
    expect(figures).toMatchObject({ decisions: 4, fromMs: NOON, toMs: NOON + 86_400_000 });
    const consent = figures.rules.find(({ ruleId }) => ruleId === 'all-promotional-permission')!;
    expect(consent).toMatchObject({ asked: 2, failed: 2, decided: 2 });
    expect(consent.byRegion).toEqual({
      'US-NY': { asked: 1, failed: 1, unknown: 0 },
      'US-FL': { asked: 1, failed: 1, unknown: 0 },
    });
    expect(consent.byClass.transactional).toEqual({ asked: 0, failed: 0, unknown: 0 });
    expect(figures.regions['US-NY']).toMatchObject({ decisions: 2, violating: 1 });
    expect(figures.classes.promotional.outcomes).toEqual({ block: 2 });
    // Sums of the parts are the whole.
    for (const rule of figures.rules) {
      const parts = Object.values(rule.byRegion);
      expect(parts.reduce((sum, { failed }) => sum + failed, 0)).toBe(rule.failed);
      expect(rule.byClass.promotional.asked + rule.byClass.transactional.asked).toBe(rule.asked);
    }
  });

  it.each([
    [['US', 'US-FL'], 'US-FL'],
    [['US', 'US-FL', 'US-GA'], 'US'],
    [['GB', 'GG'], 'several'],
    [[], 'unknown'],
    [undefined, 'unknown'],
  ])('%j is %s', (jurisdictions, region) => {
    expect(regionOf(jurisdictions)).toBe(region);
  });
});

describe('laneway rules report', () => {
  const lines: string[] = [];
  const context = { ...createContext({ LANEWAY_HOME: dir }), print: (line: string) => lines.push(line) };
  const data = join(dir, 'decisions.jsonl');
  const out = join(dir, 'compliance.html');
  beforeAll(() => writeFileSync(data, `${records.map((record) => JSON.stringify(record)).join('\n')}\n`));

  it('writes a page that asks nothing of any host, and the figures', async () => {
    await complianceReportCommand(context, { data, out });
    const page = readFileSync(out, 'utf8');
    expect(page).toContain('all-promotional-permission');
    expect(page).toContain('US-FL');
    expect(page).not.toMatch(/<script|src=|@import|url\(/);
    expect(JSON.parse(readFileSync(join(dir, 'compliance.json'), 'utf8'))).toMatchObject({ decisions: 4 });
    expect(lines[0]).toMatch(/^4 decisions, \d with a rule that was not met$/);
  });

  it('takes a span of time', async () => {
    await complianceReportCommand(context, { data, out, since: '2026-07-16T00:00:00Z' });
    expect(JSON.parse(readFileSync(join(dir, 'compliance.json'), 'utf8'))).toMatchObject({ decisions: 1 });
    await expect(complianceReportCommand(context, { data, out, since: 'soon' })).rejects.toThrow(/--since/);
  });

  it('names the line that is no decision', async () => {
    writeFileSync(join(dir, 'bad.jsonl'), `${JSON.stringify(records[0])}\n{"a":1}\n`);
    await expect(
      complianceReportCommand(context, { data: join(dir, 'bad.jsonl'), out }),
    ).rejects.toMatchObject({
      code: 'DECISIONS_UNREADABLE',
      where: expect.stringContaining('bad.jsonl:2'),
    });
  });
});
