import { describe, expect, it } from 'vitest';
import { ruleOpensAt } from './evaluate.ts';
import { compileRules, findRule } from './language/compile.ts';
import { exampleFacts } from './language/examples.ts';
import { loadPacks } from './language/load.ts';
import { OPENING_CASES } from './time/window.fixture.ts';

const ruleset = compileRules(loadPacks());

describe('worked openings, asked of the rules of the packs with their own calendars', () => {
  it.each(OPENING_CASES.flatMap((one) => (one.rule === undefined ? [] : [{ ...one, rule: one.rule }])))(
    '$rule: $what',
    ({ rule, zones, asked, opens }) => {
      const compiled = findRule(ruleset, rule)!;
      const facts = exampleFacts(compiled.rule, {
        name: rule,
        expect: 'deny',
        at: asked,
        // Of no matter to rules of advertising.
        facts: { recipient: { zones }, message: { category: 'debt-collection' } },
        line: 0,
      });
      const opensAt = ruleOpensAt(compiled, facts, Date.parse(asked));
      expect(new Date(opensAt).toISOString()).toBe(new Date(opens).toISOString());
    },
  );

  it('cover every worked case with a rule', () => {
    expect(OPENING_CASES.filter(({ rule }) => rule !== undefined)).toHaveLength(15);
  });
});
