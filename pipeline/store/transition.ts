import { sql } from 'kysely';
import type { AuditEntry } from '../audit/entry.ts';
import { appendFrom, type Writers } from '../audit/writers.ts';
import { AGAIN, BUMP, type Reservation } from './caps.ts';
import type { ContactMark } from './contacts.ts';
import { sparseRecordset } from './recordset.ts';
import type { AttemptOutcome, Db, Lane, MessageState } from './schema.ts';

/** One step of one message's life, with everything that must become durable together with it. */
export interface Transition {
  readonly tenant: string;
  readonly id: string;
  /** The version that the step was decided on; if the message has moved since, the step does not happen. */
  readonly version: number;
  readonly to: MessageState;
  readonly lane: Lane;
  readonly atMs: number;
  readonly reason?: string;
  readonly dueAtMs?: number;
  readonly leaseUntilMs?: number;
  /** JSON of the classifier's verdict; set once. */
  readonly verdict?: string;
  readonly sentAtMs?: number;
  /** The message was classified on the way to this step: an event of its own, before that of the step. */
  readonly classified?: { readonly data: string; readonly verdict?: string };
  /** Name of the timeline event; `data` is its JSON. */
  readonly event: string;
  readonly data?: string;
  /** A judgement, with its entry in the audit trail. */
  readonly decision?: {
    readonly outcome: string;
    readonly hash: string;
    readonly record: string;
    readonly entry?: Omit<AuditEntry, 'body'> & { readonly entry_hash: string };
  };
  /** An attempt about to be made. */
  readonly opens?: { readonly attempt: number; readonly provider: string; readonly providerKey: string };
  /** How an attempt ended. */
  readonly closes?: {
    readonly attempt: number;
    readonly outcome: AttemptOutcome;
    readonly providerRef?: string;
    readonly code?: string;
    readonly detail?: string;
  };
  /**
   * Counters of frequency rules that this message counts under from now on. The step happens only if none of them
   * has changed since it was read.
   */
  readonly reserves?: readonly Reservation[];
  /** The step happens only if nothing was heard of the recipient after this. */
  readonly mark?: ContactMark;
  /** It did not go out: it counts under none. */
  readonly frees?: boolean;
  /** Becomes a dead letter. */
  readonly dies?: {
    readonly code: string;
    readonly detail: string;
    readonly attempts: number;
    /** Who was called last. */
    readonly provider?: string;
    /** Attempts used up, not refused for good: another time it might go. */
    readonly transient?: boolean;
  };
}

const COLUMNS = {
  ord: 'integer',
  tenant: 'text',
  id: 'text',
  version: 'integer',
  to: 'text',
  lane: 'text',
  at_ms: 'bigint',
  reason: 'text',
  due_at_ms: 'bigint',
  lease_until_ms: 'bigint',
  verdict: 'text',
  sent_at_ms: 'bigint',
  classified: 'text',
  event: 'text',
  data: 'text',
  outcome: 'text',
  hash: 'text',
  record: 'text',
  judged_at_ms: 'bigint',
  judged_recipient: 'text',
  judged_channel: 'text',
  judged_lane: 'text',
  judged_class: 'text',
  judged_place: 'text',
  judged_ruleset: 'text',
  judged_rules: 'text',
  keep_until_ms: 'bigint',
  entry_hash: 'text',
  opens: 'integer',
  provider: 'text',
  provider_key: 'text',
  closes: 'integer',
  attempt_outcome: 'text',
  provider_ref: 'text',
  error_code: 'text',
  error_detail: 'text',
  reserves: 'text',
  seen_consent: 'bigint',
  seen_suppression: 'bigint',
  frees: 'boolean',
  death_code: 'text',
  death_detail: 'text',
  death_attempts: 'integer',
  death_provider: 'text',
  death_transient: 'boolean',
} as const;

const TOLD = sql`
  insert into events (tenant, message_id, type, at_ms, data)
  select tenant, id, event, at_ms, data from w order by ord`;
