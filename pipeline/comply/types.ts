import type { JsonValue } from '../../models/base/json.ts';
import type { MessageClass } from '../../models/verdict.ts';
import type { Channel } from './channel.ts';
import type { Facts } from './facts.ts';

export type { JsonValue } from '../../models/base/json.ts';
export { CHANNELS, type Channel } from './channel.ts';

/**
 * Three-valued result of a predicate (Kleene's strong logic). `unknown` means that a fact is missing, too old
 * or unusable; what follows from it is the rule's `onMissingData`.
 */
export type Truth = 'pass' | 'fail' | 'unknown';

/** What a rule that is not met asks for, strongest first. */
export const EFFECTS = [
  'suppress-recipient',
  'block',
  'reclassify',
  'require-label',
  'require-element',
  'cap',
  'defer',
  'warn',
] as const;
export type Effect = (typeof EFFECTS)[number];

/**
 * `strict`: an unknown counts against the message (it is held, or deferred, or reclassified);
 * `warn`: it goes on with a warning in the decision; `skip`: the rule says nothing.
 */
export type OnMissingData = 'strict' | 'warn' | 'skip';

export const LAYERS = [
  'statute',
  'regulation',
  'regulator-guidance',
  'case-law',
  'industry-code',
  'carrier-policy',
  'platform-policy',
  'contractual-standard',
  'house-policy',
] as const;
export type Layer = (typeof LAYERS)[number];

export type Confidence = 'high' | 'medium' | 'low';

/** A predicate compiled to closures. Both functions are pure and must not keep state between calls. */
export interface Compiled {
  /** Fact paths that `test` may read, e.g. `recipient.zones`; what a decision must keep to be replayed. */
  readonly reads: readonly string[];
  test(facts: Facts, atMs: number): Truth;
  /**
   * Earliest instant after `atMs` at which `test` may answer differently for the same facts
   * (epoch ms; `Infinity`: never). May be too early, never too late.
   */
  nextChange(facts: Facts, atMs: number): number;
  /** One clause in plain words that says what is asked for and what was found. */
  explain(facts: Facts, atMs: number): string;
}

/** One executed example of a rule. `facts` are laid over a neutral base (see `examples.ts`). */
export interface RuleExample {
  readonly name: string;
  /** `allow`: the rule is met; `deny`: it is not; `unknown`; `not-applicable`: it does not bind here. */
  readonly expect: 'allow' | 'deny' | 'unknown' | 'not-applicable';
  /** ISO instant of evaluation. */
  readonly at: string;
  /** ISO instant at which this rule alone would let the message go; only for `defer` and `cap`. */
  readonly until?: string | undefined;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Line in the pack file, 1-based. */
  readonly line: number;
}

/** A rule as written in a pack, validated, its predicates not yet compiled. */
export interface Rule {
  /** Unique over all packs, lower-case with dashes, stable for ever: decision records refer to it. */
  readonly id: string;
  readonly title: string;
  /** The citation, e.g. `47 CFR 64.1200(c)(1)`. */
  readonly basis: string;
  /** How the fact was established: read in published text, or general knowledge; and where, by name. */
  readonly reference: {
    readonly kind: 'lookup' | 'lookup+knowledge' | 'knowledge';
    readonly of: readonly string[];
  };
  readonly layer: Layer;
  readonly confidence: Confidence;
  readonly needsVerification: boolean;
  /** What is not settled about the rule, for the reader of a verdict. */
  readonly doubt?: string | undefined;
  /** Country (`US`), subdivision (`US-FL`), `*` (everywhere) or `ZZ` (countries without a pack). */
  readonly jurisdiction: string;
  readonly channels: readonly Channel[];
  readonly treatment: MessageClass | 'both';
  /** `vacated` and `repealed` rules never bind; they are kept for replay and rollback. */
  readonly status: 'active' | 'vacated' | 'repealed';
  /** Only messages of these categories, as the caller states them. */
  readonly categories?: readonly string[] | undefined;
  /** Ids of rules that do not bind a message that this rule binds: a national rule that pre-empts a local one. */
  readonly preempts: readonly string[];
  /** First and last instant: `from` inclusive, `to` exclusive, epoch ms. */
  readonly effective: { readonly fromMs: number; readonly toMs: number };
  readonly appliesWhen?: PredicateNode | undefined;
  readonly require: PredicateNode;
  readonly effect: Effect;
  readonly onMissingData: OnMissingData;
  /** For `require-element` and `require-label`: what to add, and whether Laneway may add it itself. */
  readonly addition?: { readonly what: string; readonly autoInsert: boolean } | undefined;
  /** Plain words for a person: what the rule wants. */
  readonly explanation: string;
  readonly examples: readonly RuleExample[];
  /** Line in the pack file, 1-based. */
  readonly line: number;
}

