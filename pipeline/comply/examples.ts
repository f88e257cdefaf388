import { messageOf } from '../../models/base/errors.ts';
import { evaluateRule, ruleOpensAt } from './evaluate.ts';
import type { Facts } from './facts.ts';
import type { CompiledRule, Rule, RuleExample, RuleSet } from './types.ts';

/** An example that did not come out as its rule says. */
export interface FailedExample {
  readonly ruleId: string;
  readonly example: string;
  readonly pack: string;
  readonly line: number;
  readonly expected: string;
  readonly found: string;
}

export interface ExampleReport {
  readonly rules: number;
  readonly passed: number;
  readonly failed: readonly FailedExample[];
}

const HOME_ZONE: Readonly<Record<string, string>> = {
  US: 'America/New_York',
  GB: 'Europe/London',
  IN: 'Asia/Kolkata',
};
const SECTIONS_LAID_OVER = new Set(['message', 'recipient', 'sender']);

/** A message that nothing is known to speak against, to anyone who asked for nothing. */
function neutralFacts(rule: Rule): Record<string, unknown> {
  const home = /^[A-Z]{2}/.exec(rule.jurisdiction)?.[0] ?? 'FR';
  const country = home === 'ZZ' ? 'FR' : home;
  const treatment = rule.treatment === 'both' ? 'transactional' : rule.treatment;
  const places = rule.jurisdiction.includes('-') ? [country, rule.jurisdiction] : [country];
  return {
    message: {
      channel: rule.channels[0],
      class: treatment,
      treatment,
      elements: [],
      detectors: {},
      urlHosts: [],
    },
    recipient: { jurisdictions: places, zones: [HOME_ZONE[country] ?? 'Europe/Paris'] },
    sender: { id: '+12025550147' },
    consent: [],
    suppression: [],
    registries: {},
    counters: {},
    events: {},
  };
}

/** Instants in packs are written as dates; facts hold epoch ms. */
function toFactValue(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => toFactValue(key, item));
  if (typeof value === 'string' && /Ms$/.test(key)) return Date.parse(value);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toFactValue(name, member)]));
}

/**
 * Facts of an example: its own laid over neutral ones. Members of `message`, `recipient` and `sender` are laid over
 * one by one, other sections replaced; `null` takes a fact away, except in `events`, where it means "never". Keys
 * that end in `Ms`, and events, may be written as ISO instants.
 */
export function exampleFacts(rule: Rule, example: RuleExample): Facts {
  const facts = neutralFacts(rule);
  for (const [section, value] of Object.entries(example.facts)) {
    if (value === null) delete facts[section];
    else if (section === 'events') {
      facts[section] = Object.fromEntries(
        Object.entries(value as object).map(([name, at]) => [
          name,
          typeof at === 'string' ? Date.parse(at) : at,
        ]),
      );
    } else if (SECTIONS_LAID_OVER.has(section)) {
      const merged = { ...(facts[section] as object), ...(toFactValue(section, value) as object) };
      facts[section] = Object.fromEntries(Object.entries(merged).filter(([, member]) => member !== null));
    } else facts[section] = toFactValue(section, value);
  }
  return facts as unknown as Facts;
}

function runExample(compiled: CompiledRule, example: RuleExample): string | undefined {
  const { rule } = compiled;
  const facts = exampleFacts(rule, example);
  const atMs = Date.parse(example.at);
  const bound =
    rule.channels.includes(facts.message.channel) &&
    (rule.treatment === 'both' || rule.treatment === facts.message.treatment);
  const result = bound ? evaluateRule(compiled, facts, atMs) : undefined;
  const found =
    result === undefined
      ? 'not-applicable'
      : ({ pass: 'allow', fail: 'deny', unknown: 'unknown' } as const)[result];
  if (found !== example.expect) return found;
  if (example.until === undefined) return undefined;
  const opens = ruleOpensAt(compiled, facts, atMs);
  if (opens === Date.parse(example.until)) return undefined;
  return `${found}, open at ${Number.isFinite(opens) ? new Date(opens).toISOString() : 'no time in sight'}`;
}

/** Runs every example of every rule; what `laneway rules test` and the test suite show. */
export function runExamples(ruleset: RuleSet): ExampleReport {
  let passed = 0;
  const failed: FailedExample[] = [];
  for (const compiled of ruleset.rules) {
    const { rule } = compiled;
    for (const example of rule.examples) {
      let found: string | undefined;
      try {
        found = runExample(compiled, example);
      } catch (error) {
        found = `an error: ${messageOf(error)}`;
      }
      if (found === undefined) passed++;
      else {
        const expected =
          example.until === undefined ? example.expect : `${example.expect}, open at ${example.until}`;
        const where = { ruleId: rule.id, example: example.name, pack: compiled.packId, line: rule.line };
        failed.push({ ...where, expected, found });
      }
    }
  }
  return { rules: ruleset.rules.length, passed, failed };
}
