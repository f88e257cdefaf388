import { addDuration, type Duration, parseDuration } from '../comply/language/duration.ts';
import type { RuleSet } from '../comply/types.ts';

/** How long decisions are kept where a pack does not say: long enough for claims under most of its laws. */
export const DEFAULT_RETENTION = 'P5Y';

const byRuleset = new WeakMap<RuleSet, ReadonlyMap<string, Duration>>();

function retentions(ruleset: RuleSet): ReadonlyMap<string, Duration> {
  let known = byRuleset.get(ruleset);
  if (known === undefined) {
    known = new Map(
      ruleset.packs.map(({ id, retention }) => [id, parseDuration(retention ?? DEFAULT_RETENTION)!]),
    );
    byRuleset.set(ruleset, known);
  }
  return known;
}

/** Until when a decision is kept: as long as any of the packs whose rules bound it wants. Epoch ms. */
export function keepUntilMs(ruleset: RuleSet, packs: readonly string[], atMs: number): number {
  const known = retentions(ruleset);
  let until = 0;
  for (const pack of packs) {
    const retention = known.get(pack);
    if (retention) until = Math.max(until, addDuration(atMs, retention));
  }
  return until === 0 ? addDuration(atMs, parseDuration(DEFAULT_RETENTION)!) : until;
}
