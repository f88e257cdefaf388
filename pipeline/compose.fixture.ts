import { createHash } from 'node:crypto';
import type { Classifier, Verdict } from '../models/verdict.ts';
import { contentOf } from './comply/content/content.ts';
import { NO_NEEDS } from './comply/language/compile.ts';
import type { RuleSet } from './comply/types.ts';
import type { Compliance } from './process/ports.ts';

/** For tests: a text with "sale" in it is promotional. Counts its calls. */
export function keywordClassifier(): Classifier & { calls: number } {
  return {
    modelVersion: 'keyword-1',
    calls: 0,
    async classify(inputs) {
      this.calls++;
      return inputs.map(({ text }): Verdict => {
        const promotional = /sale/i.test(text);
        return {
          class: promotional ? 'promotional' : 'transactional',
          band: /maybe/i.test(text) ? 'unsure' : 'sure',
          probability: promotional ? 0.98 : 0.02,
          risk: 0,
          reasons: [],
          modelVersion: 'keyword-1',
          fingerprint: createHash('sha256').update(text).digest('hex').slice(0, 32),
          stage: 'lexical',
        };
      });
    },
    async close() {},
  };
}

/** For tests of the pipeline itself: a rule set without rules; `outcomes` may say otherwise by sender. */
export function openCompliance(
  outcomes: Readonly<Record<string, (atMs: number) => ReturnType<Compliance['evaluate']>['outcome']>> = {},
): Compliance {
  const ruleset: RuleSet = {
    version: '0000000000000000',
    packs: [],
    rules: [],
    countries: new Set(),
    latencyMarginMs: 0,
    select: () => [],
    patterns: () => [],
    needs: () => NO_NEEDS,
  };
  return {
    ruleset: () => ruleset,
    byVersion: () => ruleset,
    contentOf: (body, channel) => contentOf(body, channel),
    evaluate: (rules, facts, atMs) => ({
      rulesetVersion: rules.version,
      atMs,
      outcome: outcomes[facts.sender.id]?.(atMs) ?? { kind: 'send' },
      treatment: facts.message.treatment,
      reclassifiedBy: [],
      verdicts: [],
      notApplicable: [],
      required: [],
      warnings: [],
      facts: { 'message.treatment': facts.message.treatment, 'sender.id': facts.sender.id },
    }),
  };
}
