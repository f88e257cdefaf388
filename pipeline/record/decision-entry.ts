import { sha256 } from '../../models/base/sha256.ts';
import { type AuditEntry, entryHash } from '../audit/entry.ts';
import type { Evaluation } from '../comply/types.ts';
import { type Dictionary, type RecipientKey, sealText } from '../keys/sealed.ts';
import type { DecisionRecord, SealedDecision } from './decision.ts';

/** Candidate jurisdictions beyond these are left out of the searchable columns; the record has them all. */
const MOST_PLACES = 4;

/** A decision as it is stored: its record closed under the recipient's key, its entry in the audit trail. */
export interface StoredDecision {
  readonly outcome: string;
  /** SHA-256 of `record`. */
  readonly hash: string;
  /** The canonical record, sealed. */
  readonly record: string;
  /** Joins the chain in the statement that takes the message's step. */
  readonly entry: Omit<AuditEntry, 'body'> & { readonly entry_hash: string };
}

/** Where a sealed decision stands: it opens for this message and this evaluation alone. */
export const decisionContext = (tenant: string, messageId: string, seq: number): string =>
  `${tenant}|decision|${messageId}|${seq}`;

/**
 * Closes a decision for storing. What the trail shows in clear names no person: outcome, channel, class, places, rules.
 *
 * @param seq version of the message that was judged; with the message's id it names the decision
 * @param keepUntilMs from when on the record may be dropped; undefined: never
 * @param dictionary what records of its rules have in common (`common-text.ts`)
 */
export function storedDecision(
  key: RecipientKey,
  { record, bytes }: SealedDecision,
  evaluation: Evaluation,
  seq: number,
  keepUntilMs: number | undefined,
  dictionary?: Dictionary,
): StoredDecision {
  const sealed = sealText(key, decisionContext(record.tenant, record.messageId, seq), bytes, dictionary);
  const hash = sha256(sealed);
  const entry = entryOf(record, evaluation, { rid: key.rid, seq, hash, keepUntilMs });
  return {
    outcome: evaluation.outcome.kind,
    hash,
    record: sealed,
    entry: { ...entry, entry_hash: entryHash(entry) },
  };
}

function entryOf(
  record: DecisionRecord,
  { outcome, rulesetVersion, facts, reclassifiedBy }: Evaluation,
  stored: {
    readonly rid: string;
    readonly seq: number;
    readonly hash: string;
    readonly keepUntilMs: number | undefined;
  },
): Omit<AuditEntry, 'body'> {
  const places = (facts['recipient.jurisdictions'] ?? []) as readonly string[];
  const rules = outcome.kind === 'send' ? reclassifiedBy : outcome.ruleIds;
  return {
    tenant: record.tenant,
    kind: 'decision',
    at_ms: record.atMs,
    subject: record.messageId,
    seq: stored.seq,
    recipient: stored.rid,
    outcome: outcome.kind,
    channel: record.channel,
    lane: record.lane,
    class: record.verdict?.class ?? null,
    place: places.length === 0 ? null : places.slice(0, MOST_PLACES).join(','),
    ruleset: rulesetVersion,
    rules: rules.length === 0 ? null : rules.join(','),
    keep_until_ms: stored.keepUntilMs ?? null,
    content_hash: stored.hash,
  };
}