const TOLD_CLASSIFIED = sql`
  insert into events (tenant, message_id, type, at_ms, data)
  select w.tenant, w.id, e.type, w.at_ms, e.data
  from w, lateral (values (0, 'classified', w.classified), (1, w.event, w.data)) as e (n, type, data)
  where e.n = 1 or w.classified is not null order by w.ord, e.n`;
const DECISIONS = sql`,
  decided as (
    insert into decisions (tenant, message_id, seq, outcome, hash, record, created_at_ms)
    select tenant, id, version, outcome, hash, record, coalesce(judged_at_ms, at_ms) from w where record is not null
  )`;
/** What the steps that happened add to the audit trail. */
const JUDGED = sql`(
  select ord, tenant, 'decision'::text as kind, judged_at_ms as at_ms, id as subject, version as seq,
    judged_recipient as recipient, outcome, judged_channel as channel, judged_lane as lane, judged_class as class,
    judged_place as place, judged_ruleset as ruleset, judged_rules as rules, keep_until_ms, hash as content_hash,
    null::text as body, entry_hash
  from w where entry_hash is not null
)`;
const OPENED = sql`,
  opened as (
    insert into attempts (tenant, message_id, attempt, provider, provider_key, started_at_ms)
    select tenant, id, opens, provider, provider_key, at_ms from w where opens is not null
  )`;
const CLOSED = sql`,
  closed as (
    update attempts a set ended_at_ms = w.at_ms, outcome = w.attempt_outcome, provider_ref = w.provider_ref,
      error_code = w.error_code, error_detail = w.error_detail
    from w where a.tenant = w.tenant and a.message_id = w.id and a.attempt = w.closes
  )`;
const DIED = sql`,
  died as (
    insert into dead_letters (tenant, message_id, death, code, detail, lane, attempts, at_ms, provider, transient)
    select tenant, id, version, death_code, death_detail, lane, death_attempts, at_ms, death_provider,
      coalesce(death_transient, false)
    from w where death_code is not null
  )`;
const RESERVED = sql`,
  reserved as (
    insert into cap_reservations (tenant, key, message_id, at_ms, weight, value)
    select distinct on (w.tenant, p.key, w.id) w.tenant, p.key, w.id, w.at_ms, coalesce(p.weight, 1), p.value
    from w join places p on p.ord = w.ord order by w.tenant, p.key, w.id
    ${AGAIN}
  )`;
/** Places that steps want, the counters that could be moved on, and the steps that got all of theirs. */
const PLACES = sql`
  places as materialized (
    select s.ord, s.tenant, r.key, r.version, r.weight, r.value from steps s,
      json_to_recordset(s.reserves::json) as r(key text, version bigint, weight integer, value text)
    where s.reserves is not null
  ),
  bumped as (with x as (select tenant, key, version from places) ${BUMP}),
  x as materialized (
    select * from steps s where not exists (
      select 1 from places p left join bumped b on b.tenant = p.tenant and b.key = p.key
      where p.ord = s.ord and b.key is null
    )
  ),`;
const AS_THEY_ARE = sql`x as (select * from steps),`;
const FREED = sql`,
  freed as (
    delete from cap_reservations c using w where w.frees and c.tenant = w.tenant and c.message_id = w.id
  )`;
/** An opt-out that was stored after the rules were asked keeps the message in the house. */
const UNHEARD = sql`
  and not exists (
    select 1 from suppressions s
    where s.tenant = m.tenant and s.recipient = m.recipient and s.seq > x.seen_suppression
  )
  and not exists (
    select 1 from consent_events c
    where c.tenant = m.tenant and c.recipient = m.recipient and c.seq > x.seen_consent
  )`;
const NOTHING = sql``;

/**
 * Takes many steps in one statement, so in one transaction. Steps whose message has moved on in the meantime
 * do not happen, nor do those whose counters have; the others do, each with its event, decision, attempt and dead
 * letter.
 *
 * @param writers chains of the audit trail, which the decisions join in the same statement
 * @returns ids of the messages that took their step
 */
