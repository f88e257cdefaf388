import { messageOf } from '../../../models/base/errors.ts';
import { contentOf } from '../content/content.ts';
import type { SenderNames } from '../content/identity.ts';
import { evaluateRule, ruleOpensAt } from '../evaluate.ts';
import type { Facts } from '../facts.ts';
import { FIELDS, isOfType, nearest, SECTIONS } from '../fields.ts';
import { zonesOfCountry } from '../place/zones.ts';
import type { Channel, CompiledRule, PatternSpec, Rule, RuleExample, RuleSet } from '../types.ts';

/** An example that did not come out as its rule says. */
export interface FailedExample {
  readonly ruleId: string;
  readonly example: string;
  readonly pack: string;
  /** Of the example, in the pack's file. */
  readonly line: number;
  readonly expected: string;
  readonly found: string;
  /** What was asked for and what was there, in words; empty where the rule did not bind. */
  readonly because: string;
}

export interface ExampleReport {
  readonly rules: number;
  readonly passed: number;
  readonly failed: readonly FailedExample[];
}

/** Where most people of a country of several zones live. */
const HOME_ZONE: Readonly<Record<string, string>> = {
  US: 'America/New_York',
  CA: 'America/Toronto',
  MX: 'America/Mexico_City',
  BR: 'America/Sao_Paulo',
  CL: 'America/Santiago',
  ES: 'Europe/Madrid',
  PT: 'Europe/Lisbon',
  ID: 'Asia/Jakarta',
  AU: 'Australia/Sydney',
  NZ: 'Pacific/Auckland',
  FR: 'Europe/Paris',
  CN: 'Asia/Shanghai',
  MY: 'Asia/Kuala_Lumpur',
};

/** Parts of an example's message that stand for the text itself; what is found in them becomes facts. */
const TEXT_MEMBERS = ['text', 'subjectLine', 'headers'] as const;
/** Facts about a message that are found in its text or structured, beside those of the catalogue. */
const MESSAGE_MEMBERS = new Set([
  'elements',
  'elementsUnknown',
  'detectors',
  'urlHosts',
  'phones',
  'patterns',
  ...TEXT_MEMBERS,
]);
const OTHER_SECTIONS = new Set([
  'consent',
  'suppression',
  'registries',
  'counters',
  'events',
  'registrations',
  'lists',
  'metrics',
  'duties',
  'feeds',
  'preferences',
  'replies',
  'retention',
]);

/** A message that nothing is known to speak against, to anyone who asked for nothing. */
function neutralFacts(rule: Rule): Record<string, unknown> {
  const home = /^[A-Z]{2}/.exec(rule.jurisdiction)?.[0] ?? 'FR';
  const country = home === 'ZZ' || home === 'EU' ? 'FR' : home;
  const treatment = rule.treatment === 'both' ? 'transactional' : rule.treatment;
  const places = rule.jurisdiction.includes('-') ? [country, rule.jurisdiction] : [country];
  const zone = HOME_ZONE[country] ?? zonesOfCountry(country)[0];
  return {
    message: {
      channel: rule.channels[0],
      class: treatment,
      treatment,
      elements: [],
      detectors: {},
      urlHosts: [],
      urlCount: 0,
      phones: [],
      phoneCount: 0,
      length: 0,
      segments: 1,
      patterns: {},
      ...(rule.categories === undefined ? {} : { category: rule.categories[0] }),
    },
    recipient: { jurisdictions: places, zones: zone === undefined ? [] : [zone] },
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
  if (typeof value === 'string' && /Ms$/.test(key)) return instantOf(key, value);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toFactValue(name, member)]));
}

function instantOf(name: string, text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs))
    throw new RangeError(`${name}: "${text}" is no instant such as 2026-01-31T09:00:00Z`);
  return atMs;
}

/**
 * What is wrong with the facts of an example, in words: sections and members that no rule can read, and values of
 * another type than the catalogue's.
 */
export function exampleProblems(example: RuleExample): string[] {
  const problems: string[] = [];
  for (const [section, value] of Object.entries(example.facts)) {
    if (SECTIONS.includes(section)) {
      for (const [member, found] of Object.entries((value ?? {}) as object)) {
        const path = `${section}.${member}`;
        const type = FIELDS.get(path);
        if (section === 'message' && MESSAGE_MEMBERS.has(member)) continue;
        if (type === undefined) {
          const near = nearest(path, FIELDS.keys());
          problems.push(`unknown fact "${path}"${near === undefined ? '' : `; did you mean ${near}?`}`);
        } else if (found !== null && !isOfType(type, toFactValue(member, found))) {
          problems.push(`${path} must be ${type}`);
        }
      }
    } else if (!OTHER_SECTIONS.has(section)) {
      const near = nearest(section, [...SECTIONS, ...OTHER_SECTIONS]);
      problems.push(`unknown facts "${section}"${near === undefined ? '' : `; did you mean ${near}?`}`);
    }
  }
  return problems;
}

/**
 * Facts of an example: its own laid over neutral ones. Members of sections such as `message` are laid over one by
 * one, lists and maps replaced; `null` takes a fact away, except in `events`, `registrations` and `duties`, where it
 * means "none". Keys that end in `Ms`, and events, may be written as ISO instants. `message.text` (with `subjectLine`
 * and `headers`) is read as a real message would be, and what is written beside it goes before what is found.
 */
