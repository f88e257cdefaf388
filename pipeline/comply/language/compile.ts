import { LanewayError, messageOf } from '../../../models/base/errors.ts';
import type { MessageClass } from '../../../models/verdict.ts';
import { PREDICATES } from '../predicates/index.ts';
import { holidayTest } from '../time/calendar.ts';
import type { HolidayTest } from '../time/window.ts';
import type {
  Channel,
  Compiled,
  CompiledRule,
  Need,
  Needs,
  Pack,
  PatternSpec,
  PredicateNode,
  Rule,
  RuleSet,
} from '../types.ts';
import { ancestorsOf, bindings, disagreements } from './inherit.ts';
import { versionOf } from './load.ts';

/** One minute: queue, provider and carrier together rarely take longer. */
export const DEFAULT_LATENCY_MARGIN_MS = 60_000;
const MEMO_LIMIT = 4_096;

/**
 * Compiles packs to closures, once; the result is frozen and shared by all decisions made under it.
 * @param options.latencyMarginMs kept free before the end of every window; default 60,000, range 0 to 3,600,000
 * @throws {LanewayError} `RULE_PACK_INVALID`: doubled ids, or a predicate that cannot be compiled
 */
export function compileRules(
  packs: readonly Pack[],
  options: { readonly latencyMarginMs?: number } = {},
): RuleSet {
  const latencyMarginMs = options.latencyMarginMs ?? DEFAULT_LATENCY_MARGIN_MS;
  const problems = disagreements(packs);
  if (problems.length > 0) throw new LanewayError('RULE_PACK_INVALID', problems.join('\n'));

  const byId = new Map(packs.map((pack) => [pack.id, pack]));
  const needsOf = new Map<CompiledRule, readonly Need[]>();
  const rules = packs.flatMap((pack) => {
    const calendars = calendarsOf(pack, byId);
    return pack.rules.map((rule) => {
      const gathered: Need[] = [];
      const compiled = compileRule(pack, rule, calendars, latencyMarginMs, gathered);
      needsOf.set(compiled, gathered);
      return compiled;
    });
  });
  const { countries, of: bindingOf } = bindings(packs);

  const selections = new Map<string, readonly CompiledRule[]>();
  const select = (
    jurisdictions: readonly string[],
    channel: Channel,
    treatment: MessageClass,
  ): readonly CompiledRule[] => {
    const key = `${channel} ${treatment} ${jurisdictions.join()}`;
    let selection = selections.get(key);
    if (selection === undefined) {
      const isBound = bindingOf(jurisdictions);
      selection = Object.freeze(
        rules.filter(
          (compiled) =>
            compiled.rule.channels.includes(channel) &&
            (compiled.rule.treatment === 'both' || compiled.rule.treatment === treatment) &&
            isBound(compiled.rule),
        ),
      );
      remember(selections, key, selection);
    }
    return selection;
  };

  const needed = new Map<string, Needs>();
  const needs = (jurisdictions: readonly string[], channel: Channel): Needs => {
    const key = `${channel} ${jurisdictions.join()}`;
    let all = needed.get(key);
    if (all === undefined) {
      const isBound = bindingOf(jurisdictions);
      const gathered = rules.flatMap((compiled) =>
        compiled.rule.channels.includes(channel) && isBound(compiled.rule) ? needsOf.get(compiled)! : [],
      );
      all = needsFrom(gathered);
      remember(needed, key, all);
    }
    return all;
  };

  const asked = new Map<Channel, readonly PatternSpec[]>();
  const patterns = (channel: Channel): readonly PatternSpec[] => {
    let all = asked.get(channel);
    if (all === undefined) {
      const found = rules
        .filter((compiled) => compiled.rule.channels.includes(channel))
        .flatMap((compiled) => needsOf.get(compiled)!)
        .flatMap((need) => ('pattern' in need ? [[need.pattern.id, need.pattern] as const] : []));
      all = Object.freeze([...new Map(found).values()]);
      asked.set(channel, all);
    }
    return all;
  };

  return Object.freeze({
    version: versionOf(packs),
    packs: Object.freeze([...packs]),
    rules: Object.freeze(rules),
    countries,
    latencyMarginMs,
    select,
    patterns,
    needs,
  });
}

