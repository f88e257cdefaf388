import type { Keyring } from './keys/keyring.ts';
import { type OpenedDecision, openDecisions } from './record/open-decision.ts';
import { decisionsOf, messageHistory } from './store/messages.ts';
import type { AttemptOutcome, Db, Lane, MessageState } from './store/schema.ts';

/** A message as its sender may see it. Times are ISO 8601, UTC. */
export interface MessageView {
  readonly id: string;
  readonly state: MessageState;
  readonly lane: Lane;
  readonly channel: string;
  readonly from: string;
  readonly to: string;
  readonly category: string | null;
  readonly reason: string | null;
  readonly acceptedAt: string;
  readonly sendAt: string | null;
  readonly expiresAt: string | null;
  /** When a deferred, scheduled or retried message is taken up again. */
  readonly dueAt: string | null;
  readonly timeline: readonly { readonly at: string; readonly type: string; readonly data: unknown }[];
  readonly attempts: readonly {
    readonly attempt: number;
    readonly provider: string;
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly outcome: AttemptOutcome | null;
    readonly providerRef: string | null;
    readonly errorCode: string | null;
    readonly errorDetail: string | null;
  }[];
}

/** A decision, with its record as far as it can still be read. */
export type DecisionView = OpenedDecision & { readonly seq: number; readonly outcome: string };

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));

/** One message with its timeline and attempts, or undefined. */
export async function viewMessage(db: Db, tenant: string, id: string): Promise<MessageView | undefined> {
  const history = await messageHistory(db, tenant, id);
  if (!history) return undefined;
  const { message, events, attempts } = history;
  return {
    id,
    state: message.state,
    lane: message.lane,
    channel: message.channel,
    from: message.sender,
    to: message.recipient,
    category: message.claim,
    reason: message.reason,
    acceptedAt: iso(message.accepted_at_ms),
    sendAt: isoOrNull(message.send_at_ms),
    expiresAt: isoOrNull(message.expires_at_ms),
    dueAt: isoOrNull(message.due_at_ms),
    timeline: events.map((event) => ({
      at: iso(event.at_ms),
      type: event.type,
      data: event.data === null ? null : (JSON.parse(event.data) as unknown),
    })),
    attempts: attempts.map((attempt) => ({
      attempt: attempt.attempt,
      provider: attempt.provider,
      startedAt: iso(attempt.started_at_ms),
      endedAt: isoOrNull(attempt.ended_at_ms),
      outcome: attempt.outcome,
      providerRef: attempt.provider_ref,
      errorCode: attempt.error_code,
      errorDetail: attempt.error_detail,
    })),
  };
}

/** Every decision taken on a message, oldest first; empty when none was. */
export async function viewDecisions(
  keyring: Keyring,
  db: Db,
  tenant: string,
  id: string,
): Promise<DecisionView[]> {
  const rows = await decisionsOf(db, tenant, id);
  const opened = await openDecisions(keyring, db, rows);
  return rows.map(({ seq, outcome }, i) => ({ ...opened[i]!, seq, outcome }));
}
