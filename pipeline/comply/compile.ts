import { LanewayError, messageOf } from '../../models/base/errors.ts';
import type { MessageClass } from '../../models/verdict.ts';
import { holidayTest } from './calendar.ts';
import { doubles, versionOf } from './load.ts';
import { PREDICATES } from './predicates/index.ts';
import type {
  Channel,
  Compiled,
  CompiledRule,
  CounterSpec,
  Needs,
  Pack,
  PredicateNode,
  Rule,
  RuleSet,
} from './types.ts';
import type { HolidayTest } from './window.ts';

/** One minute: queue, provider and carrier together rarely take longer. */
export const DEFAULT_LATENCY_MARGIN_MS = 60_000;
const MEMO_LIMIT = 4_096;

interface Gathered {
  readonly registries: Set<string>;
  readonly events: Set<string>;
  readonly counters: Map<string, CounterSpec>;
}

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
  const problems = doubles(packs);
  if (problems.length > 0) throw new LanewayError('RULE_PACK_INVALID', problems.join('\n'));

  const needsOf = new Map<CompiledRule, Gathered>();
  const rules = packs.flatMap((pack) => {
    const calendars = new Map<string, HolidayTest>(
      Object.entries(pack.calendars).map(([name, spec]) => [name, holidayTest(name, spec)]),
    );
    return pack.rules.map((rule) => {
      const gathered: Gathered = { registries: new Set(), events: new Set(), counters: new Map() };
      const compiled = compileRule(pack, rule, calendars, latencyMarginMs, gathered);
      needsOf.set(compiled, gathered);
      return compiled;
    });
  });

  const countries = new Set(packs.map((p) => p.jurisdiction).filter((code) => code !== 'ZZ' && code !== '*'));
  const bound = (jurisdictions: readonly string[]): ((rule: CompiledRule) => boolean) => {
    const places = new Set(jurisdictions);
    const home = jurisdictions.filter((code) => code.length === 2);
    const elsewhere = home.length === 0 || home.some((code) => !countries.has(code));
    return ({ rule: { jurisdiction } }) =>
      jurisdiction === '*' || (jurisdiction === 'ZZ' ? elsewhere : places.has(jurisdiction));
  };

  const selections = new Map<string, readonly CompiledRule[]>();
  const select = (
    jurisdictions: readonly string[],
    channel: Channel,
    treatment: MessageClass,
  ): readonly CompiledRule[] => {
    const key = `${channel} ${treatment} ${jurisdictions.join()}`;
    let selection = selections.get(key);
    if (selection === undefined) {
      const isBound = bound(jurisdictions);
      selection = Object.freeze(
        rules.filter(
          (compiled) =>
            compiled.rule.channels.includes(channel) &&
            (compiled.rule.treatment === 'both' || compiled.rule.treatment === treatment) &&
            isBound(compiled),
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
      const isBound = bound(jurisdictions);
      const gathered = rules
        .filter((compiled) => compiled.rule.channels.includes(channel) && isBound(compiled))
        .map((compiled) => needsOf.get(compiled)!);
      all = Object.freeze({
        registries: [...new Set(gathered.flatMap((part) => [...part.registries]))].sort(),
        events: [...new Set(gathered.flatMap((part) => [...part.events]))].sort(),
        counters: [...new Map(gathered.flatMap((part) => [...part.counters])).values()],
      });
      remember(needed, key, all);
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
    needs,
  });
}

function remember<T>(memo: Map<string, T>, key: string, value: T): void {
  if (memo.size >= MEMO_LIMIT) memo.clear();
  memo.set(key, value);
}

function compileRule(
  pack: Pack,
  rule: Rule,
  calendars: ReadonlyMap<string, HolidayTest>,
  latencyMarginMs: number,
  gathered: Gathered,
): CompiledRule {
  const compile = (node: PredicateNode): Compiled => {
    const name = Object.keys(node)[0] ?? '';
    const definition = PREDICATES.get(name);
    if (definition === undefined) throw new LanewayError('RULE_PACK_INVALID', `unknown predicate "${name}"`);
    return definition.compile(node[name], {
      compile,
      calendar: (calendar) => calendars.get(calendar),
      latencyMarginMs,
      need(what) {
        if ('registry' in what) gathered.registries.add(what.registry);
        else if ('event' in what) gathered.events.add(what.event);
        else gathered.counters.set(what.counter.id, what.counter);
      },
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