/** One key, the predicate's name, and its arguments: `{ localTimeIn: { ... } }`. */
export type PredicateNode = { readonly [name: string]: unknown };

/** A calendar of days on which a window that names it is shut. */
export interface CalendarSpec {
  /** Country, then state, region as the holiday library knows them; absent: only `add`. */
  readonly library?: readonly string[] | undefined;
  /** Local dates `YYYY-MM-DD` that the library lacks. */
  readonly add: readonly string[];
  /** Local dates that the library has and the law does not. */
  readonly remove: readonly string[];
  /** First and last year vouched for; outside of them every day counts as shut. */
  readonly years: readonly [number, number];
}

export interface Pack {
  /** `us`, `gb`, `in`, `global`, `zz`. */
  readonly id: string;
  readonly title: string;
  readonly jurisdiction: string;
  /** 16 hex digits of SHA-256 over the canonical JSON of the pack's content; comments do not count. */
  readonly version: string;
  readonly file: string;
  /** Packs whose rules bind here too, but for the rules in `without`, and whose calendars may be named. */
  readonly extends: readonly string[];
  /** Ids of inherited rules that do not bind here, each with the reason. */
  readonly without: readonly { readonly rule: string; readonly because: string }[];
  /** Countries in which a supranational pack binds, e.g. those of the EU. */
  readonly members: readonly string[];
  /** How long decisions that its rules bound are kept, ISO 8601 duration; absent: 5 years. */
  readonly retention?: string | undefined;
  readonly calendars: Readonly<Record<string, CalendarSpec>>;
  readonly rules: readonly Rule[];
}

/** A rule ready to be asked. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly packId: string;
  readonly packVersion: string;
  readonly appliesWhen: Compiled | undefined;
  readonly require: Compiled;
  /** `appliesWhen` and `require` together, sorted, no doubles. */
  readonly reads: readonly string[];
}

/** Everything that rules may ask for and that must be looked up before `evaluate`. */
export interface Needs {
  readonly registries: readonly string[];
  readonly events: readonly string[];
  readonly counters: readonly CounterSpec[];
  readonly rates: readonly RateSpec[];
  /** Names of lists, duties, feeds, preferences, keywords, kinds of record; `AUTHORITY/WHAT` for registrations. */
  readonly registrations: readonly string[];
  readonly lists: readonly string[];
  readonly duties: readonly string[];
  readonly feeds: readonly string[];
  readonly preferences: readonly string[];
  readonly replies: readonly string[];
  readonly retention: readonly string[];
}

/** One thing that a predicate needs, as it tells while it is compiled. */
export type Need =
  | { readonly counter: CounterSpec }
  | { readonly rate: RateSpec }
  | { readonly pattern: PatternSpec }
  | { readonly registry: string }
  | { readonly event: string }
  | { readonly registration: string }
  | { readonly list: string }
  | { readonly duty: string }
  | { readonly feed: string }
  | { readonly preference: string }
  | { readonly reply: string }
  | { readonly retention: string };

/** A ratio or throughput that a rule asks for. */
export interface RateSpec {
  /** Key in `facts.metrics`. */
  readonly id: string;
  /** E.g. `abandoned-of-answered`, `segments-per-minute`. */
  readonly metric: string;
  /** Over what it is taken: `campaign`, `sender`, `from-domain`, `campaign+carrier`. */
  readonly scope: string;
  readonly windowMs: number;
}

/** A question to the message's text, answered before rules are asked, because facts hold no text. */
export interface PatternSpec {
  /** Key in `facts.message.patterns`; equal questions have equal keys. */
  readonly id: string;
  /** `header:NAME` is an e-mail header. */
  readonly where: 'body' | 'subject' | 'subject-or-body' | `header:${string}`;
  readonly test: (text: string) => boolean;
}

