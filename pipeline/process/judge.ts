import { canonicalJson } from '../../models/base/json.ts';
import { seedOf } from '../../models/base/random.ts';
import { keepUntilMs } from '../audit/keep.ts';
import type { StoredVerdict } from '../classify/mixed.ts';
import { treatmentOf } from '../classify/treatment.ts';
import { openUntil } from '../comply/evaluate.ts';
import type { Evaluation } from '../comply/types.ts';
import { recorded, seal } from '../record/decision.ts';
import { storedDecision } from '../record/decision-entry.ts';
import { capCounts, type Reservation } from '../store/caps.ts';
import type { ContactMark } from '../store/contacts.ts';
import type { LoadedMessage } from '../store/messages.ts';
import type { Db } from '../store/schema.ts';
import type { Transition } from '../store/transition.ts';
import { askComplete } from './complete.ts';
import { countersOf, expect, type Pending, questionsOf, reservationsOf, withCounters } from './counters.ts';
import { chunks } from './enqueue.ts';
import { extrasOf, factsOf } from './facts.ts';
import type { Workshop } from './ports.ts';

/** A message with its rules asked, and what it counts under if it goes. */
export interface Judged {
  /** With what rules required written into it. */
  readonly message: LoadedMessage;
  readonly evaluation: Evaluation;
  readonly decision: NonNullable<Transition['decision']>;
  readonly reserves: readonly Reservation[];
  /** What was known of the recipient: later news means that the rules are asked again. */
  readonly mark: ContactMark;
  /** When a deferred message is taken up again: a little after the opening, so that not all come at once. */
  readonly releaseAtMs?: number;
}

/** Rules of so many messages are asked without a pause: some milliseconds. */
const UNINTERRUPTED = 10;

/**
 * Asks every rule about each message, at this moment, on facts looked up together.
 *
 * @param pass called between groups, where other work may go first
 */
export async function judge(
  shop: Workshop,
  db: Db,
  messages: readonly LoadedMessage[],
  nowMs: number,
  pass: () => Promise<void>,
): Promise<Judged[]> {
  if (messages.length === 0) return [];
  const ruleset = shop.compliance.ruleset(nowMs);
  // Keys first: a recipient who was erased and comes back brings kept objections back with the new key.
  const keyOf = await shop.audit.keyring.keysOf(db, messages);
  const contacts = await shop.contacts.load(db, messages);
  const stated = await shop.facts.load(db, messages);
  const known = await inGroups(messages, pass, (message) => {
    const verdict = message.verdict === null ? undefined : (JSON.parse(message.verdict) as StoredVerdict);
    const treatment = treatmentOf({ verdict, claim: message.claim ?? undefined });
    const contact = contacts.contact(message.tenant, message.recipient);
    const standing = stated.of(message, nowMs);
    const extras = extrasOf(message, standing);
    const content = shop.compliance.contentOf(message.body, message.channel, {
      ...extras,
      patterns: ruleset.patterns(message.channel),
    });
    const denied = contacts.denied(message, nowMs);
    const facts = factsOf({ message, verdict, treatment, contact, content, standing, denied, nowMs });
    const { mark } = contact;
    const counters = countersOf(ruleset, message, facts);
    return { message, verdict, treatment, extras, facts, mark, counters };
  });
  const countOf = await capCounts(
    db,
    known.flatMap(({ message, counters }) => questionsOf(message, counters, nowMs)),
  );
  const dictionaries = await Promise.all(
    known.map(({ message, facts }) =>
      shop.audit.dictionaries.of(db, ruleset, facts.recipient.jurisdictions, message.channel, nowMs),
    ),
  );
  const pending: Pending = new Map();
  return inGroups(known, pass, ({ message, verdict, treatment, extras, facts, mark, counters }, at) => {
    const asked = withCounters(facts, message, counters, nowMs, countOf, pending);
    const whole = askComplete(shop.compliance, ruleset, message, extras, asked, nowMs);
    const { evaluation, added } = whole;
    shop.compliance.observe?.({ message, extras, facts: asked, atMs: nowMs, evaluation });
    const evaluated = recorded(evaluation);
    const sealed = seal({
      format: 1,
      tenant: message.tenant,
      messageId: message.id,
      channel: message.channel,
      atMs: nowMs,
      claim: message.claim,
      verdict: verdict === undefined ? null : withoutStage(verdict),
      treatment,
      lane: evaluation.treatment,
      ...(added.length === 0 ? {} : { added }),
      evaluation: evaluated,
    });
    const reserves = reservationsOf(message, whole.facts, evaluation.treatment, counters, countOf);
    if (evaluation.outcome.kind === 'send') expect(pending, message, reserves, nowMs);
    return {
      message:
        added.length === 0 ? message : { ...message, ...whole.text, subject: whole.text.subject ?? null },
      evaluation,
      decision: storedDecision(
        keyOf(message),
        sealed,
        evaluation,
        message.version,
        keepUntilMs(ruleset, Object.keys(evaluated.packs), nowMs),
        dictionaries[at],
      ),
      reserves,
      mark,
      ...(evaluation.outcome.kind === 'defer'
        ? {
            releaseAtMs: spreadRelease(
              message,
              evaluation.outcome.untilMs,
              openUntil(ruleset, evaluation, whole.facts, evaluation.outcome.untilMs),
            ),
          }
        : {}),
    };
  });
}

