import { compressSync } from 'lz4-napi';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../models/base/json.ts';
import { createRuleBook } from '../comply/compliance.ts';
import type { Evaluated } from '../comply/evaluated.ts';
import { exampleFacts } from '../comply/language/examples.ts';
import { commonText } from './common-text.ts';
import { recorded } from './decision.ts';

const AT_MS = Date.UTC(2026, 10, 24, 17);
const book = createRuleBook();
const ruleset = book.ruleset();
const examples = ruleset.rules.flatMap(({ rule }) => rule.examples.map((one) => exampleFacts(rule, one)));

describe('a recorded evaluation', () => {
  it('is the same bytes whether rules are asked for their words or an evaluation is read', () => {
    for (const facts of examples.filter((_, i) => i % 9 === 0)) {
      const evaluation = book.evaluate(ruleset, facts, AT_MS);
      // Plain data has the words themselves and nothing behind them.
      const copied = recorded((evaluation as Evaluated).toJSON());
      expect(canonicalJson(recorded(evaluation))).toBe(canonicalJson(copied));
      expect(canonicalJson(recorded(evaluation))).toBe(canonicalJson(copied));
    }
  });

  it('takes up a quarter or less of its size against what its rules have in common', () => {
    const texts = new Map<string, string>();
    let plain = 0;
    let packed = 0;
    for (const facts of examples.slice(0, 300)) {
      const { jurisdictions } = facts.recipient;
      const key = `${facts.message.channel} ${jurisdictions.join()}`;
      const common = texts.get(key) ?? commonText(ruleset, jurisdictions, facts.message.channel, AT_MS);
      texts.set(key, common);
      const text = canonicalJson(recorded(book.evaluate(ruleset, facts, AT_MS)));
      plain += text.length;
      packed += compressSync(text, Buffer.from(common)).length;
    }
    expect(packed / plain).toBeLessThan(0.25);
  });
});

describe('what records have in common', () => {
  it('holds nothing of any message, and is the same all day', () => {
    const text = commonText(ruleset, ['US', 'US-NY'], 'sms', AT_MS);
    expect(text).toBe(commonText(ruleset, ['US', 'US-NY'], 'sms', AT_MS + 3_600_000));
    expect(JSON.parse(text)).toMatchObject({ messageId: '', tenant: '', atMs: 0 });
  });
});
