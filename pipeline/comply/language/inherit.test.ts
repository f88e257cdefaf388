import { describe, expect, it } from 'vitest';
import { evaluate } from '../evaluate.ts';
import type { Facts } from '../facts.ts';
import type { Pack } from '../types.ts';
import { compileRules } from './compile.ts';
import { parsePack } from './load.ts';

const rule = (id: string, more = ''): string => `  - id: ${id}
    title: T
    basis: Act 1
    reference: { kind: knowledge }
    layer: statute
    confidence: low
    needsVerification: true
    channels: [sms]
    treatment: both
    effective: { from: "2020-01-01" }
    require: { field: { path: sender.isCharity, is: ==, value: true } }
    effect: block
    onMissingData: strict
    explanation: Only charities.
    examples:
      - { name: a, expect: allow, facts: { sender: { isCharity: true } } }
      - { name: d, expect: deny, facts: { sender: { isCharity: false } } }
${more}`;
const pack = (id: string, jurisdiction: string, head: string, ...rules: string[]): Pack =>
  parsePack(
    `pack: ${id}\ntitle: T\njurisdiction: ${jurisdiction}\n${head}rules:\n${rules.join('')}`,
    `${id}.yaml`,
  );
const facts = (...jurisdictions: string[]): Facts => ({
  message: { channel: 'sms', class: 'promotional', treatment: 'promotional' },
  recipient: { jurisdictions, zones: ['Europe/Paris'] },
  sender: { id: 'A', ...{ isCharity: false } },
});
const NOW = Date.parse('2026-07-15T12:00:00Z');
const bound = (packs: readonly Pack[], ...jurisdictions: string[]): string[] =>
  evaluate(compileRules(packs), facts(...jurisdictions), NOW).verdicts.map(({ ruleId }) => ruleId);
const refusal = (packs: readonly Pack[]): string => {
  try {
    compileRules(packs);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('was not refused');
};

describe('packs that extend others', () => {
  const eu = pack('eu', 'EU', 'members: [DE, FR]\n', rule('eu-one'), rule('eu-two'));
  const de = pack(
    'de',
    'DE',
    'extends: [eu]\nwithout: [{ rule: eu-two, because: transposed }]\n',
    rule('de-one'),
  );

  it('are bound by the rules that they inherit, but for those they name', () => {
    expect(bound([eu, de], 'DE')).toEqual(['eu-one', 'de-one']);
    expect(bound([eu, de], 'FR')).toEqual(['eu-one', 'eu-two']);
    expect(bound([eu, de], 'US')).toEqual([]);
    // Someone who may be in either country is bound by all of it.
    expect(bound([eu, de], 'DE', 'FR')).toEqual(['eu-one', 'eu-two', 'de-one']);
  });

  it('may name the calendars of those they extend', () => {
    const hours = rule('fr-hours').replace(
      /require: .*/,
      'require: { localTimeIn: { windows: [{ days: every, from: "08:00", to: "20:00" }], shutOn: EU } }',
    );
    const home = pack(
      'eu',
      'EU',
      'calendars: { EU: { add: ["2026-07-15"], years: [2026, 2026] } }\n',
      rule('eu-one'),
    );
    expect(bound([home, pack('fr', 'FR', 'extends: [eu]\n', hours)], 'FR')).toEqual(['eu-one', 'fr-hours']);
    expect(refusal([pack('fr', 'FR', '', hours)])).toMatch(/^fr\.yaml:5: rule fr-hours: .*no calendar "EU"/);
  });

  it('are refused in a circle, by name', () => {
    const a = pack('aa', 'AA', 'extends: [bb]\n', rule('aa-one'));
    const b = pack('bb', 'BB', 'extends: [cc]\n', rule('bb-one'));
    const c = pack('cc', 'CC', 'extends: [aa]\n', rule('cc-one'));
    expect(refusal([a, b, c])).toContain(
      'aa.yaml:1: packs extend each other in a circle: aa -> bb -> cc -> aa',
    );
    expect(refusal([pack('aa', 'AA', 'extends: [aa]\n', rule('aa-one'))])).toContain('aa -> aa');
  });

  it('are refused when they extend or leave out what is not there', () => {
    expect(refusal([pack('de', 'DE', 'extends: [eut]\n', rule('de-one')), eu])).toContain('did you mean eu?');
    const astray = pack(
      'de',
      'DE',
      'extends: [eu]\nwithout: [{ rule: eu-on, because: x }]\n',
      rule('de-one'),
    );
    expect(refusal([eu, astray])).toContain(
      'without "eu-on", which it does not inherit; did you mean eu-one?',
    );
  });

  it('are refused with one id in two places', () => {
    expect(refusal([eu, pack('fr', 'FR', '', rule('eu-one'))])).toBe(
      'fr.yaml:5: rule eu-one: the id is already taken at eu.yaml:6',
    );
  });
});

describe('pre-emption', () => {
  const local = pack('us-x', 'US', '', rule('us-x-one', '    jurisdiction: US-XX\n'));
  const federal = (when: string): Pack =>
    pack('us', 'US', '', rule('us-one', `    preempts: [us-x-one]\n${when}`));

  it('puts a local rule aside where the national one binds for certain', () => {
    expect(bound([federal(''), local], 'US', 'US-XX')).toEqual(['us-one']);
    const elsewhere = '    appliesWhen: { messageIs: { emergency: true } }\n';
    expect(bound([federal(elsewhere), local], 'US', 'US-XX')).toEqual(['us-x-one']);
    const unsure = '    appliesWhen: { field: { path: sender.twoWay, is: ==, value: true } }\n';
    expect(bound([federal(unsure), local], 'US', 'US-XX')).toEqual(['us-one', 'us-x-one']);
  });

  it('is refused of rules that are not there, and in a circle', () => {
    expect(refusal([federal('')])).toContain('us.yaml:5: rule us-one: preempts: there is no rule us-x-one');
    const both = pack('us-x', 'US', '', rule('us-x-one', '    preempts: [us-one]\n'));
    expect(refusal([federal(''), both])).toContain('us-one -> us-x-one -> us-one');
  });
});

describe('what a verdict says', () => {
  it('names doubt in words, and keeps vacated rules out of it', () => {
    const doubtful = pack('tt', 'TT', '', rule('tt-one', '    doubt: A court may see it otherwise.\n'));
    const [verdict] = evaluate(compileRules([doubtful]), facts('TT'), NOW).verdicts;
    expect(verdict).toMatchObject({
      result: 'fail',
      confidence: 'low',
      needsVerification: true,
      doubt: 'A court may see it otherwise.',
      layer: 'statute',
    });
    expect(verdict!.explanation).toContain('awaits verification; confidence low');
    const vacated = pack('tt', 'TT', '', rule('tt-one', '    status: vacated\n'));
    expect(evaluate(compileRules([vacated]), facts('TT'), NOW)).toMatchObject({
      outcome: { kind: 'send' },
      notApplicable: ['tt-one'],
    });
  });
});
