import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Clock } from '../../models/base/clock.ts';
import type { Evaluation, RuleSet } from '../comply/types.ts';
import type { Compliance, Judgement } from '../process/ports.ts';
import type { Database } from '../store/schema.ts';
import { type ChangeReport, type ChangeTally, createTally, mergeReports } from './compare.ts';

/** Rules that are asked beside those in force and decide nothing. */
export interface Shadow {
  /** Asks these from now on; undefined: none. What was counted for others is no longer shown. */
  set(ruleset: RuleSet | undefined): void;
  readonly version: string | undefined;
  /** Told of every judgement; returns at once. */
  observe(seen: Judgement): void;
  /** What all processes have counted for the version. */
  report(): Promise<ChangeReport & { readonly dropped: number }>;
  /** Writes what was counted here where other processes see it. */
  flush(): Promise<void>;
}

/** Judgements that may wait to be asked again; more are dropped and counted. */
const MOST_WAITING = 2_000;
/** So many are asked without a pause. */
const AT_ONCE = 10;

export function createShadow(parts: {
  readonly shipped: Pick<Compliance, 'evaluate' | 'contentOf'>;
  readonly clock: Clock;
  readonly db: Kysely<Database>;
  readonly report: (error: unknown, doing: string) => void;
}): Shadow {
  const { shipped, clock, db } = parts;
  const process = randomUUID();
  let ruleset: RuleSet | undefined;
  let tally: ChangeTally = createTally();
  let waiting: Judgement[] = [];
  let dropped = 0;
  let running = false;
  let unwritten = false;

  function again(asked: RuleSet, { message, extras, facts, atMs }: Judgement): Evaluation {
    // Its own questions to the text; what it counts and nobody else does stays unknown.
    const patterns = asked.patterns(message.channel);
    if (patterns.length === 0) return shipped.evaluate(asked, facts, atMs);
    const content = shipped.contentOf(message.body, message.channel, { ...extras, patterns });
    const own = { ...facts, message: { ...facts.message, patterns: content.patterns ?? {} } };
    return shipped.evaluate(asked, own, atMs);
  }

  async function work(): Promise<void> {
    running = true;
    while (waiting.length > 0 && ruleset) {
      await new Promise((resolve) => setImmediate(resolve));
      const asked = ruleset;
      for (const seen of waiting.splice(0, AT_ONCE)) {
        try {
          tally.add(seen.message.id, seen.evaluation, again(asked, seen));
          unwritten = true;
        } catch (error) {
          parts.report(error, 'asking shadow rules');
        }
      }
    }
    running = false;
  }

  return {
    set(next) {
      if (next?.version === ruleset?.version) return;
      ruleset = next;
      tally = createTally();
      waiting = [];
      dropped = 0;
    },
    get version() {
      return ruleset?.version;
    },
    observe(seen) {
      if (!ruleset) return;
      if (waiting.length >= MOST_WAITING) {
        dropped++;
        return;
      }
      waiting.push(seen);
      if (!running) work().catch((error: unknown) => parts.report(error, 'asking shadow rules'));
    },
    async flush() {
      if (!ruleset || !unwritten) return;
      unwritten = false;
      const findings = JSON.stringify({ ...tally.report(), dropped });
      await db
        .insertInto('rule_shadows')
        .values({ version: ruleset.version, process, findings, updated_at_ms: clock() })
        .onConflict((oc) =>
          oc.columns(['version', 'process']).doUpdateSet({ findings, updated_at_ms: clock() }),
        )
        .execute();
    },
    async report() {
      const mine = { ...tally.report(), dropped };
      if (!ruleset) return mine;
      const rows = await db
        .selectFrom('rule_shadows')
        .select('findings')
        .where('version', '=', ruleset.version)
        .where('process', '!=', process)
        .execute();
      const others = rows.map((row) => JSON.parse(row.findings) as ChangeReport & { dropped: number });
      const all = [mine, ...others];
      return { ...mergeReports(all), dropped: all.reduce((sum, one) => sum + one.dropped, 0) };
    },
  };
}