export function exampleFacts(rule: Rule, example: RuleExample, patterns: readonly PatternSpec[] = []): Facts {
  const facts = neutralFacts(rule);
  const given = example.facts as Readonly<Record<string, unknown>>;
  for (const [section, value] of Object.entries(given)) {
    if (value === null) delete facts[section];
    else if (section === 'events') {
      facts[section] = Object.fromEntries(
        Object.entries(value as object).map(([name, at]) => [
          name,
          typeof at === 'string' ? instantOf(`events.${name}`, at) : at,
        ]),
      );
    } else if (SECTIONS.includes(section)) {
      const own = toFactValue(section, value) as Record<string, unknown>;
      const found = section === 'message' ? readText(own, given, facts, patterns) : {};
      const merged = { ...(facts[section] as object), ...found, ...own };
      facts[section] = Object.fromEntries(
        Object.entries(merged).filter(
          ([name, member]) => member !== null && !(TEXT_MEMBERS as readonly string[]).includes(name),
        ),
      );
    } else facts[section] = toFactValue(section, value);
  }
  return facts as unknown as Facts;
}

/** What a real message of this text would be found to hold. */
function readText(
  message: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
  neutral: Readonly<Record<string, unknown>>,
  patterns: readonly PatternSpec[],
): object {
  const { text, subjectLine, headers } = message;
  if (text === undefined && subjectLine === undefined && headers === undefined) return {};
  const sender = (given['sender'] ?? {}) as SenderNames;
  const said = message as { readonly subject?: string; statedElements?: string[]; specialCategory?: boolean };
  const channel = (message['channel'] ?? (neutral['message'] as { channel: Channel }).channel) as Channel;
  return contentOf(typeof text === 'string' ? text : '', channel, {
    subject: typeof subjectLine === 'string' ? subjectLine : undefined,
    headers: (headers ?? {}) as Readonly<Record<string, string>>,
    brand: sender.brand,
    legalEntity: sender.legalEntity,
    postalAddress: sender.postalAddress,
    identificationUrl: sender.identificationUrl,
    topic: said.subject,
    stated: said.statedElements,
    specialCategory: said.specialCategory,
    patterns,
  });
}

interface Difference {
  readonly found: string;
  readonly because: string;
}

/** A vacated or repealed rule as if it still bound: else its examples could show nothing. */
const inForce = (compiled: CompiledRule): CompiledRule =>
  compiled.rule.status === 'active'
    ? compiled
    : { ...compiled, rule: { ...compiled.rule, status: 'active' } };

function runExample(
  compiled: CompiledRule,
  example: RuleExample,
  patterns: readonly PatternSpec[],
): Difference | undefined {
  const { rule } = compiled;
  const problems = exampleProblems(example);
  if (problems.length > 0) return { found: 'facts that cannot be', because: problems.join('; ') };
  const facts = exampleFacts(rule, example, patterns);
  const atMs = Date.parse(example.at);
  const bound =
    rule.channels.includes(facts.message.channel) &&
    (rule.treatment === 'both' || rule.treatment === facts.message.treatment);
  const result = bound ? evaluateRule(inForce(compiled), facts, atMs) : undefined;
  const found =
    result === undefined
      ? 'not-applicable'
      : ({ pass: 'allow', fail: 'deny', unknown: 'unknown' } as const)[result];
  if (found !== example.expect) {
    const words =
      result === undefined ? 'the rule does not bind here' : compiled.require.explain(facts, atMs);
    return { found, because: words };
  }
  if (example.until === undefined) return undefined;
  const opens = ruleOpensAt(compiled, facts, atMs);
  if (opens === Date.parse(example.until)) return undefined;
  const when = Number.isFinite(opens) ? new Date(opens).toISOString() : 'no time in sight';
  return { found: `${found}, open at ${when}`, because: compiled.require.explain(facts, atMs) };
}

/**
 * Runs every example of every rule; what `laneway rules test` and the test suite show.
 * @param only ids of the packs whose rules are run; default: all
 */
export function runExamples(ruleset: RuleSet, only?: readonly string[]): ExampleReport {
  let passed = 0;
  const failed: FailedExample[] = [];
  const rules = ruleset.rules.filter(({ packId }) => only === undefined || only.includes(packId));
  for (const compiled of rules) {
    const { rule } = compiled;
    const patterns = rule.channels.flatMap((channel) => ruleset.patterns(channel));
    const own = [...new Map(patterns.map((spec) => [spec.id, spec])).values()];
    for (const example of rule.examples) {
      let wrong: Difference | undefined;
      try {
        wrong = runExample(compiled, example, own);
      } catch (error) {
        wrong = { found: 'an error', because: messageOf(error) };
      }
      if (wrong === undefined) passed++;
      else {
        const expected =
          example.until === undefined ? example.expect : `${example.expect}, open at ${example.until}`;
        const where = { ruleId: rule.id, example: example.name, pack: compiled.packId, line: example.line };
        failed.push({ ...where, expected, ...wrong });
      }
    }
  }
  return { rules: rules.length, passed, failed };
}
