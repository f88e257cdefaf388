import type { ConsentState } from '../consent/consent.ts';
import type { Facts } from '../facts.ts';
import type { CompiledRule, PredicateNode } from '../types.ts';

/** One change of facts that may let a message through, and how to say it. */
export interface Repair {
  /** Equal repairs have equal words. */
  readonly words: string;
  apply(facts: Facts, atMs: number): Facts;
}
/** All of these together, or one of several such lists. */
type Alternatives = readonly (readonly Repair[])[];

/** Nothing that could be changed: whether that suffices is for the rules to say. */
const NONE: Alternatives = [[]];
const MOST_ALTERNATIVES = 12;

function put(facts: Facts, path: string, value: unknown): Facts {
  const dot = path.indexOf('.');
  if (dot < 0) return { ...facts, [path]: value } as Facts;
  const section = path.slice(0, dot);
  const parent = (facts as unknown as Record<string, object | undefined>)[section];
  return { ...facts, [section]: { ...parent, [path.slice(dot + 1)]: value } } as Facts;
}

const setting = (
  words: string,
  path: string,
  value: (facts: Facts, atMs: number) => unknown,
): Alternatives => [[{ words, apply: (facts, atMs) => put(facts, path, value(facts, atMs)) }]];

/** A value of which the comparison holds. */
function satisfying(args: Record<string, unknown>): unknown {
  const { is, value } = args;
  switch (is) {
    case '==':
    case '<=':
    case '>=':
      return value;
    case '<':
      return typeof value === 'number' ? value - 1 : undefined;
    case '>':
      return typeof value === 'number' ? value + 1 : undefined;
    case 'in':
      return Array.isArray(value) ? value[0] : undefined;
    case '!=':
      return typeof value === 'boolean' ? !value : undefined;
    default:
      return undefined;
  }
}

type Args = Record<string, unknown>;
const listOf = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).map(String);

/** What would make one predicate pass. Those that only time, or another message, can satisfy have none. */
const REPAIRS: Readonly<Record<string, (args: Args) => Alternatives>> = {
  field(args) {
    const value = satisfying(args);
    if (value === undefined) return NONE;
    const path = String(args['path']);
    return setting(`${path} is ${JSON.stringify(value)}`, path, () => value);
  },
  consent(args) {
    const { level, purpose } = args;
    const evidence = listOf(args['evidence'] ?? []);
    const bases = listOf(args['bases'] ?? []);
    const proof = evidence.length === 0 ? '' : ` that proves ${evidence.join(', ')}`;
    return [
      [
        {
          words: `${String(level)} consent to ${String(purpose)} is on record${proof}`,
          apply: (facts, atMs) => {
            const state: ConsentState = {
              channel: 'any',
              purpose: String(purpose),
              status: 'granted',
              level: String(level) as ConsentState['level'],
              sinceMs: atMs,
              method: 'stated',
              wordingVersion: 'stated',
              source: 'own-form',
              ...(facts.campaign?.['id'] === undefined ? {} : { campaign: String(facts.campaign['id']) }),
              ...(bases.length === 0 ? {} : { basis: bases[0]! }),
              evidence,
            };
            return { ...facts, consent: [...(facts.consent ?? []), state] };
          },
        },
      ],
    ];
  },
  consentRecordHas: (args) => [
    [
      {
        words: `the record of consent holds ${listOf(args['fields']).join(', ')}`,
        apply: (facts) => ({
          ...facts,
          consent: (facts.consent ?? []).map((state) => ({
            ...state,
            ...Object.fromEntries(listOf(args['fields']).map((name) => [name, 'stated'])),
            evidence: [...(state.evidence ?? []), ...listOf(args['fields'])],
          })),
        }),
      },
    ],
  ],
  notSuppressed: () => setting('the recipient has not asked to be left alone', 'suppression', () => []),
  notOnRegistry: (args) =>
    setting(
      `a fresh answer of register ${String(args['registry'])} says "not listed"`,
      `registries.${String(args['registry'])}`,
      (_, atMs) => ({
        listed: false,
        checkedAtMs: atMs,
      }),
    ),
  domainNotOnList: (args) =>
    setting(
      `a fresh answer of list ${String(args['list'])} says "not listed"`,
      `registries.${String(args['list'])}`,
      (_, atMs) => ({
        listed: false,
        checkedAtMs: atMs,
      }),
    ),
  registryAnswer(args) {
    if (!Array.isArray(args['is'])) return NONE;
    const answer = String(args['is'][0]);
    return setting(
      `register ${String(args['registry'])} answers "${answer}"`,
      `registries.${String(args['registry'])}`,
      (_, atMs) => ({
        listed: false,
        answer,
        checkedAtMs: atMs,
        asOfMs: 0,
      }),
    );
  },
  registered(args) {
    const id = `${String(args['authority'])}/${String(args['what'])}`;
    const state = Array.isArray(args['state']) ? String(args['state'][0]) : 'active';
    return setting(
      `the ${String(args['what'])} is ${state} with ${String(args['authority'])}`,
      `registrations.${id}`,
      () => ({
        state,
        attributes: listOf(args['has'] ?? []),
      }),
    );
  },
  detectorClear: (args) => {
    const name = String(args);
    return setting(
      `the message is clear of what detector ${name} looks for`,
      'message.detectors',
      (facts) => ({
        ...facts.message.detectors,
        [name]: false,
      }),
    );
  },
  hasElement: (args) => {
    const name = listOf(args)[0]!;
    return setting(`the message carries ${listOf(args).join(' or ')}`, 'message.elements', (facts) => [
      ...(facts.message.elements ?? []),
      name,
    ]);
  },
  urlHostsNotIn: () =>
    setting('the message has no link to a host that is not allowed', 'message.urlHosts', () => []),
  urlHostsIn: () => setting('the message links only to hosts that are allowed', 'message.urlHosts', () => []),
  urlCount: (args) =>
    setting(`the message has at most ${String(args['max'])} links`, 'message.urlCount', () => args['max']),
  phoneCount: (args) =>
    setting(
      `the message has at most ${String(args['max'])} phone numbers`,
      'message.phoneCount',
      () => args['max'],
    ),
  phonesIn: () =>
    setting('the message names only phone numbers that are allowed', 'message.phones', () => []),
  languageIs: (args) =>
    setting(`the message is in ${listOf(args['any']).join(' or ')}`, 'message.languages', () =>
      listOf(args['any']).slice(0, 1),
    ),
  ageAtLeast: (args) =>
    setting('the recipient is old enough', 'recipient.age', () => Math.max(18, Number(args['years']))),
  withinOfEvent(args) {
    const event = listOf(args['event'])[0]!;
    return setting(
      `the last ${event} was less than ${String(args['duration'])} ago`,
      `events.${event}`,
      (_, atMs) => atMs,
    );
  },
  dutyDoneWithin: (args) =>
    setting(`${String(args['duty'])} is done`, `duties.${String(args['duty'])}`, () => null),
  retains: (args) => {
    const duration = String(args['duration']);
    return setting(
      `records of ${String(args['what'])} are kept for ${duration}`,
      `retention.${String(args['what'])}`,
      () => ({
        keeps: duration,
      }),
    );
  },
  respectsPreference: (args) =>
    setting(
      `the recipient's ${String(args['preference'])} are known and allow it`,
      `preferences.${String(args['preference'])}`,
      () => [],
    ),
  notInEmergencyArea: (args) =>
    setting(
      `feed ${String(args['feed'])} is fresh and names no emergency here`,
      `feeds.${String(args['feed'])}`,
      (_, atMs) => ({
        checkedAtMs: atMs,
        active: [],
      }),
    ),
  keywordHandled: (args) =>
    setting(`an answer is set for ${listOf(args['keywords']).join(', ')}`, 'replies', (facts) => ({
      ...facts.replies,
      ...Object.fromEntries(
        listOf(args['keywords']).map((word) => [word, { elements: listOf(args['replyHas'] ?? []) }]),
      ),
    })),
};