function remember<T>(memo: Map<string, T>, key: string, value: T): void {
  if (memo.size >= MEMO_LIMIT) memo.clear();
  memo.set(key, value);
}

/** The pack's own calendars and those of the packs that it extends; the nearest of a name counts. */
function calendarsOf(pack: Pack, byId: ReadonlyMap<string, Pack>): ReadonlyMap<string, HolidayTest> {
  const calendars = new Map<string, HolidayTest>();
  for (const { calendars: declared } of [pack, ...ancestorsOf(pack, byId)]) {
    for (const [name, spec] of Object.entries(declared)) {
      if (!calendars.has(name)) calendars.set(name, holidayTest(name, spec));
    }
  }
  return calendars;
}

/** Nothing to look up. */
export const NO_NEEDS: Needs = needsFrom([]);

function needsFrom(gathered: readonly Need[]): Needs {
  const names = (pick: (need: Need) => string | undefined): string[] =>
    [...new Set(gathered.flatMap((need) => pick(need) ?? []))].sort();
  return Object.freeze({
    registries: names((need) => ('registry' in need ? need.registry : undefined)),
    events: names((need) => ('event' in need ? need.event : undefined)),
    registrations: names((need) => ('registration' in need ? need.registration : undefined)),
    lists: names((need) => ('list' in need ? need.list : undefined)),
    duties: names((need) => ('duty' in need ? need.duty : undefined)),
    feeds: names((need) => ('feed' in need ? need.feed : undefined)),
    preferences: names((need) => ('preference' in need ? need.preference : undefined)),
    replies: names((need) => ('reply' in need ? need.reply : undefined)),
    retention: names((need) => ('retention' in need ? need.retention : undefined)),
    counters: [
      ...new Map(
        gathered.flatMap((need) => ('counter' in need ? [[need.counter.id, need.counter] as const] : [])),
      ).values(),
    ],
    rates: [
      ...new Map(
        gathered.flatMap((need) => ('rate' in need ? [[need.rate.id, need.rate] as const] : [])),
      ).values(),
    ],
  });
}

function compileRule(
  pack: Pack,
  rule: Rule,
  calendars: ReadonlyMap<string, HolidayTest>,
  latencyMarginMs: number,
  gathered: Need[],
): CompiledRule {
  const compile = (node: PredicateNode): Compiled => {
    const name = Object.keys(node)[0] ?? '';
    const definition = PREDICATES.get(name);
    if (definition === undefined) throw new LanewayError('RULE_PACK_INVALID', `unknown predicate "${name}"`);
    return definition.compile(node[name], {
      compile,
      calendar: (calendar) => calendars.get(calendar),
      latencyMarginMs,
      need: (what) => gathered.push(what),
    });
  };
  try {
    const appliesWhen = rule.appliesWhen === undefined ? undefined : compile(rule.appliesWhen);
    const require = compile(rule.require);
    const reads = [...new Set([...(appliesWhen?.reads ?? []), ...require.reads])].sort();
    return Object.freeze({
      rule,
      packId: pack.id,
      packVersion: pack.version,
      appliesWhen,
      require,
      reads: Object.freeze(reads),
    });
  } catch (cause) {
    const where = `${pack.file}:${rule.line}`;
    throw new LanewayError('RULE_PACK_INVALID', `${where}: rule ${rule.id}: ${messageOf(cause)}`, {
      where,
      cause,
    });
  }
}

/** The rule of that id, or `undefined`. */
export const findRule = (ruleset: RuleSet, id: string): CompiledRule | undefined =>
  ruleset.rules.find((compiled) => compiled.rule.id === id);
