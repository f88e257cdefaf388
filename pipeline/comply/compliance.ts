import type { ContentExtras, ContentFacts } from './content/content.ts';
import { rememberingContentOf } from './content/remembered.ts';
import { evaluate } from './evaluate.ts';
import type { Facts } from './facts.ts';
import { compileRules } from './language/compile.ts';
import { loadPacks } from './language/load.ts';
import type { Channel, Evaluation, Pack, RuleSet } from './types.ts';

/** The rules in force, as the pipeline asks them. */
export interface RuleBook {
  /** The rule set in force at an instant; read it once per batch, so that no decision mixes two. Default: now. */
  ruleset(atMs?: number): RuleSet;
  /** A rule set that is or was in force since the start, by version; for replay. */
  byVersion(version: string): RuleSet | undefined;
  /** Compiles and puts other packs in force at once. What was in force stays when they do not compile. */
  activate(packs: readonly Pack[]): RuleSet;
  evaluate(ruleset: RuleSet, facts: Facts, atMs: number): Evaluation;
  contentOf(body: string, channel: Channel, extras?: ContentExtras): ContentFacts;
}

/** Versions kept for replay beside the one in force. */
const KEPT_VERSIONS = 16;

/**
 * Loads, compiles and holds the rules.
 * @param options.dir folder of `*.yaml` packs; default: those that come with Laneway
 * @param options.packs in place of a folder's
 * @param options.latencyMarginMs kept free before the end of every window, ms; default 60,000
 * @throws {LanewayError} `RULE_PACK_INVALID`, `RULE_PACKS_UNREADABLE`
 */
export function createRuleBook(
  options: {
    readonly dir?: string;
    readonly packs?: readonly Pack[];
    readonly latencyMarginMs?: number;
  } = {},
): RuleBook {
  const margin = options.latencyMarginMs === undefined ? {} : { latencyMarginMs: options.latencyMarginMs };
  const versions = new Map<string, RuleSet>();
  const keep = (ruleset: RuleSet): RuleSet => {
    versions.delete(ruleset.version);
    versions.set(ruleset.version, ruleset);
    for (const old of versions.keys()) {
      if (versions.size <= KEPT_VERSIONS) break;
      versions.delete(old);
    }
    return ruleset;
  };
  let current = keep(compileRules(options.packs ?? loadPacks(options.dir), margin));
  return {
    ruleset: () => current,
    byVersion: (version) => versions.get(version),
    activate(packs) {
      current = keep(compileRules(packs, margin));
      return current;
    },
    evaluate,
    contentOf: rememberingContentOf(),
  };
}