/** A count that a frequency rule asks for. */
export interface CounterSpec {
  /** Key in `facts.counters`; made from the other fields, so equal questions share one counter. */
  readonly id: string;
  /** What is counted, e.g. `solicitations`. */
  readonly count: string;
  /** Which messages count together, e.g. `['recipient', 'sender', 'subject']`. */
  readonly key: readonly string[];
  /** How far back instants must reach, in ms; `Infinity`: to the first. */
  readonly lookbackMs: number;
  /** What one message counts: 1, or its segments. Default `messages`. */
  readonly unit?: 'messages' | 'segments';
  /** The property whose different values are counted. */
  readonly distinct?: 'channel' | 'sender';
}

export interface RuleSet {
  /** 16 hex digits over all pack versions. */
  readonly version: string;
  readonly packs: readonly Pack[];
  readonly rules: readonly CompiledRule[];
  /** Countries that have a pack of their own; all others are bound by `ZZ` rules. */
  readonly countries: ReadonlySet<string>;
  /** Safety margin before the end of a window for queue and carrier latency, ms. */
  readonly latencyMarginMs: number;
  /** The rules of these jurisdictions, channel and treatment, in pack and file order. */
  select(
    jurisdictions: readonly string[],
    channel: Channel,
    treatment: MessageClass,
  ): readonly CompiledRule[];
  /** Questions to the text of messages on this channel. */
  patterns(channel: Channel): readonly PatternSpec[];
  /** What must be looked up for messages of these jurisdictions and channel. */
  needs(jurisdictions: readonly string[], channel: Channel): Needs;
}

/** One rule's answer. */
export interface RuleVerdict {
  readonly ruleId: string;
  readonly pack: string;
  readonly packVersion: string;
  readonly result: Truth;
  /** What this verdict asks for after `onMissingData`: the rule's effect, `warn`, or nothing. */
  readonly consequence: Effect | 'none';
  readonly effect: Effect;
  readonly basis: string;
  readonly explanation: string;
  readonly title: string;
  readonly layer: Layer;
  readonly confidence: Confidence;
  /** The rule rests on doubtful ground and is applied in its strict reading. */
  readonly needsVerification: boolean;
  /** What is not settled about the rule. */
  readonly doubt?: string;
  /** Paths into `Evaluation.facts`. */
  readonly reads: readonly string[];
}

/**
 * `send`; `defer`: ask again at `untilMs`; `block`: a rule forbids it, final; `hold`: nothing is known to
 * forbid it, but a fact is missing (`missing`) or no opening is in sight: ask again when facts change, until the
 * message expires. `ruleIds` lists what decided, strongest first.
 */
export type Outcome =
  | { readonly kind: 'send' }
  | { readonly kind: 'defer'; readonly untilMs: number; readonly ruleIds: readonly string[] }
  | { readonly kind: 'block'; readonly ruleIds: readonly string[]; readonly suppressRecipient: boolean }
  | { readonly kind: 'hold'; readonly ruleIds: readonly string[]; readonly missing: readonly string[] };

/** Something the message must carry before it may go. */
export interface RequiredAddition {
  readonly ruleId: string;
  readonly what: string;
  readonly autoInsert: boolean;
}

/** All that compliance has to say about one message at one instant. Plain JSON; replayable byte for byte. */
export interface Evaluation {
  readonly rulesetVersion: string;
  readonly atMs: number;
  readonly outcome: Outcome;
  /** Treatment after reclassification: what every verdict below was given for. */
  readonly treatment: MessageClass;
  /** Rules that changed the treatment, in order. */
  readonly reclassifiedBy: readonly string[];
  /** Every rule that binds the message, in pack and file order. */
  readonly verdicts: readonly RuleVerdict[];
  /** Rules of the same jurisdictions that do not bind this message (`appliesWhen`, effective dates). */
  readonly notApplicable: readonly string[];
  readonly required: readonly RequiredAddition[];
  readonly warnings: readonly string[];
  /** Value of every fact path that a rule could read; absent facts are absent. Enough to replay. */
  readonly facts: Readonly<Record<string, JsonValue>>;
}