export async function takeSteps(
  db: Db,
  steps: readonly Transition[],
  writers?: Writers,
): Promise<Set<string>> {
  if (steps.length === 0) return new Set();
  if (!writers || !steps.some((step) => step.decision?.entry)) return take(db, steps, undefined);
  return writers.with((writer) => take(db, steps, writer));
}

async function take(db: Db, steps: readonly Transition[], writer: string | undefined): Promise<Set<string>> {
  const rows = steps.map((step, ord) => ({
    ord,
    tenant: step.tenant,
    id: step.id,
    version: step.version,
    to: step.to,
    lane: step.lane,
    at_ms: step.atMs,
    reason: step.reason,
    due_at_ms: step.dueAtMs,
    lease_until_ms: step.leaseUntilMs,
    verdict: step.classified?.verdict ?? step.verdict,
    classified: step.classified?.data,
    sent_at_ms: step.sentAtMs,
    event: step.event,
    data: step.data,
    outcome: step.decision?.outcome,
    hash: step.decision?.hash,
    record: step.decision?.record,
    ...judgedOf(step.decision?.entry),
    opens: step.opens?.attempt,
    provider: step.opens?.provider,
    provider_key: step.opens?.providerKey,
    closes: step.closes?.attempt,
    attempt_outcome: step.closes?.outcome,
    provider_ref: step.closes?.providerRef,
    error_code: step.closes?.code,
    error_detail: step.closes?.detail,
    reserves: step.reserves && step.reserves.length > 0 ? JSON.stringify(step.reserves) : undefined,
    seen_consent: step.mark?.consent,
    seen_suppression: step.mark?.suppression,
    frees: step.frees,
    death_code: step.dies?.code,
    death_detail: step.dies?.detail,
    death_attempts: step.dies?.attempts,
    death_provider: step.dies?.provider,
    death_transient: step.dies?.transient,
  }));
  const reserving = steps.some((step) => step.reserves && step.reserves.length > 0);
  const won = await sql<{ id: string }>`
    with steps as materialized (${sparseRecordset(COLUMNS, rows)}),
    ${reserving ? PLACES : AS_THEY_ARE}
    won as (
      update messages m set state = x.to, version = m.version + 1, lane = x.lane, reason = x.reason,
        due_at_ms = x.due_at_ms, lease_until_ms = x.lease_until_ms, verdict = coalesce(x.verdict, m.verdict),
        sent_at_ms = coalesce(x.sent_at_ms, m.sent_at_ms), attempts = coalesce(x.opens, m.attempts),
        updated_at_ms = x.at_ms
      from x where m.tenant = x.tenant and m.id = x.id and m.version = x.version
        ${steps.some((step) => step.mark) ? UNHEARD : NOTHING}
      returning m.tenant, m.id
    ),
    w as (select x.* from x join won on won.tenant = x.tenant and won.id = x.id),
    told as (${steps.some((step) => step.classified) ? TOLD_CLASSIFIED : TOLD})
    ${steps.some((step) => step.decision) ? DECISIONS : NOTHING}
    ${writer === undefined ? NOTHING : sql`, ${appendFrom(writer, JUDGED)}`}
    ${steps.some((step) => step.opens) ? OPENED : NOTHING}
    ${steps.some((step) => step.closes) ? CLOSED : NOTHING}
    ${steps.some((step) => step.dies) ? DIED : NOTHING}
    ${reserving ? RESERVED : NOTHING}
    ${steps.some((step) => step.frees) ? FREED : NOTHING}
    select id from won`.execute(db);
  return new Set(won.rows.map((row) => row.id));
}

function judgedOf(entry: NonNullable<Transition['decision']>['entry']): Record<string, unknown> {
  if (!entry) return {};
  return {
    judged_at_ms: entry.at_ms,
    judged_recipient: entry.recipient,
    judged_channel: entry.channel,
    judged_lane: entry.lane,
    judged_class: entry.class,
    judged_place: entry.place,
    judged_ruleset: entry.ruleset,
    judged_rules: entry.rules,
    keep_until_ms: entry.keep_until_ms,
    entry_hash: entry.entry_hash,
  };
}