/** Releases of one opening are spread over at most this long, and over a quarter of what it lasts. */
const LONGEST_SPREAD_MS = 15 * 60_000;

/**
 * Where in the beginning of an opening a deferred message is released: even over messages, the same for one message
 * each time, never after it expires.
 */
export function spreadRelease(
  message: Pick<LoadedMessage, 'id' | 'expires_at_ms'>,
  opensAtMs: number,
  closesAtMs: number,
): number {
  // What never shuts is no window, so there is no crowd before it.
  const widthMs = closesAtMs === Infinity ? 0 : Math.min(LONGEST_SPREAD_MS, (closesAtMs - opensAtMs) / 4);
  const atMs = opensAtMs + Math.floor((seedOf(message.id) / 2 ** 32) * widthMs);
  return message.expires_at_ms !== null && atMs >= message.expires_at_ms ? opensAtMs : atMs;
}

async function inGroups<In, Out>(
  items: readonly In[],
  pass: () => Promise<void>,
  work: (item: In, at: number) => Out,
): Promise<Out[]> {
  const out: Out[] = [];
  for (const group of chunks(items, UNINTERRUPTED)) {
    await pass();
    for (const item of group) out.push(work(item, out.length));
  }
  return out;
}

function withoutStage(verdict: StoredVerdict): Omit<StoredVerdict, 'stage'> {
  const { stage: _, ...rest } = verdict;
  return rest;
}

/** Base of every step that a judged message takes. */
function step(
  { message, evaluation, decision }: Judged,
  atMs: number,
): Pick<Transition, 'tenant' | 'id' | 'version' | 'lane' | 'atMs' | 'decision' | 'frees'> {
  const { tenant, id, version } = message;
  // An attempt that surely failed took a place that the message, not going out now, does not need.
  const frees = message.attempts > 0 && message.open_key === null && evaluation.outcome.kind !== 'send';
  return { tenant, id, version, lane: evaluation.treatment, atMs, decision, ...(frees ? { frees } : {}) };
}

/** The step for an outcome other than `send`, or for a `send` that belongs to the other lane now. */
export function stepAside(judged: Judged, atMs: number): Transition | undefined {
  const { message, evaluation } = judged;
  const { outcome } = evaluation;
  const base = step(judged, atMs);
  switch (outcome.kind) {
    case 'send':
      if (evaluation.treatment === message.lane) return undefined;
      return {
        ...base,
        to: 'queued',
        reason: evaluation.reclassifiedBy[0] ?? 'reclassified',
        event: 'reclassified',
        data: canonicalJson({ lane: evaluation.treatment, rules: evaluation.reclassifiedBy }),
      };
    case 'defer': {
      const tooLate = message.expires_at_ms !== null && outcome.untilMs >= message.expires_at_ms;
      const data = canonicalJson({ untilMs: outcome.untilMs, rules: outcome.ruleIds });
      const reason = outcome.ruleIds[0] ?? 'deferred';
      return tooLate
        ? { ...base, to: 'expired', reason, event: 'expired', data, frees: true }
        : {
            ...base,
            to: 'deferred',
            reason,
            dueAtMs: judged.releaseAtMs ?? outcome.untilMs,
            event: 'deferred',
            data,
          };
    }
    case 'block':
      return {
        ...base,
        to: 'blocked',
        reason: outcome.ruleIds[0] ?? 'blocked',
        event: 'blocked',
        data: canonicalJson({ rules: outcome.ruleIds }),
      };
    case 'hold':
      return {
        ...base,
        to: 'held',
        reason: outcome.ruleIds[0] ?? 'held',
        event: 'held',
        data: canonicalJson({ rules: outcome.ruleIds, missing: outcome.missing }),
      };
  }
}

/** The step into the provider's hands: the attempt is on record, with its key, before the call. */
export function stepOut(
  judged: Judged,
  provider: string,
  providerKey: string,
  atMs: number,
  leaseMs: number,
): Transition {
  const { message } = judged;
  const attempt = message.attempts + 1;
  return {
    ...step(judged, atMs),
    to: 'sending',
    leaseUntilMs: atMs + leaseMs,
    event: message.open_key === null ? 'attempt' : 'attempt-repeated',
    data: canonicalJson({ attempt, provider, providerKey }),
    opens: { attempt, provider, providerKey },
    reserves: judged.reserves,
    mark: judged.mark,
    ...(message.open_unended ? { closes: { attempt: message.attempts, outcome: 'ambiguous' } } : {}),
  };
}
