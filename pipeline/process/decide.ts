import type { Classifier, Metadata } from '../../models/verdict.ts';
import { type CheckedRequest, checkRequest, type FieldProblem } from '../accept/check.ts';
import { lookIntoSentences, type StoredVerdict } from '../classify/mixed.ts';
import { claimsPromotional, treatmentOf } from '../classify/treatment.ts';
import type { Text } from '../comply/content/additions.ts';
import type { ContentExtras } from '../comply/content/content.ts';
import {
  type Counterfactual,
  earliestAllowed,
  smallestChange,
} from '../comply/counterfactual/counterfactual.ts';
import type { Facts } from '../comply/facts.ts';
import type { Evaluation, RequiredAddition, RuleSet } from '../comply/types.ts';
import type { FactSource } from '../facts/source.ts';
import type { KnownFacts } from '../facts/standing.ts';
import { loadMetadata } from '../reputation/metadata.ts';
import { type CapCount, type CapQuestion, capCounts } from '../store/caps.ts';
import type { MessageRow } from '../store/messages.ts';
import type { Db } from '../store/schema.ts';
import { inputOf } from './arrivals.ts';
import { askComplete } from './complete.ts';
import { countersOf, questionsOf, withCounters } from './counters.ts';
import { extrasOf, factsOf } from './facts.ts';
import type { ContactSource, KnownContacts, Workshop } from './ports.ts';

/** What would be decided about a message, had it been asked for at that instant. Nothing is stored or sent. */
export interface DryRun {
  readonly atMs: number;
  /** `undefined`: the classifier could not answer, so the strict treatment applies. */
  readonly verdict: StoredVerdict | undefined;
  readonly evaluation: Evaluation;
  /** `Infinity`: not while the facts stay as they are. */
  readonly earliestMs: number;
  readonly change: Counterfactual | undefined;
  /** What Laneway would write into the text, where the sender lets it. */
  readonly added: readonly RequiredAddition[];
  /** The text as it would go out. */
  readonly text: Text;
}

export type DryRunResult =
  | { readonly kind: 'decided'; readonly dryRun: DryRun }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] };

/** The row that the message would be, did it come in at that instant. */
function rowOf(tenant: string, request: CheckedRequest, atMs: number): MessageRow {
  const { to, from, channel, body, subject, category, metadata, ttlSeconds, sendAtMs } = request;
  return {
    tenant,
    id: 'dry-run',
    seq: 0,
    state: 'queued',
    version: 1,
    lane: claimsPromotional(category) ? 'promotional' : 'transactional',
    order_key: '',
    channel,
    sender: from,
    recipient: to,
    subject: subject ?? null,
    body,
    body_ref: null,
    claim: category ?? null,
    metadata: metadata === undefined ? null : JSON.stringify(metadata),
    accepted_at_ms: atMs,
    send_at_ms: sendAtMs ?? null,
    expires_at_ms: ttlSeconds === undefined ? null : atMs + ttlSeconds * 1_000,
    due_at_ms: null,
    lease_until_ms: null,
    attempts: 0,
    verdict: null,
    reason: null,
    sent_at_ms: null,
    updated_at_ms: atMs,
  };
}

/** What is known of a recipient, and what stands under counters. */
export interface Lookups {
  contacts(message: MessageRow): Promise<KnownContacts>;
  /** What was stated of tenant, sender and recipient. */
  facts(message: MessageRow): Promise<KnownFacts>;
  counts(questions: readonly CapQuestion[]): Promise<(tenant: string, key: string) => CapCount>;
  /** What the classifier is told of sender and recipient; undefined: nothing is known. */
  metadata(message: MessageRow, atMs: number): Promise<Metadata | undefined>;
}

/** Lookups in the system of record. */
export const storeLookups = (db: Db, contacts: ContactSource, facts: FactSource): Lookups => ({
  contacts: (message) => contacts.load(db, [message]),
  facts: (message) => facts.load(db, [message]),
  counts: (questions) => capCounts(db, questions),
  metadata: async (message, atMs) => (await loadMetadata(db, [message], atMs))[0],
});

async function classified(
  classifier: Classifier,
  body: string,
  metadata: Metadata | undefined,
): Promise<StoredVerdict | undefined> {
  const options = { urgent: true };
  const verdicts = await classifier.classify([inputOf(body, metadata)], options);
  const [verdict] = await lookIntoSentences(classifier, [body], verdicts, options);
  return verdict && metadata ? { ...verdict, metadata } : verdict;
}

/** Everything that the rules may ask about the message, and what stands beside its text. */
async function lookUp(
  shop: Pick<Workshop, 'compliance'>,
  lookups: Lookups,
  ruleset: RuleSet,
  message: MessageRow,
  verdict: StoredVerdict | undefined,
  atMs: number,
): Promise<{ readonly facts: Facts; readonly extras: ContentExtras }> {
  const standing = (await lookups.facts(message)).of(message, atMs);
  const extras = extrasOf(message, standing);
  const content = shop.compliance.contentOf(message.body, message.channel, {
    ...extras,
    patterns: ruleset.patterns(message.channel),
  });
  const treatment = treatmentOf({ verdict, claim: message.claim ?? undefined });
  const contacts = await lookups.contacts(message);
  const contact = contacts.contact(message.tenant, message.recipient);
  const denied = contacts.denied(message, atMs);
  const facts = factsOf({ message, verdict, treatment, contact, content, standing, denied, nowMs: atMs });
  const counters = countersOf(ruleset, message, facts);
  const countOf = await lookups.counts(questionsOf(message, counters, atMs));
  return { facts: withCounters(facts, message, counters, atMs, countOf), extras };
}

/**
 * Decides about a message as the pipeline would, on what the store knows of the recipient now, and says what would
 * change the answer. Reads only.
 *
 * @param input as `POST /v1/messages` takes it
 * @param atMs the instant to decide for, in the past or to come
 */
export async function tryDecision(
  shop: Pick<Workshop, 'compliance' | 'classifier' | 'report'>,
  lookups: Lookups,
  tenant: string,
  input: unknown,
  atMs: number,
): Promise<DryRunResult> {
  const checked = checkRequest(input, atMs);
  if (!checked.ok) return { kind: 'invalid', problems: checked.problems };
  const message = rowOf(tenant, checked.request, atMs);
  const from = Math.max(atMs, message.send_at_ms ?? atMs);
  // Those that will be in force then, where a change is on its way.
  const ruleset = shop.compliance.ruleset(from);
  const metadata = await lookups.metadata(message, atMs);
  const verdict = await classified(shop.classifier, message.body, metadata).catch((error: unknown) => {
    shop.report(error, 'classifying for a dry run');
    return undefined;
  });
  const { facts, extras } = await lookUp(shop, lookups, ruleset, message, verdict, atMs);
  const {
    evaluation,
    facts: asked,
    text,
    added,
  } = askComplete(shop.compliance, ruleset, message, extras, facts, from);
  const earliestMs = evaluation.outcome.kind === 'send' ? from : earliestAllowed(ruleset, asked, from);
  const dryRun: DryRun = {
    atMs: from,
    verdict,
    evaluation,
    earliestMs,
    added,
    text,
    change: smallestChange(ruleset, asked, from, evaluation),
  };
  return { kind: 'decided', dryRun };
}
