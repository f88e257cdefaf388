import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LanewayError } from '../../../models/base/errors.ts';
import { createRuleBook } from '../compliance.ts';
import { compileRules, findRule } from './compile.ts';
import { runExamples } from './examples.ts';
import { loadPacks, parsePack } from './load.ts';

const RULE = `  - id: tt-hours
    title: Hours
    basis: Act 1
    reference: { kind: knowledge }
    layer: statute
    confidence: high
    needsVerification: false
    channels: [sms]
    treatment: promotional
    effective: { from: "2020-01-01" }
    require: { localTimeIn: { windows: [{ days: every, from: "08:00", to: "20:00" }] } }
    effect: defer
    onMissingData: strict
    explanation: Daytime only.
    examples:
      - { name: noon, expect: allow, at: "2026-07-15T16:00:00Z" }
      - { name: night, expect: deny, at: "2026-07-15T02:00:00Z", until: "2026-07-15T12:00:00Z" }
`;
const HEAD = 'pack: tt\ntitle: Test land\njurisdiction: TT\nrules:\n';
const pack = (rules = RULE) => HEAD + rules;

function refusal(run: () => unknown): LanewayError {
  try {
    run();
  } catch (error) {
    if (error instanceof LanewayError) return error;
    throw error;
  }
  throw new Error('was not refused');
}

describe('parsePack', () => {
  it('reads a pack, and its version follows the content, not the comments', () => {
    const read = parsePack(pack(), 'tt.yaml');
    expect(read.rules.map(({ id, line }) => [id, line])).toEqual([['tt-hours', 5]]);
    expect(read.rules[0]!.jurisdiction).toBe('TT');
    expect(parsePack(`# remark\n${pack()}`, 'tt.yaml').version).toBe(read.version);
    expect(parsePack(pack().replace('Daytime', 'Day'), 'tt.yaml').version).not.toBe(read.version);
  });

  it.each([
    [
      'an unknown predicate',
      RULE.replace('localTimeIn', 'localtime'),
      'tt.yaml:15: rule tt-hours:',
      'unknown predicate "localtime"',
    ],
    ['an unknown field', RULE.replace('    title:', '    titel:'), 'rule tt-hours:', 'titel'],
    [
      'an unknown argument',
      RULE.replace('days: every', 'day: every'),
      'tt.yaml:15: rule tt-hours: require',
      'day',
    ],
    [
      'no basis',
      RULE.replace('    basis: Act 1\n', ''),
      'tt.yaml:5: rule tt-hours: basis:',
      'expected string',
    ],
    [
      'no deny example',
      RULE.replace('expect: deny', 'expect: allow'),
      'tt.yaml:20: rule tt-hours: examples:',
      'expect: deny',
    ],
    ['a window over midnight', RULE.replace('"08:00"', '"21:00"'), 'tt.yaml:15:', 'crosses midnight'],
    [
      'a zone that does not exist',
      RULE.replace('{ windows', '{ zone: Mars/Olympus, windows'),
      'tt.yaml:15:',
      'IANA',
    ],
    [
      'two predicates in one',
      RULE.replace('] } }\n    effect', '] }, not: {} }\n    effect'),
      'tt.yaml:15:',
      'exactly one key',
    ],
    ['a date that is none', RULE.replace('"2020-01-01"', 'soon'), 'tt.yaml:14:', 'must be a date'],
    [
      'an end before the beginning',
      RULE.replace('"2020-01-01" }', '"2020-01-01", to: "2019-01-01" }'),
      'tt.yaml:14:',
      'later than',
    ],
    [
      'nothing to add',
      RULE.replace('effect: defer', 'effect: require-element'),
      'rule tt-hours: addition:',
      'what to add',
    ],
  ])('refuses %s, and names file, line and rule', (_what, rules, place, what) => {
    const error = refusal(() => parsePack(pack(rules), 'tt.yaml'));
    expect(error.code).toBe('RULE_PACK_INVALID');
    expect(error.message).toContain(place);
    expect(error.message).toContain(what);
  });

  it.each(['(a+)+', '(a|b)*c', '(?=x)y', '(x)\\1', '('])('refuses the pattern %s', (pattern) => {
    const rules = RULE.replace(
      /require: .*/,
      `require: { senderIdMatches: { pattern: ${JSON.stringify(pattern)} } }`,
    );
    expect(refusal(() => parsePack(pack(rules), 'tt.yaml')).message).toContain('senderIdMatches: pattern');
  });

  it('refuses broken YAML and doubled keys by line', () => {
    expect(refusal(() => parsePack('pack: tt\nrules: [', 'tt.yaml')).message).toMatch(/^tt\.yaml:2/);
    expect(refusal(() => parsePack(`pack: tt\n${pack()}`, 'tt.yaml')).message).toMatch(
      /^tt\.yaml:\d+: .*unique/i,
    );
  });

  it('finds what is wrong deep inside logic', () => {
    const rules = RULE.replace(
      /require: .*/,
      'require:\n      all:\n        - not:\n            hasElemnt: x',
    );
    expect(refusal(() => parsePack(pack(rules), 'tt.yaml')).message).toContain('tt.yaml:18: rule tt-hours:');
  });
});

describe('loadPacks', () => {
  const dir = mkdtempSync(join(tmpdir(), 'packs-'));
  afterAll(() => rmSync(dir, { recursive: true }));

  it('refuses two rules of one id, naming both places', () => {
    writeFileSync(join(dir, 'a.yaml'), pack());
    writeFileSync(join(dir, 'b.yaml'), pack().replace('pack: tt', 'pack: uu'));
    expect(refusal(() => loadPacks(dir)).message).toBe(
      'b.yaml:5: rule tt-hours: the id is already taken at a.yaml:5',
    );
  });

  it('refuses a folder without packs, and one that is not there', () => {
    expect(refusal(() => loadPacks(join(dir, 'none'))).code).toBe('RULE_PACKS_UNREADABLE');
  });

  it('keeps what is in force when new packs do not compile', () => {
    const book = createRuleBook();
    const before = book.ruleset();
    const other = parsePack(pack(RULE.replace('{ windows', '{ shutOn: NONE, windows')), 'tt.yaml');
    expect(refusal(() => book.activate([other])).message).toContain('no calendar "NONE"');
    expect(book.ruleset()).toBe(before);
    const after = book.activate([parsePack(pack(), 'tt.yaml')]);
    expect(book.ruleset()).toBe(after);
    expect(book.byVersion(before.version)).toBe(before);
  });
});

describe('the packs that come with Laneway', () => {
  const ruleset = compileRules(loadPacks());

  it('pass all of their own examples', () => {
    const report = runExamples(ruleset);
    expect(report.failed).toEqual([]);
    expect(report.passed).toBeGreaterThan(200);
    expect(report.rules).toBe(ruleset.rules.length);
  });

  it('are found by id', () => {
    expect(findRule(ruleset, 'us-tcpa-quiet-hours')?.rule.basis).toContain('64.1200');
    expect(findRule(ruleset, 'no-such-rule')).toBeUndefined();
  });

  it('an example that is wrong is reported, not swallowed', () => {
    const lying = parsePack(pack(RULE.replace('T12:00:00Z', 'T13:00:00Z')), 'tt.yaml');
    const { passed, failed } = runExamples(compileRules([lying]));
    expect(passed).toBe(1);
    expect(failed).toMatchObject([{ ruleId: 'tt-hours', example: 'night', line: 21 }]);
    expect(failed[0]!.found).toContain('2026-07-15T12:00:00.000Z');
  });
});
