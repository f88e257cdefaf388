import { LanewayError, messageOf } from '../../models/base/errors.ts';
import { canonicalJson } from '../../models/base/json.ts';
import { sha256 } from '../../models/base/sha256.ts';
import { compileRules } from '../comply/language/compile.ts';
import { disagreements } from '../comply/language/inherit.ts';
import { versionOf } from '../comply/language/load.ts';
import type { Pack, RuleSet } from '../comply/types.ts';

/** A whole set of packs as it is stored and signed: always all of them, so that no version is ever half there. */
export interface Release {
  /** Of the rule set that it compiles to. */
  readonly version: string;
  /** SHA-256 of `text`, hex: what an order signs. */
  readonly digest: string;
  /** Canonical JSON of the packs as they were read and validated. */
  readonly text: string;
}

/** JSON knows no infinity: a rule without an end has none written. */
const writable = (packs: readonly Pack[]): unknown =>
  packs.map((pack) => ({
    ...pack,
    rules: pack.rules.map(({ effective, ...rule }) => ({
      ...rule,
      effective: Number.isFinite(effective.toMs) ? effective : { fromMs: effective.fromMs },
    })),
  }));

/** @param packs validated (`loadPacks`, `parsePack`) */
export function releaseOf(packs: readonly Pack[]): Release {
  const text = canonicalJson(writable(packs));
  return { version: versionOf(packs), digest: sha256(text), text };
}

/**
 * Packs of a stored release, if it is what it says it is.
 *
 * @throws LanewayError `RULES_DAMAGED`
 */
export function packsOf(release: Release): readonly Pack[] {
  if (sha256(release.text) !== release.digest) throw damaged(release.version, 'its bytes were changed');
  const packs = (JSON.parse(release.text) as Pack[]).map((pack) => ({
    ...pack,
    rules: pack.rules.map((rule) => ({
      ...rule,
      effective: { fromMs: rule.effective.fromMs, toMs: rule.effective.toMs ?? Infinity },
    })),
  }));
  if (versionOf(packs) !== release.version) throw damaged(release.version, 'it holds other packs');
  return packs;
}

/** @throws LanewayError `RULES_DAMAGED`, `RULE_PACK_INVALID` */
export function compileRelease(
  release: Release,
  options: { readonly latencyMarginMs?: number } = {},
): RuleSet {
  const packs = packsOf(release);
  const problems = disagreements(packs);
  if (problems.length > 0) throw new LanewayError('RULE_PACK_INVALID', problems.join('\n'));
  try {
    return compileRules(packs, options);
  } catch (error) {
    if (error instanceof LanewayError) throw error;
    throw damaged(release.version, messageOf(error));
  }
}

const damaged = (version: string, why: string): LanewayError =>
  new LanewayError('RULES_DAMAGED', `rules ${version} cannot be used: ${why}`, {
    fix: 'The rules in force stay. Upload the packs again: laneway rules upload DIR.',
  });