/** Predicates whose answer to the text stands under an id of their own. */
const PATTERNED = new Set([
  'textStartsWith',
  'subjectStartsWith',
  'textMatches',
  'headerMatches',
  'headerEquals',
]);

function patterned(name: string, args: Args): Alternatives {
  const asked =
    name === 'textMatches' || name === 'headerMatches'
      ? `has the form ${String(args['pattern'])}`
      : name === 'headerEquals'
        ? `has header ${String(args['name'])}: ${String(args['value'])}`
        : `starts with ${listOf(args['any']).join(' or ')}`;
  const marks = [
    args['pattern'],
    args['value'],
    Array.isArray(args['any']) ? args['any'].join('|') : undefined,
  ]
    .filter((mark) => mark !== undefined)
    .map(String);
  return setting(`the message ${asked}`, 'message.patterns', (facts) => {
    const patterns = { ...facts.message.patterns };
    for (const id of Object.keys(patterns))
      if (marks.some((mark) => id.endsWith(`:${mark}`))) patterns[id] = true;
    return patterns;
  });
}

/** Every pair of one list with another, unless there are too many. */
function product(left: Alternatives, right: Alternatives): Alternatives {
  return left.flatMap((a) => right.map((b) => [...a, ...b])).slice(0, MOST_ALTERNATIVES);
}

function alternatives(node: PredicateNode): Alternatives {
  const [name, raw] = Object.entries(node)[0] as [string, unknown];
  if (name === 'all') {
    let joined: Alternatives = [[]];
    for (const part of raw as PredicateNode[]) joined = product(joined, alternatives(part));
    return joined;
  }
  if (name === 'any') {
    return (raw as PredicateNode[])
      .flatMap((part) => alternatives(part))
      .filter((list) => list.length > 0)
      .slice(0, MOST_ALTERNATIVES);
  }
  if (name === 'not') {
    const [inner, args] = Object.entries(raw as PredicateNode)[0] as [string, Args];
    if (inner !== 'field') return NONE;
    const opposite: Readonly<Record<string, string>> = { '==': '!=', '!=': '==', in: 'not-in' };
    const is = opposite[String(args['is'])];
    return is === undefined ? NONE : (REPAIRS['field']?.({ ...args, is }) ?? NONE);
  }
  const args = (raw ?? {}) as Args;
  if (PATTERNED.has(name)) return patterned(name, args);
  return REPAIRS[name]?.(args) ?? NONE;
}

/**
 * Changes of facts that may make a rule's requirement pass, as alternatives of which each is a list of changes that go
 * together; some may not be needed. Empty: nothing but time, another text or another sender would.
 */
export const repairsOf = ({ rule }: CompiledRule): Alternatives =>
  alternatives(rule.require).filter((list) => list.length > 0);
